"""Two parties sign the same frozen text."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import text
from accounts.clock import Now
from accounts.models import User
from accounts.rules import Refused, constraints_speak
from contracts import draft
from contracts.actions import sealing
from contracts.actions.holding import agree, document, document_from, hold, missing_in, names, record, tell
from contracts.canonical import canonical, document_in, sha256
from contracts.differences import Difference, differences
from contracts.lifecycle import HALF_SIGNED, Move, Side
from contracts.models import Contract, Event, Signature, Version


@dataclass(frozen=True)
class Seen:
    """The text as the signer's own browser made it of its copy of the draft, and its hash."""

    sha256: str
    text: str


class TextChanged(Refused):
    """The text is not the one that was shown; `differences` says how, and nothing was signed."""

    def __init__(self, found: list[Difference]) -> None:
        super().__init__(_("The text has changed since you opened this page. Nothing was signed."))
        self.differences = found


def text_to_sign(contract: Contract) -> str:
    """Return the canonical text that a party would sign now: the frozen one if the other has signed.

    It is read from the updates themselves, not from what was made of them for pages.
    """
    if contract.open_version:
        return contract.open_version.text
    return canonical(document_from(contract, draft.contents_of_the_log(contract)))


def consent_words() -> str:
    """Return what signing means, as it is shown above the button and kept with the signature."""
    return "\n".join(
        (
            _("I have read this text, and it is what we agreed."),
            _("I mean to keep what I promise here, and to say so early if I cannot."),
            _("Either of us can end it at any time; what was signed stays readable for both of us."),
        )
    )


def sign(
    *,
    by: User,
    contract_id: int,
    shown_sha256: str,
    shown_head: int,
    typed_name: str,
    consent: str,
    seen: Seen | None = None,
    connection: Mapping[str, str] | None = None,
) -> Contract:
    """Sign the text whose SHA-256 was on the screen, as the draft stood at the change `shown_head`.

    With the second signature it is in force. Signing twice the same is signing once. `seen` is what the signer's
    browser holds, if it could say so: another text than ours is not signed. `connection` is the `address` and `browser`
    of the signer, only if they agreed that it is noted. Raises TextChanged, or Refused.
    """
    with constraints_speak(), transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        if _has_signed(contract, side, shown_sha256):
            return contract
        to = agree(contract, Move.SIGN, side)
        frozen = text_to_sign(contract)
        if sha256(frozen) != shown_sha256:
            shown = canonical(document(contract, upto=shown_head))
            raise TextChanged(differences(shown, frozen))
        if seen is not None and seen.sha256 != shown_sha256:
            raise TextChanged(_how_it_differs(seen, frozen))
        if refusal := why_not_yet(contract):
            raise Refused(refusal)
        _check_name(typed_name, name_in(frozen, side))
        version = contract.open_version or _freeze(contract, frozen)
        name = text.one_line(typed_name)
        Signature.objects.create(version=version, side=side, sha256=shown_sha256, typed_name=name, consent=consent)
        said = {"name": name, "sha256": shown_sha256, "consent": consent, **(connection or {})}
        if seen is not None:
            said["hashed_by"] = "browser"
        if to not in HALF_SIGNED:
            said["in_force"] = "yes"
        event = record(contract, Event.Kind.SIGNED, by=side, version=version, **said)
        contract.state = to
        if to in HALF_SIGNED:
            contract.open_version, contract.signer = version, side
            contract.save(update_fields=["state", "open_version", "signer"])
            tell(contract, "signed", to=side.other, event=event)
        else:
            _bring_into_force(contract, version)
        return contract


def _how_it_differs(seen: Seen, frozen: str) -> list[Difference]:
    """Return how the browser's text differs from ours; nothing when what it sent is not the text that it hashed."""
    if sha256(seen.text) != seen.sha256:
        return []
    try:
        return differences(seen.text, frozen)
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def why_not_yet(contract: Contract) -> str:
    """Return what the text lacks, or why it comes too late, in a sentence; empty when it can be signed."""
    missing = missing_in(contract, document(contract))
    return _("Something is still missing. %(what)s") % {"what": missing[0].sentence} if missing else ""


def take_back_signature(*, by: User, contract_id: int) -> None:
    """Take one's own signature back, while the other has not signed. The text stays, and can be signed anew."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        to = agree(contract, Move.TAKE_BACK_SIGNATURE, side)
        version = contract.open_version
        # The version is of an earlier head from now on: nobody can sign it.
        contract.state, contract.open_version, contract.signer = to, None, ""
        contract.head += 1
        contract.save(update_fields=["state", "open_version", "signer", "head"])
        event = record(contract, Event.Kind.SIGNATURE_TAKEN_BACK, by=side, version=version)
        tell(contract, "signature_taken_back", to=side.other, event=event)


def _has_signed(contract: Contract, side: Side, shown_sha256: str) -> bool:
    """Whether this is a second press of the button."""
    if contract.open_version and contract.signer_side is side:
        return contract.open_version.sha256 == shown_sha256
    held = contract.version_in_force
    return bool(
        held
        and not contract.open_version
        and held.sha256 == shown_sha256
        and Signature.objects.filter(version=held, side=side).exists()
    )


def _check_name(typed: str, name: str) -> None:
    if text.key(typed) != text.key(name):
        raise Refused(_("Type your name as it stands in the contract: %(name)s.") % {"name": name})


def name_in(frozen: str, side: Side) -> str:
    """Return what a party is called in a text: they may have taken another name since the other signed it."""
    return next(str(party["name"]) for party in document_in(frozen)["parties"] if party["side"] == side.value)


def _freeze(contract: Contract, frozen: str) -> Version:
    last = contract.versions.order_by("-number").values_list("number", flat=True).first()
    return Version.objects.create(
        contract=contract, number=(last or 0) + 1, head=contract.head, text=frozen, sha256=sha256(frozen)
    )


def _bring_into_force(contract: Contract, version: Version) -> None:
    called = names(contract)
    contract.version_in_force, contract.open_version, contract.signer = version, None, ""
    contract.first_name, contract.second_name = called[Side.FIRST], called[Side.SECOND]
    contract.said_done = ""
    fields = ["state", "version_in_force", "open_version", "signer", "first_name", "second_name", "said_done"]
    contract.in_force_at = Now()
    contract.save(update_fields=[*fields, "in_force_at"])
    event = record(contract, Event.Kind.IN_FORCE, version=version)
    for side in Side:
        tell(contract, "in_force", to=side, event=event)
    sealing.ask_for(version)
