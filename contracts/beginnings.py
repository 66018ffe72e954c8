"""What a draft begins with: the goals and listings of both profiles, and the rhythm that the two agreed on."""

import datetime as dt
from collections.abc import Sequence

from accounts import week
from accounts.models import Goal, Listing, User
from accounts.showing import profile_for_others
from contracts.document import Content, content_of
from contracts.lifecycle import Side
from matching.models import Introduction

# A list of offers can be long; the contract begins with what helps the other, then with what stands first.
MOST_OF_A_LIST = 8
MOST_COMMITMENTS = 3


def parts_for(introduction: Introduction, *, today: dt.date) -> dict[str, Content]:
    """Return the parts of a new draft by key. The inviter is the first party."""
    members = {Side.FIRST: introduction.inviter, Side.SECOND: introduction.invited}
    listings = {side: _listings(member) for side, member in members.items()}
    parts: dict[str, Content] = {}
    number = 0
    keys_of_needs: dict[int, str] = {}
    for side, member in members.items():
        parts[f"goal-{side.value}"] = _goal(member, today)
        parts[f"push-{side.value}"] = content_of("push", {})
        helpful = {listing.topic_id for listing in listings[side.other] if not listing.is_offer}
        wanted = {listing.topic_id for listing in listings[side.other] if listing.is_offer}
        for listing in _chosen(listings[side], is_offer=True, first=helpful):
            number += 1
            parts[f"have-{side.value}-{number}"] = content_of("have", _thing(listing))
        for listing in _chosen(listings[side], is_offer=False, first=wanted):
            number += 1
            key = keys_of_needs[listing.pk] = f"need-{side.value}-{number}"
            parts[key] = content_of("need", _thing(listing))
    for side in members:
        offered = {listing.topic_id: listing for listing in listings[side] if listing.is_offer}
        needed = [each for each in listings[side.other] if each.pk in keys_of_needs and each.topic_id in offered]
        for need in needed[:MOST_COMMITMENTS]:
            number += 1
            parts[f"commitment-{number}"] = content_of(
                "commitment",
                {"giver": side.value, "need": keys_of_needs[need.pk], "what": offered[need.topic_id].phrase},
            )
    parts["rhythm"] = _rhythm(introduction, today)
    return parts


def _listings(member: User) -> list[Listing]:
    return list(Listing.objects.owned_by(member).standing().shown(is_introduced=True).select_related("topic"))


def _chosen(listings: Sequence[Listing], *, is_offer: bool, first: set[int]) -> list[Listing]:
    of_side = [listing for listing in listings if listing.is_offer is is_offer]
    return sorted(of_side, key=lambda listing: listing.topic_id not in first)[:MOST_OF_A_LIST]


def _thing(listing: Listing) -> dict[str, str]:
    phrase, words = listing.phrase, listing.words
    said = f"{phrase}: {words}" if words and words.casefold() != phrase.casefold() else phrase
    return {"kind": listing.kind, "text": said}


def _goal(member: User, today: dt.date) -> Content:
    goals = {goal.horizon: goal for goal in Goal.objects.owned_by(member).current().shown(is_introduced=True)}
    short, long = goals.get("short"), goals.get("long")
    return content_of(
        "goal",
        {
            "long": long.text if long else "",
            "short": short.text if short else "",
            "by": short.due_on.isoformat() if short and short.due_on and short.due_on >= today else "",
            "indicator": short.indicator if short else "",
        },
    )


def _rhythm(introduction: Introduction, today: dt.date) -> Content:
    """The rhythm that was agreed to, at the first hour in which both are free, on the inviter's clock."""
    both = (introduction.inviter.profile, introduction.invited.profile)
    me, other = (profile_for_others(profile, is_introduced=True) for profile in both)
    said = {
        "every_weeks": introduction.every_weeks,
        "minutes": introduction.minutes,
        "weeks": introduction.weeks,
        "zone": introduction.inviter.time_zone,
        "medium": next((medium for medium in me.media if medium in other.media), ""),
    }
    spans = week.common_spans(me.free_hours, other.free_hours, my_offset=me.utc_offset, their_offset=other.utc_offset)
    if spans:
        first = spans[0]
        days = (first.day - today.weekday()) % 7 or 7
        said |= {
            "weekday": first.day,
            "time": f"{first.starts:%H:%M}",
            "first_on": (today + dt.timedelta(days=days)).isoformat(),
        }
    # Monday is 0, which is a day all the same.
    return content_of("rhythm", {name: str(value) for name, value in said.items()})
