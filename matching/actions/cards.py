"""What the owner of a card does with it: make, change, send, renew, take back, put back."""

import contextlib
import datetime as dt
import hashlib
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import get_language, gettext as _

from accounts import clock, notices
from accounts.models import Goal, Listing, Notice, User
from accounts.models.listings import Side
from accounts.rules import Refused, constraints_speak
from matching.actions.introductions import refuse_whom_nobody_knows
from matching.card_lifecycle import State, Verb, after
from matching.links import new_seed
from matching.models import Card, CardMail, RefusedAddress

LASTS = dt.timedelta(days=30)
MOST_OPEN = 10
# What was changed or ran out long ago is deleted; nobody fills the table meanwhile.
MOST_CARDS = 200
MOST_A_SIDE = 10
MOST_MAILS_A_DAY = 5
SAME_ADDRESS_AFTER = dt.timedelta(days=30)
MAIL_LASTS = dt.timedelta(days=3)
LETTER = "card:letter"
ON_THEIR_WAY = [Notice.State.PENDING, Notice.State.SENDING]


def make_card(*, by: User, note: str, goal_id: int | None, listing_ids: Collection[int]) -> Card:
    """Make a card that shows this goal and these listings of the member's own, for thirty days."""
    with constraints_speak(), transaction.atomic():
        owner = _lock_owner(by)
        refuse_whom_nobody_knows(owner)
        _refuse_one_more(owner)
        if Card.objects.owned_by(owner).count() >= MOST_CARDS:
            raise Refused(_("You have made a great many cards lately. Go on with those that you have."))
        now = clock.now()
        card = Card(owner=owner, note=note, made_at=now, expires_at=now + LASTS)
        _put_on(card, goal_id, listing_ids)
    return card


def change_card(*, by: User, card_id: int, note: str, goal_id: int | None, listing_ids: Collection[int]) -> Card:
    """Change what a card shows; its link stays. Raises Card.DoesNotExist for anybody else's."""
    with constraints_speak(), transaction.atomic():
        card = _hold(by, card_id)
        refuse_unless(card, Verb.CHANGE, clock.now())
        card.note = note
        _put_on(card, goal_id, listing_ids)
    return card


def send_card(*, by: User, card_id: int, address: str) -> CardMail:
    """Have the card sent to an address, once. Whether a mail goes out, the owner is not told: it may be refused there.

    The address stands in the notice alone, until the mail is sent or the card ends (`forget_addresses`).
    """
    with constraints_speak(), transaction.atomic():
        card = _hold(by, card_id)
        now = clock.now()
        refuse_unless(card, Verb.SEND, now)
        if address.casefold() == by.email.casefold():
            raise Refused(_("This is your own address. Enter that of the person whom you invite."))
        hashed = hash_of(address)
        mine = CardMail.objects.filter(card__owner=by)
        _refuse_this_mail(mine, card, hashed, now)
        mail = CardMail.objects.create(card=card, address_sha256=hashed, asked_at=now)
        if not RefusedAddress.objects.filter(address_sha256=hashed).exists():
            notices.queue(
                key=mail.notice_key,
                kind=LETTER,
                address=address,
                context={"mail": mail.pk, "seed": card.seed, "language": get_language() or ""},
                lasts=MAIL_LASTS,
            )
    return mail


def renew_card(*, by: User, card_id: int) -> Card:
    """Give the card another link and thirty days; the link before ends at once, and so does what was begun with it."""
    with constraints_speak(), transaction.atomic():
        card = _hold(by, card_id)
        now = clock.now()
        state = card.state_at(now)
        refuse_unless(card, Verb.RENEW, now)
        if state is not State.OPEN:
            _refuse_one_more(card.owner)
        card.seed, card.expires_at, card.opened_at, card.revoked_at = new_seed(), now + LASTS, None, None
        card.save(update_fields=["seed", "expires_at", "opened_at", "revoked_at"])
        stop_mails(card)
        # What belongs to somebody's account by now becomes theirs when they confirm it, without the card.
        card.sides.filter(member__isnull=True).delete()
    return card


def revoke_card(*, by: User, card_id: int) -> Card:
    """Take the card back: its link shows nothing. Twice changes nothing."""
    with transaction.atomic():
        card = _hold(by, card_id)
        now = clock.now()
        if card.state_at(now) is State.TAKEN_BACK:
            return card
        refuse_unless(card, Verb.REVOKE, now)
        card.revoked_at = now
        card.save(update_fields=["revoked_at"])
        stop_mails(card)
    return card


