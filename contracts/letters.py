"""The mails about a contract. Each reads the truth again when it is sent."""

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Letter
from accounts.models import Notice
from accounts.models.mail import Sort
from accounts.notices import Attachment, Unwanted
from contracts.canonical import document_in
from contracts.lifecycle import EDITED, HALF_SIGNED, Side, State
from contracts.models import Comment, Contract, Event, SealedFile, StretchReview, Version
from contracts.readable import plain
from contracts.stretches import stretch_of


def render_contract_mail(notice: Notice) -> Letter:
    """Render a notice of the family `contract`. Raises Unwanted when what it tells is not so any more."""
    kind = notice.kind.partition(":")[2]
    contract = (
        Contract.objects.select_related("version_in_force", "open_version")
        .filter(pk=notice.context["contract"])
        .first()
    )
    member = notice.member
    if contract is None or member is None or not Contract.objects.visible_to(member).filter(pk=contract.pk).exists():
        raise Unwanted
    side = contract.side_of(member)
    name = contract.called(side.other)
    if kind == "waiting":
        return _waiting(contract, notice.context["version"], name, is_signer=contract.signer_side is side)
    if kind == "edited":
        return _edited(contract, notice.context["seen"], has_seen=contract.has_seen(side), name=name)
    if kind == "commented":
        return _commented(contract, side, name)
    if kind == "stretch":
        return _stretch(contract, notice.context["version"], side, name)
    if kind == "sealed":
        return _sealed(contract, notice.context["version"], name)
    event = Event.objects.select_related("version").filter(contract=contract, number=notice.context["event"]).first()
    if event is None:
        raise Unwanted
    return LETTERS[kind](contract, event, name)


def _reason(name: str) -> str:
    return _("You get this because you and %(name)s are writing a contract, or have one.") % {"name": name}


def _page(contract: Contract) -> str:
    return reverse("contract", args=[contract.pk])


def _letter(
    contract: Contract, name: str, *, subject: str, heading: str, paragraphs: tuple[str, ...], label: str
) -> Letter:
    return Letter(subject, heading, paragraphs, (label, _page(contract)), _reason(name))


def _has_since(contract: Contract, event: Event, *kinds: Event.Kind, by: Side | None = None) -> bool:
    """Whether one of these has happened after the event, by that party if one is named."""
    later = Event.objects.filter(contract=contract, number__gt=event.number, kind__in=kinds)
    return (later.filter(by=by) if by else later).exists()


def _edited(contract: Contract, seen: int, *, has_seen: int, name: str) -> Letter:
    if has_seen != seen or contract.state not in EDITED:
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s changed your contract") % words,
        heading=_("Your contract has moved on"),
        paragraphs=(
            _("%(name)s has changed the draft of your contract since you last looked.") % words,
            _("Nothing is agreed before you have both signed."),
        ),
        label=_("See what changed"),
    )


def _commented(contract: Contract, side: Side, name: str) -> Letter:
    count = Comment.objects.open().unseen_by(side).filter(contract=contract).count()
    if not count or not contract.is_open:
        raise Unwanted
    words = {"name": name, "count": count}
    return _letter(
        contract,
        name,
        subject=_("%(name)s commented on your contract") % words,
        heading=ngettext("A comment on your contract", "%(count)s comments on your contract", count) % words,
        paragraphs=(
            ngettext(
                "%(name)s has said something about your contract at which you have not looked yet.",
                "%(name)s has said %(count)s things about your contract at which you have not looked yet.",
                count,
            )
            % words,
            _("Comments are for the two of you. They are no part of what you sign."),
        ),
        label=_("Read and answer"),
    )


def _waiting(contract: Contract, version_id: int, name: str, *, is_signer: bool) -> Letter:
    if contract.state not in HALF_SIGNED or contract.open_version_id != version_id or is_signer:
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s has signed, and waits for you") % words,
        heading=_("Your contract is waiting for you"),
        paragraphs=(
            _("%(name)s signed your contract some days ago. Read it in peace, and sign it if it is what you agreed.")
            % words,
            _("If something is not right yet, change it, or write to %(name)s about it.") % words,
        ),
        label=_("Read and sign"),
    )


