"""The two parties comment on the draft: say something about a part of it, resolve it, take it back."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock, notices
from accounts.clock import Now
from accounts.models import User
from accounts.rules import PRESSED_TWICE, Refused, constraints_speak
from contracts import draft
from contracts.actions.holding import FAMILY, LASTS, are_apart, hold, why_not
from contracts.document import FIELDS, parse_key
from contracts.lifecycle import Move, Side
from contracts.models import Comment, Contract

TOLD_AFTER = dt.timedelta(minutes=30)
MOST_OPEN = 200
MOST_AN_HOUR = 60
MAY_BE_TAKEN_BACK = dt.timedelta(minutes=15)
MAY_BE_PUT_BACK = dt.timedelta(hours=1)


def comment(*, by: User, contract_id: int, text: str, key: str = "", field: str = "") -> Comment:
    """Say something about a part, or one field of it; with an empty `key` about the whole. The other hears of it.

    The very same said again within seconds is a button pressed twice: it is there already.
    """
    with constraints_speak(), transaction.atomic():
        contract, side = _hold_open(by, contract_id)
        said = Comment.objects.filter(contract=contract, by=side, key=key, field=field, text=text).standing()
        if twin := said.filter(at__gt=clock.now() - PRESSED_TWICE).first():
            return twin
        if key:
            _check_place(contract, key, field)
        _check_room(contract)
        lately = Comment.objects.filter(contract=contract, by=side, at__gt=clock.now() - dt.timedelta(hours=1))
        if lately.count() >= MOST_AN_HOUR:
            raise Refused(_("You have commented a great deal in this hour. Perhaps it is time for a call?"))
        made = Comment.objects.create(contract=contract, key=key, field=field, by=side, text=text)
        _tell(contract, to=side.other)
        return made


def resolve(*, by: User, contract_id: int, comment_id: int) -> None:
    """Say that a comment is dealt with. It stays readable. Doing it twice changes nothing."""
    with transaction.atomic():
        contract, side = _hold_open(by, contract_id)
        Comment.objects.open().filter(contract=contract, pk=comment_id).update(resolved_at=Now(), resolved_by=side)


def reopen(*, by: User, contract_id: int, comment_id: int) -> None:
    """Say that a comment is not dealt with after all."""
    with transaction.atomic():
        contract, _side = _hold_open(by, contract_id)
        resolved = Comment.objects.standing().filter(contract=contract, pk=comment_id, resolved_at__isnull=False)
        if resolved.exists():
            _check_room(contract)
            resolved.update(resolved_at=None, resolved_by="")


def take_back(*, by: User, contract_id: int, comment_id: int) -> None:
    """Take one's own comment back, soon after it was written."""
    with transaction.atomic():
        contract, side = _hold_open(by, contract_id)
        mine = Comment.objects.standing().filter(contract=contract, pk=comment_id, by=side).first()
        if mine is None:
            return
        if not may_take_back(mine, side, clock.now()):
            raise Refused(_("It has stood there for a while, and the other may have read it. You can resolve it."))
        Comment.objects.filter(pk=mine.pk).update(taken_back_at=Now())


def put_back(*, by: User, contract_id: int, comment_id: int) -> None:
    """Put back what one has taken back, as it was."""
    with transaction.atomic():
        contract, side = _hold_open(by, contract_id)
        mine = Comment.objects.filter(contract=contract, pk=comment_id, by=side, taken_back_at__isnull=False)
        if mine.exists():
            _check_room(contract)
            mine.update(taken_back_at=None)


def look(*, by: User, contract: Contract, comment_ids: Iterable[int]) -> None:
    """Note that a party was shown these comments of the other. A second time it changes nothing."""
    side = contract.side_of(by)
    Comment.objects.unseen_by(side).filter(contract=contract, pk__in=list(comment_ids)).update(seen_at=Now())


def forget_taken_back() -> int:
    """Let go of what was taken back and cannot be put back any more; return how many comments those were."""
    long_ago = clock.now() - MAY_BE_PUT_BACK
    count, _each = Comment.objects.filter(taken_back_at__lt=long_ago).delete()
    return count


def may_take_back(one: Comment, side: Side, now: dt.datetime) -> bool:
    """Whether a party can take this comment back at the instant `now`."""
    return one.by == side and one.at > now - MAY_BE_TAKEN_BACK


def why_not_comment(contract: Contract) -> str:
    """Return why nobody can comment now, in a sentence; empty when both can."""
    return "" if contract.is_open else why_not(contract, Move.EDIT, Side.FIRST)


def _hold_open(by: User, contract_id: int) -> tuple[Contract, Side]:
    contract, side = hold(by=by, contract_id=contract_id)
    if refusal := why_not_comment(contract):
        raise Refused(refusal)
    if are_apart(contract):
        raise Refused(_("This contract has ended."))
    return contract, side


def _check_place(contract: Contract, key: str, field: str) -> None:
    """Raises Refused where the part is none, or has no such field, or was never there."""
    try:
        where = parse_key(key)
    except ValueError as error:
        raise Refused(_("There is no such part in the draft.")) from error
    if (field and field not in FIELDS[where.kind]) or (where.number is not None and not draft.part(contract, key)):
        raise Refused(_("There is no such part in the draft."))


def _check_room(contract: Contract) -> None:
    if Comment.objects.open().filter(contract=contract).count() >= MOST_OPEN:
        raise Refused(_("There are %(most)s open comments. Resolve some first.") % {"most": MOST_OPEN})


def _tell(contract: Contract, *, to: Side) -> None:
    """One mail, a while after the first comment at which they have not looked; not more than one a day."""
    member = contract.member(to)
    if member is None:
        return
    now = clock.now()
    seen = Comment.objects.filter(contract=contract, by=to.other, seen_at__isnull=False).order_by("-pk").first()
    since = seen.pk if seen else 0
    notices.queue(
        key=f"{FAMILY}:{contract.pk}:commented:{member.pk}:{since}:{now:%Y-%m-%d}",
        kind=f"{FAMILY}:commented",
        address=member.email,
        member=member,
        context={"contract": contract.pk},
        due_at=now + TOLD_AFTER,
        lasts=LASTS,
    )