def restore_card(*, by: User, card_id: int) -> Card:
    """Put a card back that was taken back, under the same link and for as long as it had. Twice changes nothing."""
    with transaction.atomic():
        card = _hold(by, card_id)
        now = clock.now()
        if card.state_at(now) is State.OPEN:
            return card
        refuse_unless(card, Verb.RESTORE, now)
        _refuse_one_more(card.owner)
        card.revoked_at = None
        card.save(update_fields=["revoked_at"])
    return card


def refuse_address(*, address_sha256: str) -> None:
    """Never send a card to this address again; those on their way are stopped. Twice changes nothing."""
    RefusedAddress.objects.bulk_create([RefusedAddress(address_sha256=address_sha256)], ignore_conflicts=True)
    for mail in CardMail.objects.filter(address_sha256=address_sha256):
        notices.cancel(key=mail.notice_key)


def hash_of(address: str) -> str:
    """Return what is kept of an address: the same for all its spellings."""
    local, _at, domain = address.strip().casefold().rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return hashlib.sha256(f"peermentor card {local}@{domain}".encode()).hexdigest()


def refuse_unless(card: Card, verb: Verb, now: dt.datetime) -> None:
    """Raise Refused with how the card stands, unless the table permits the verb now."""
    state = card.state_at(now)
    if after(state, verb) is None:
        raise Refused(
            {
                State.OPEN: _("This card is open. Nothing has changed."),
                State.USED: _("Somebody has answered this card: it is used up. Make another one."),
                State.TAKEN_BACK: _("You have taken this card back. Put it back first."),
                State.RUN_OUT: _("This card has run out. Make a new link for it."),
            }[state]
        )


def _put_on(card: Card, goal_id: int | None, listing_ids: Collection[int]) -> None:
    """Save the card with what it shows; what is not the owner's, or not there any more, is left out."""
    listings = list(Listing.objects.owned_by(card.owner).standing().filter(pk__in=listing_ids))
    for side in Side.values:
        if sum(listing.side == side for listing in listings) > MOST_A_SIDE:
            raise Refused(
                _("That is a lot to read on a phone. Choose at most %(count)d offers and %(count)d needs.")
                % {"count": MOST_A_SIDE}
            )
    card.goal = Goal.objects.owned_by(card.owner).current().filter(pk=goal_id).first() if goal_id else None
    card.save()
    card.listings.set(listings)


def _lock_owner(by: User) -> User:
    return User.objects.select_for_update(of=("self",), no_key=True).select_related("profile").get(pk=by.pk)


def _hold(by: User, card_id: int) -> Card:
    """Lock the owner, then the card, as whoever meets through it does."""
    owner = _lock_owner(by)
    card = Card.objects.select_for_update(of=("self",)).owned_by(by).get(pk=card_id)
    card.owner = owner
    return card


def _refuse_one_more(owner: User) -> None:
    if Card.objects.owned_by(owner).open().count() >= MOST_OPEN:
        raise Refused(
            _("%(count)d of your cards are open. Take one back, or wait until somebody answers.") % {"count": MOST_OPEN}
        )


def _refuse_this_mail(mine: QuerySet[CardMail], card: Card, hashed: str, now: dt.datetime) -> None:
    if mine.filter(card=card, address_sha256=hashed).exists():
        raise Refused(_("You have had this card sent to this address already."))
    if mine.filter(address_sha256=hashed, asked_at__gt=now - SAME_ADDRESS_AFTER).exists():
        raise Refused(
            _(
                "Within the last thirty days you have had a card sent to this address. Copy the link instead, and send "
                "it yourself."
            )
        )
    if mine.filter(asked_at__gt=now - dt.timedelta(days=1)).count() >= MOST_MAILS_A_DAY:
        raise Refused(
            _("That is %(count)d mails within a day. Copy the link and send it yourself, or go on tomorrow.")
            % {"count": MOST_MAILS_A_DAY}
        )


def stop_mails(card: Card) -> None:
    """Take back the mails of the card that have not gone out, and forget their addresses."""
    keys = [mail.notice_key for mail in card.mails.all()]
    for key in keys:
        notices.cancel(key=key)
    Notice.objects.filter(key__in=keys).exclude(state__in=ON_THEIR_WAY).update(address="")
