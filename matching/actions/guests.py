"""What happens to a card from the other end: it is opened, answered by somebody without an account, and used.

What a guest typed is kept in a GuestSide; `join` makes it theirs once they have an account with a confirmed address.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import get_language, gettext as _, gettext_lazy

from accounts import clock, text
from accounts.actions.choosing import Choice, meant_by_anybody
from accounts.actions.goals import set_goal
from accounts.actions.listings import add_listing
from accounts.clock import Now
from accounts.models import Goal, Notice, User
from accounts.models.goals import Horizon
from accounts.models.listings import Side
from accounts.rules import Refused, constraints_speak
from matching.actions.cards import LETTER, ON_THEIR_WAY, refuse_unless, stop_mails
from matching.actions.introductions import meet, refuse_whom_nobody_knows
from matching.actions.pairs import lock_pair
from matching.card_lifecycle import Verb
from matching.models import Card, GuestSide, Introduction

NOT_VALID = gettext_lazy("This card is not valid any more.")
SIDE_STAYS = dt.timedelta(days=7)
MOST_A_SIDE = 5
MOST_ANSWERING = 20
ENDED_STAYS = dt.timedelta(days=90)


def open_card(*, card: Card) -> None:
    """Note when the link was looked at first."""
    if card.opened_at is None:
        Card.objects.filter(pk=card.pk, seed=card.seed, opened_at__isnull=True).update(opened_at=Now())


def begin_side(*, card_id: int, seed: str) -> GuestSide:
    """Begin the answer of somebody who came by the link with this seed."""
    with transaction.atomic():
        card = Card.objects.shown().select_for_update(of=("self",), no_key=True).filter(pk=card_id, seed=seed).first()
        if card is None:
            raise Refused(str(NOT_VALID))
        if card.sides.count() >= MOST_ANSWERING:
            raise Refused(_("Many people are answering this card already. Ask for a card of your own."))
        return GuestSide.objects.create(card=card, seed=seed, expires_at=card.expires_at + SIDE_STAYS)


def say_goal(*, side_id: int, name: str, goal: str) -> None:
    """Keep what the guest is called and what they want."""
    with transaction.atomic():
        side = _hold_side(side_id)
        side.name, side.goal = name, goal
        side.save(update_fields=["name", "goal"])


def add_to_side(
    *,
    side_id: int,
    side: str,
    phrase: str,
    kind: str,
    words: str = "",
    level: int | None = None,
    importance: int | None = None,
) -> None:
    """Keep one thing that the guest has or needs, with the topic that anybody would be taken to mean by it."""
    topic_id = meant_by_anybody(phrase, language=get_language() or "")
    entry: dict[str, Any] = {"phrase": phrase, "kind": kind, "words": words, "topic": topic_id}
    entry |= {"level": level} if side == Side.OFFER else {"importance": importance}
    if not text.key(phrase):
        raise Refused(_("Name the topic in a word or two, with letters or numbers."))
    with transaction.atomic():
        guest = _hold_side(side_id)
        listed = guest.listed(side)
        keys = {text.key(each["phrase"]) for each in listed}
        topics = {each["topic"] for each in listed} - {None}
        if text.key(phrase) in keys or topic_id in topics:
            raise Refused(_("This is on your list already. Name something else."))
        if len(listed) >= MOST_A_SIDE:
            raise Refused(_("%(count)d are plenty to begin with. You can add more later.") % {"count": MOST_A_SIDE})
        listed.append(entry)
        guest.save(update_fields=["offers", "needs"])


def remove_from_side(*, side_id: int, side: str, phrase: str) -> None:
    """Take one thing off the guest's list. Doing it twice changes nothing."""
    with transaction.atomic():
        guest = _hold_side(side_id)
        guest.listed(side)[:] = [each for each in guest.listed(side) if each["phrase"] != phrase]
        guest.save(update_fields=["offers", "needs"])


