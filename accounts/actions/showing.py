"""A member says who sees what of them."""

from collections.abc import Mapping

from django.db import transaction

from accounts.models import Goal, Listing, Profile, User
from accounts.models.showing import ShownTo
from accounts.rules import constraints_speak


def show(
    *, by: User, about: str, hours: str, country: str, goals: Mapping[int, str], listings: Mapping[int, str]
) -> None:
    """Change who sees each part of the profile, and the goals and listings named by their ids; others stay as they are.

    What is not the member's own is passed over.
    """
    with constraints_speak(), transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        Profile.objects.filter(member=by).update(about_shown_to=about, hours_shown_to=hours, country_shown_to=country)
        for shown_to in ShownTo.values:
            Goal.objects.owned_by(by).filter(pk__in=_named(goals, shown_to)).update(shown_to=shown_to)
            Listing.objects.owned_by(by).filter(pk__in=_named(listings, shown_to)).update(shown_to=shown_to)


def _named(chosen: Mapping[int, str], shown_to: str) -> list[int]:
    return [pk for pk, value in chosen.items() if value == shown_to]
