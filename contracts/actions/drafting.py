"""Two members begin a contract and edit its text."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _, ngettext

from accounts import clock, notices
from accounts.clock import Now
from accounts.models import User
from accounts.rules import PRESSED_TWICE, Refused, constraints_speak
from contracts import beginnings, draft
from contracts.actions.holding import FAMILY, LASTS, agree, hold, hold_for_us, note, record, settle, tell
from contracts.broadcasts import look_again
from contracts.document import FIXED, MOST, Content, parse_key
from contracts.lifecycle import HALF_SIGNED, Move, Side, State
from contracts.models import AuditEvent, Contract, DraftSnapshot, DraftUpdate, Event
from matching.lifecycle import State as IntroductionState
from matching.models import Introduction

EDITED_AFTER = dt.timedelta(minutes=30)
MOST_BEGUN_A_DAY = 5
LOG_STAYS = dt.timedelta(days=91)
"""How long the updates of a contract that has ended are kept: longer than the database insists on."""
MOST_EDITS_AN_HOUR = 500


def start(*, by: User, introduction_id: int) -> Contract:
    """Begin a draft with what both profiles say; return it, or the one that the two have already.

    Raises Introduction.DoesNotExist for who does not see it, Refused while the two have not both said yes.
    """
    with constraints_speak(), transaction.atomic():
        introduction = Introduction.objects.visible_to(by).get(pk=introduction_id)
        # Whoever starts second, at the same moment, waits here and finds what the first began.
        introduction = Introduction.objects.select_for_update(of=("self",), no_key=True).get(pk=introduction.pk)
        first, second = introduction.inviter, introduction.invited
        if found := Contract.objects.open().of(first).of(second).first():
            return found
        if introduction.state != IntroductionState.ACCEPTED:
            raise Refused(not_yet())
        lately = Contract.objects.of(first).of(second).filter(started_at__gt=clock.now() - dt.timedelta(days=1))
        if lately.count() >= MOST_BEGUN_A_DAY:
            raise Refused(_("You two have begun several drafts today. Talk it over, and begin another tomorrow."))
        contract = Contract.objects.create(
            introduction=introduction,
            first=first,
            second=second,
            first_name=first.profile.name,
            second_name=second.profile.name,
        )
        draft.replace(contract, beginnings.parts_for(introduction, today=clock.local().date()), by=None)
        Contract.objects.filter(pk=contract.pk).update(first_has_seen=contract.head, second_has_seen=contract.head)
        side = contract.side_of(by)
        event = record(contract, Event.Kind.STARTED, by=side)
        tell(contract, "started", to=side.other, event=event)
        return contract


def not_yet() -> str:
    return _("You can write a contract once you have both said that you want to talk.")


def change_part(*, by: User, contract_id: int, key: str, content: Content, base: int) -> None:
    """Change a part that was shown as its edit `base`.

    A signature on the text is void from now on. Raises draft.Stale when the other changed the part meanwhile.
    """
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        if draft.unchanged(contract, key, content, base=base):
            return
        _edit(contract, side)
        _write(contract, key, content, by=side, base=base)


def add_part(*, by: User, contract_id: int, kind: str, content: Content, side: Side | None = None) -> str:
    """Add something that a party has or needs, or a commitment; return its key.

    The very same said again within seconds is a button pressed twice: it is there already.
    """
    with transaction.atomic():
        contract, me = hold(by=by, contract_id=contract_id)
        since = clock.now() - PRESSED_TWICE
        if twin := draft.just_added(contract, kind, content, by=me, side=side, since=since):
            return twin
        there = sum(1 for key in map(parse_key, draft.contents(contract)) if key.kind == kind and key.side == side)
        if there >= MOST[kind]:
            raise Refused(
                ngettext("There is room for %(most)s.", "There is room for %(most)s. Take one out first.", MOST[kind])
                % {"most": MOST[kind]}
            )
        _edit(contract, me)
        key = draft.add(contract, kind, content, by=me, side=side).key
        _note_change(contract, key, by=me)
        return key


def remove_part(*, by: User, contract_id: int, key: str) -> None:
    """Take an entry of a list out. Doing it twice changes nothing."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        current = draft.part(contract, key)
        if current is None or current.content is None or key in FIXED:
            return
        _edit(contract, side)
        _write(contract, key, None, by=side, base=current.number)


