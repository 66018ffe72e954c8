"""A member as others read them: how the two fit, and what they say of themselves."""

from typing import Any

from accounts.models import Goal, Listing, Profile, User
from accounts.showing import profile_for_others
from accounts.views.profile import rhythm_words
from matching.ranking import rank_of
from matching.suggestions import describe


def about(viewer: User, theirs: Profile, *, is_introduced: bool = False) -> dict[str, Any]:
    """Return what a page says of a member whom the viewer sees: all that they show to a stranger, or to who is
    introduced to them.
    """
    seen = profile_for_others(theirs, is_introduced=is_introduced)
    shown = Listing.objects.standing().shown(is_introduced=is_introduced)
    listings = list(shown.filter(member=theirs.pk).select_related("topic"))
    [suggestion] = describe(viewer, [rank_of(viewer, theirs.pk)], is_introduced=is_introduced)
    gives = {match.offer.pk for match in suggestion.gives if match.is_same}
    learns = {match.need.pk for match in suggestion.learns if match.is_same}
    return {
        "profile": seen,
        "suggestion": suggestion,
        "offers": [(listing, listing.pk in gives) for listing in listings if listing.is_offer],
        "needs": [(listing, listing.pk in learns) for listing in listings if not listing.is_offer],
        "goals": goals_of(theirs, is_introduced=is_introduced),
        **rhythm_words(seen),
    }


def goals_of(profile: Profile, *, is_introduced: bool) -> list[Goal]:
    """Return the goals that the other reads, the month's first; of what it is a bite only where they read that too."""
    goals = list(Goal.objects.current().shown(is_introduced=is_introduced).filter(member=profile.pk))
    by_id = {goal.pk: goal for goal in goals}
    for goal in goals:
        goal.part_of = by_id.get(goal.part_of_id)
    return sorted(goals, key=lambda goal: goal.horizon, reverse=True)