def _stretch(contract: Contract, version_id: int, side: Side, name: str) -> Letter:
    """The stretch ends: how did it go, and what next? Not asked of who has said so already."""
    version = contract.version_in_force
    if version is None or version.pk != version_id or not contract.is_in_force:
        raise Unwanted
    if StretchReview.objects.filter(version=version, side=side).exists():
        raise Unwanted
    last_on = stretch_of(document_in(version.text)["rhythm"]).last_on
    words = {"name": name, "day": date_format(last_on, _("l j F"))}
    return Letter(
        subject=_("Your stretch with %(name)s ends on %(day)s") % words,
        heading=_("How did it go, and what next?"),
        paragraphs=(
            _("The stretch that you and %(name)s agreed on ends on %(day)s.") % words,
            _("Look back on it in a few lines. %(name)s does the same, and you read each other’s together.") % words,
            _("Then go on for another stretch, change something, say that the goal is met, or let it end here."),
        ),
        button=(_("Look back"), reverse("contract_review", args=[contract.pk])),
        reason=_reason(name),
    )


def _started(contract: Contract, event: Event, name: str) -> Letter:
    if contract.state not in EDITED | HALF_SIGNED:
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s has started your contract") % words,
        heading=_("Your contract, as a draft"),
        paragraphs=(
            _("%(name)s has started the contract between you two. It begins with what both of you have said.") % words,
            _("You can both change everything. Nothing is agreed before you have both signed."),
        ),
        label=_("Open the draft"),
    )


def _signed(contract: Contract, event: Event, name: str) -> Letter:
    if contract.state not in HALF_SIGNED or contract.open_version != event.version:
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s has signed: your turn") % words,
        heading=_("%(name)s has signed your contract") % words,
        paragraphs=(
            _("Read it in peace. If it is what you agreed, sign it too, and it is in force."),
            _("If something is not right yet, change it: that makes the signature void, and %(name)s hears of it.")
            % words,
        ),
        label=_("Read and sign"),
    )


def _voided(contract: Contract, event: Event, name: str) -> Letter:
    signer = Side(event.by).other
    if not contract.is_open or _has_since(contract, event, Event.Kind.SIGNED, by=signer):
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s changed the text that you had signed") % words,
        heading=_("Your signature is void"),
        paragraphs=(
            _("%(name)s changed something after you signed. So your signature does not count any more.") % words,
            _("Look at what changed. If you agree, sign the new text."),
        ),
        label=_("See what changed"),
    )


def _signature_taken_back(contract: Contract, event: Event, name: str) -> Letter:
    if contract.state not in EDITED:
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s took the signature back") % words,
        heading=_("%(name)s would like to think again") % words,
        paragraphs=(_("The text is as it was, and you can both change it. It can be signed again at any time."),),
        label=_("Open the draft"),
    )


def _taken_back(contract: Contract, event: Event, name: str) -> Letter:
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s took the draft of your contract back") % words,
        heading=_("Not this time"),
        paragraphs=(
            _("%(name)s has taken the draft back. It happens, and says nothing about you.") % words,
            _("You can still read it, and you can go on talking."),
        ),
        label=_("Open the contract"),
    )


def _in_force(contract: Contract, event: Event, name: str) -> Letter:
    if event.version is None:
        raise Unwanted
    words = {"name": name, "number": event.version.number}
    return Letter(
        subject=_("Your contract with %(name)s is in force") % words,
        heading=_("You have both signed"),
        paragraphs=(
            _("The contract between you and %(name)s is in force. This is what you both signed.") % words,
            _("Fingerprint of version %(number)s (SHA-256): ") % words + event.version.sha256,
        ),
        button=(_("Open the signed contract"), reverse("version", args=[contract.pk, event.version.number])),
        reason=_reason(name),
        document=plain(event.version.text),
    )


def _sealed(contract: Contract, version_id: int, name: str) -> Letter:
    version = Version.objects.filter(contract=contract, pk=version_id, sealed__isnull=False).first()
    if version is None:
        raise Unwanted
    words = {"name": name, "number": version.number}
    return Letter(
        subject=_("Your signed copy of the contract with %(name)s") % words,
        heading=_("Your signed copy"),
        paragraphs=(
            _("The contract that you and %(name)s have signed comes with this mail, as a sealed PDF. Keep it.") % words,
            _("It holds what you agreed, both signatures and what happened until then. A change breaks the seal."),
            _("Anybody to whom you show it can verify it, without an account: %(address)s")
            % {"address": f"{settings.SITE_URL}{reverse('verify')}"},
        ),
        button=(_("Open the signed contract"), reverse("version", args=[contract.pk, version.number])),
        reason=_reason(name),
    )


def signed_copy(notice: Notice) -> Attachment | None:
    """Return the sealed PDF that goes with its mail."""
    found = SealedFile.objects.filter(version=notice.context["version"], version__contract=notice.context["contract"])
    sealed = found.select_related("version").first()
    if sealed is None:
        return None
    return Attachment(file_name(sealed.version), bytes(sealed.pdf), "application/pdf")