def restore_part(*, by: User, contract_id: int, key: str) -> None:
    """Bring back what was taken out, as it was."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        current = draft.part(contract, key)
        if current is None or current.content is not None:
            return
        _edit(contract, side)
        _write(contract, key, draft.last_content(contract, key), by=side, base=current.number)


def set_elsewhere(*, by: User, contract_id: int, key: str, is_elsewhere: bool) -> None:
    """Say of a need that its owner will find it elsewhere, or that they will not."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        current = draft.part(contract, key)
        if current is None or current.content is None:
            raise Refused(_("That need was taken out meanwhile."))
        content: Mapping[str, str] = {**current.content, "elsewhere": "yes" if is_elsewhere else ""}
        if content == current.content:
            return
        _edit(contract, side)
        _write(contract, key, content, by=side, base=current.number)


def catch_up(contract_id: int) -> None:
    """Read what was typed since anybody last looked. May run twice."""
    with transaction.atomic():
        contract = hold_for_us(contract_id)
        if contract is not None:
            settle(contract)


def catch_up_all() -> int:
    """Read what was typed in drafts that nobody has looked at since; return how many there were."""
    behind = Contract.objects.open().filter(head__gt=F("read_head")).values_list("pk", flat=True)
    for contract_id in list(behind):
        catch_up(contract_id)
    return len(behind)


def forget_old_logs() -> int:
    """Three months after a contract has ended its keystrokes go; what its parts said, and what was signed, stays."""
    long_over = Contract.objects.filter(ended_at__lt=Now() - LOG_STAYS, read_head__gte=F("head"))
    DraftSnapshot.objects.filter(contract__in=long_over).delete()
    deleted, _each = DraftUpdate.objects.filter(contract__in=long_over).delete()
    return int(deleted)


def look(*, by: User, contract_id: int, head: int) -> None:
    """Note that a party has looked at everything up to the change `head`."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        seen = min(max(head, contract.has_seen(side)), contract.head)
        Contract.objects.filter(pk=contract.pk).update(**{f"{side.value}_has_seen": seen})


def _edit(contract: Contract, side: Side) -> None:
    """Make ready for an edit of the party `side`: a signature on the text is void, and its owner hears of it."""
    to = agree(contract, Move.EDIT, side)
    if draft.count_edits(contract, by=side, since=clock.now() - dt.timedelta(hours=1)) >= MOST_EDITS_AN_HOUR:
        raise Refused(_("You have changed a great deal in this hour. What you did is saved; go on a little later."))
    if contract.state in HALF_SIGNED:
        void_signature(contract, to, by=side)
    tell_of_edits(contract, to=side.other)


def _write(contract: Contract, key: str, content: Content | None, *, by: Side, base: int) -> None:
    draft.write(contract, key, content, by=by, base=base)
    _note_change(contract, key, by=by)


def _note_change(contract: Contract, key: str, *, by: Side) -> None:
    """What was written is in the draft's log, and goes with it; the trail says which part. Open tabs show it."""
    look_again(contract.pk)
    note(contract, AuditEvent.Kind.CHANGED, by=by, part=key)


def void_signature(contract: Contract, to: State, *, by: Side) -> None:
    signer = contract.signer_side
    assert signer is not None
    version = contract.open_version
    contract.state, contract.open_version, contract.signer = to, None, ""
    contract.save(update_fields=["state", "open_version", "signer"])
    event = record(contract, Event.Kind.SIGNATURE_VOIDED, by=by, version=version)
    if signer is not by:
        tell(contract, "voided", to=signer, event=event)


def tell_of_edits(contract: Contract, *, to: Side) -> None:
    """One mail, a while after the first edit that they have not looked at; not more than one a day."""
    member = contract.member(to)
    if member is None:
        return
    now = clock.now()
    notices.queue(
        key=f"{FAMILY}:{contract.pk}:edited:{member.pk}:{contract.has_seen(to)}:{now:%Y-%m-%d}",
        kind=f"{FAMILY}:edited",
        address=member.email,
        member=member,
        context={"contract": contract.pk, "seen": contract.has_seen(to)},
        due_at=now + EDITED_AFTER,
        lasts=LASTS,
    )
