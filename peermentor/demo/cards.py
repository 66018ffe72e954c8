"""The cards of the demo community, for people who are not in it."""

from typing import Any

from django.db import transaction

from accounts.models import Goal, Listing, User
from matching.actions.cards import make_card
from matching.models import Card
from peermentor.demo.days import DOMAIN, days_ago


def add_missing(entries: list[dict[str, Any]]) -> None:
    """Make the cards of the file; a member who has made one already is left alone."""
    for entry in entries:
        owner = User.objects.filter(email=f"{entry['owner']}{DOMAIN}").first()
        if owner and not Card.objects.owned_by(owner).exists():
            with transaction.atomic():
                _make(entry, owner)


def are_complete(entries: list[dict[str, Any]]) -> bool:
    """Whether each owner of the file has a card. One query."""
    owners = set(Card.objects.filter(owner__email__endswith=DOMAIN).values_list("owner__email", flat=True))
    return {f"{entry['owner']}{DOMAIN}" for entry in entries} <= owners


def _make(entry: dict[str, Any], owner: User) -> None:
    goal = Goal.objects.owned_by(owner).current().filter(horizon="short").first()
    listings = Listing.objects.owned_by(owner).standing().filter(phrase__in=entry["shows"])
    with days_ago(entry["days_ago"]):
        make_card(
            by=owner,
            note=entry["note"],
            goal_id=goal.pk if goal else None,
            listing_ids=list(listings.values_list("pk", flat=True)),
        )