def file_name(version: Version) -> str:
    """What a sealed copy is called as a file."""
    return f"contract-{version.contract_id}-version-{version.number}.pdf"


def _amending(contract: Contract, event: Event, name: str) -> Letter:
    is_over = _has_since(contract, event, Event.Kind.AMENDMENT_TAKEN_BACK, Event.Kind.IN_FORCE)
    if is_over or contract.state not in {State.AMENDING, State.AMENDMENT_SIGNED_BY_ONE}:
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s would like to change your contract") % words,
        heading=_("An amendment, as a draft"),
        paragraphs=(
            _("%(name)s has begun an amendment. What you both signed holds until you have both signed the next.")
            % words,
        ),
        label=_("Open the draft"),
    )


def _renewing(contract: Contract, event: Event, name: str) -> Letter:
    said = _amending(contract, event, name)
    words = {"name": name}
    return replace(
        said,
        subject=_("%(name)s would like to go on with you") % words,
        heading=_("Another stretch, as a draft"),
        paragraphs=(
            _("%(name)s has begun another stretch with you: the same text, with dates that are still to come.") % words,
            _("Change what you like together. It begins when you have both signed it."),
        ),
    )


def _amendment_taken_back(contract: Contract, event: Event, name: str) -> Letter:
    if contract.state != State.IN_FORCE or _has_since(contract, event, Event.Kind.IN_FORCE):
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s took the amendment back") % words,
        heading=_("Your contract stays as it is"),
        paragraphs=(_("%(name)s has taken the amendment back. What you both signed goes on.") % words,),
        label=_("Open the contract"),
    )


def _said_done(contract: Contract, event: Event, name: str) -> Letter:
    if not contract.is_in_force or contract.said_done != event.by:
        raise Unwanted
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s says that you are there") % words,
        heading=_("Are you there?"),
        paragraphs=(
            _("%(name)s says that the goal of your contract is met. If you say so too, the contract is done.") % words,
        ),
        label=_("Open the contract"),
    )


def _done(contract: Contract, event: Event, name: str) -> Letter:
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("Your contract with %(name)s is done") % words,
        heading=_("You got there"),
        paragraphs=(
            _("You and %(name)s have both said that the goal is met. Well done, both of you.") % words,
            _("What you signed stays readable for both of you."),
        ),
        label=_("Open the contract"),
    )


def _parted(contract: Contract, event: Event, name: str) -> Letter:
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("Your contract with %(name)s has ended") % words,
        heading=_("Your contract has ended"),
        paragraphs=(
            _("%(name)s has ended the contract. Either of you could, at any time and without a reason.") % words,
            _("What you signed stays readable for both of you. Thank you for the time that you gave each other."),
        ),
        label=_("Open the contract"),
    )


def _fell_silent(contract: Contract, event: Event, name: str) -> Letter:
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("Your contract with %(name)s is closed, with thanks") % words,
        heading=_("Thank you, both of you"),
        paragraphs=(
            _("There was no word from you or %(name)s for a long while, so we have closed your contract.") % words,
            _("It happens to good people and good plans. Thank you for what you have given each other."),
            _("You are both free for somebody new now, and what you signed stays readable for both of you."),
            _("If you would like to begin again with %(name)s, write to each other: a new contract can follow.")
            % words,
        ),
        label=_("Open the contract"),
    )


def _left(contract: Contract, event: Event, name: str) -> Letter:
    words = {"name": name}
    return _letter(
        contract,
        name,
        subject=_("%(name)s has left Peermentor") % words,
        heading=_("%(name)s has left") % words,
        paragraphs=(
            _("%(name)s has left Peermentor, and your contract has ended with that.") % words,
            _("What you signed stays with you, whole."),
        ),
        label=_("Open the contract"),
    )


# What one has signed belongs into one's hands, and that it does not count any more has to be heard.
ALWAYS = {"in_force", "sealed", "voided"}


def sort_of(kind: str) -> Sort:
    """Return the sort of a kind of mail about a contract."""
    return Sort.ALWAYS if kind in ALWAYS else Sort.CONTRACTS


LETTERS: dict[str, Callable[[Contract, Event, str], Letter]] = {
    "started": _started,
    "signed": _signed,
    "voided": _voided,
    "signature_taken_back": _signature_taken_back,
    "taken_back": _taken_back,
    "in_force": _in_force,
    "amending": _amending,
    "renewing": _renewing,
    "amendment_taken_back": _amendment_taken_back,
    "said_done": _said_done,
    "done": _done,
    "parted": _parted,
    "fell_silent": _fell_silent,
    "left": _left,
}
