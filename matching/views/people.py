"""A member as others read them: how the two fit, and what they say of themselves."""

from typing import Any

from accounts.models import Goal, Listing, Profile, User
from accounts.views.profile import rhythm_words
from matching.ranking import rank_of
from matching.suggestions import describe


def about(viewer: User, theirs: Profile) -> dict[str, Any]:
    """Return what a page says of a member whom the viewer sees."""
    listings = list(Listing.objects.standing().filter(member=theirs.pk).select_related("topic"))
    [suggestion] = describe(viewer, [rank_of(viewer, theirs.pk)])
    gives = {match.offer.pk for match in suggestion.gives if match.is_same}
    learns = {match.need.pk for match in suggestion.learns if match.is_same}
    goals = Goal.objects.current().filter(member=theirs.pk).select_related("part_of")
    return {
        "profile": theirs,
        "suggestion": suggestion,
        "offers": [(listing, listing.pk in gives) for listing in listings if listing.is_offer],
        "needs": [(listing, listing.pk in learns) for listing in listings if not listing.is_offer],
        "goals": sorted(goals, key=lambda goal: goal.horizon, reverse=True),
        **rhythm_words(theirs),
    }
