"""What others read of a member: each part as its owner chose. Whoever shows somebody's profile asks here."""

import copy

from accounts.models import Profile
from accounts.models.showing import circles


def profile_for_others(profile: Profile, *, is_introduced: bool) -> Profile:
    """Return a copy of a profile without what its owner does not show: to a stranger, or to who is introduced to them.

    Two are introduced while an introduction between them is accepted. The copy is for reading, never to be saved.
    Name and languages are always there; the contact is shown on one page alone, which asks for it by itself.
    """
    may_see = circles(is_introduced=is_introduced)
    seen = copy.copy(profile)
    seen.contact = ""
    if profile.about_shown_to not in may_see:
        seen.headline = seen.about = ""
    if profile.country_shown_to not in may_see:
        seen.country = ""
    if profile.hours_shown_to not in may_see:
        seen.hours_per_week, seen.free_hours, seen.media = None, [], []
        seen.hides_hours = True
    return seen