def tie(*, member: User, side_ids: Collection[int]) -> None:
    """Let what a guest typed belong to the account that they have made, or logged in to, in whichever browser."""
    GuestSide.objects.free().filter(pk__in=side_ids).exclude(card__owner=member).update(member=member)


def join(*, by: User, side_id: int) -> Introduction | None:
    """Make what the member typed as a guest their goal, offers and needs, and let them meet whom they answered.

    Returns their introduction; None where the card is not valid any more. Of what they have said already, or cannot
    say, that alone is left out. Twice, and at any moment, it may run again.
    """
    side = GuestSide.objects.filter(pk=side_id, member=by).first()
    if side is None:
        return None
    _take_over(by, side)
    try:
        introduction = use_card(by=by, card_id=side.card_id, seed=side.seed)
    except Refused:
        introduction = None
    GuestSide.objects.filter(pk=side_id).delete()
    return introduction


def use_card(*, by: User, card_id: int, seed: str) -> Introduction:
    """Meet the owner of a card, in an introduction that both have said yes to. The first to do so uses it up.

    Raises Refused with NOT_VALID whatever the reason: who has the link learns nothing else.
    """
    with constraints_speak(), transaction.atomic():
        owner_id = Card.objects.filter(pk=card_id).values_list("owner", flat=True).first()
        people = lock_pair(owner_id or 0, by.pk)
        card = Card.objects.select_for_update(of=("self",)).filter(pk=card_id, seed=seed).first()
        if card is None or len(people) < 2:
            raise Refused(str(NOT_VALID))
        if card.introduction and card.introduction.is_party(by):
            return card.introduction
        if not Card.objects.shown_to(by).filter(pk=card_id).exists():
            raise Refused(str(NOT_VALID))
        now = clock.now()
        refuse_unless(card, Verb.MEET, now)
        refuse_whom_nobody_knows(people[by.pk])
        card.introduction = meet(owner=people[card.owner_id], guest=people[by.pk], note=card.note)
        card.used_at = now
        card.save(update_fields=["used_at", "introduction"])
        stop_mails(card)
    return card.introduction


def forget() -> None:
    """Delete what has had its time: addresses of mails that have gone, what guests typed, cards long ended."""
    forget_addresses()
    GuestSide.objects.filter(expires_at__lt=Now()).delete()
    Card.objects.filter(expires_at__lt=Now() - ENDED_STAYS).delete()


def forget_addresses() -> None:
    """An address is kept until its mail has gone, or will not go."""
    letters = Notice.objects.filter(kind=LETTER).exclude(address="")
    letters.exclude(state__in=[*ON_THEIR_WAY, Notice.State.FAILED]).update(address="")
    # Staff may try one again that failed, for as long as it is worth sending.
    letters.filter(state=Notice.State.FAILED, expires_at__lt=Now()).update(address="")


def _take_over(by: User, side: GuestSide) -> None:
    current = Goal.objects.owned_by(by).current().filter(horizon=Horizon.SHORT)
    if side.goal and not current.exists():
        set_goal(by=by, horizon=Horizon.SHORT, text=side.goal, indicator="", due_on=None)
    for name in Side.values:
        for entry in side.listed(name):
            topic_id = entry["topic"]
            said = {key: value for key, value in entry.items() if key != "topic"}
            choices = [Choice(topic_id), None] if topic_id else [None]
            for choice in choices:
                try:
                    add_listing(by=by, side=name, choice=choice, **said)
                except Refused:
                    # The topic has become part of another: then by its name. Or it is on their list already.
                    continue
                break


def _hold_side(side_id: int) -> GuestSide:
    side = GuestSide.objects.select_for_update(of=("self",)).select_related("card").filter(pk=side_id).first()
    if side is None or not Card.objects.shown().filter(pk=side.card_id, seed=side.seed).exists():
        raise Refused(str(NOT_VALID))
    return side
