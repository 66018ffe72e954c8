"""Every verb with a lock, pressed in several tabs at once."""

from functools import partial

import pytest

from accounts import clock
from accounts.actions.blocks import block
from accounts.actions.drafts import save_draft
from accounts.actions.goals import end_goal, reopen_goal, set_goal
from accounts.actions.listings import add_listing, move_listing, remove_listing, restore_listing
from accounts.actions.profiles import save_preferences, save_profile, save_rhythm
from accounts.models import Block, Draft, Goal, Listing, Profile, Topic
from accounts.week import as_bits, hour_starts, utc_offset, utc_quarters
from tests.people import member
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dan(transactional_db):
    return member("dan@example.org", "Dan Stranger")


def offer(dan, phrase: str) -> partial:
    return partial(add_listing, by=dan, side="offer", kind="skill", phrase=phrase, level=2)


def test_the_same_offer_from_six_tabs_is_added_once(dan):
    outcomes = at_once(*[offer(dan, "Gardening")] * 6)
    # The very same within seconds is a button pressed twice: all are told that it is there.
    assert {outcome.pk for outcome in outcomes} == {Listing.objects.get().pk}
    assert Topic.objects.count() == 1


def test_different_offers_at_once_get_places_of_their_own(dan):
    outcomes = at_once(*[offer(dan, f"Topic {number}") for number in range(6)])
    assert all(isinstance(outcome, Listing) for outcome in outcomes)
    assert sorted(Listing.objects.values_list("position", flat=True)) == list(range(6))


def test_the_limit_holds_when_many_arrive_at_once(dan, monkeypatch):
    monkeypatch.setattr("accounts.actions.listings.MOST_LISTINGS_A_SIDE", 3)
    at_once(*[offer(dan, f"Topic {number}") for number in range(8)])
    assert Listing.objects.count() == 3


def test_six_people_with_one_new_phrase_share_one_topic(transactional_db):
    people = [member(f"p{number}@example.org", f"P {number}") for number in range(6)]
    outcomes = at_once(*[offer(person, "Bonsai trees") for person in people])
    assert all(isinstance(outcome, Listing) for outcome in outcomes)
    assert Topic.objects.count() == 1


def test_moving_from_several_tabs_keeps_every_listing_at_one_place(dan):
    rows = [offer(dan, f"Topic {number}")() for number in range(5)]
    at_once(*[partial(move_listing, by=dan, listing_id=row.pk, up=number % 2 == 0) for number, row in enumerate(rows)])
    assert sorted(Listing.objects.values_list("position", flat=True)) == list(range(5))


def test_removing_and_bringing_back_at_once_ends_in_one_of_the_two(dan):
    row = offer(dan, "Gardening")()
    remove = partial(remove_listing, by=dan, listing_id=row.pk)
    restore = partial(restore_listing, by=dan, listing_id=row.pk)
    outcomes = at_once(remove, restore, remove, restore)
    assert all(isinstance(outcome, Listing) for outcome in outcomes)
    assert Listing.objects.count() == 1


def test_moving_while_it_is_removed_is_no_fault(dan):
    for number in range(6):
        row = offer(dan, f"Topic {number}")()
        outcomes = at_once(
            partial(remove_listing, by=dan, listing_id=row.pk),
            *[partial(move_listing, by=dan, listing_id=row.pk, up=True)] * 4,
        )
        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []


def test_bringing_back_from_many_tabs_keeps_to_the_limit(dan, monkeypatch):
    monkeypatch.setattr("accounts.actions.listings.MOST_LISTINGS_A_SIDE", 3)
    removed = [remove_listing(by=dan, listing_id=offer(dan, f"Topic {number}")().pk) for number in range(6)]
    at_once(*[partial(restore_listing, by=dan, listing_id=row.pk) for row in removed])
    assert Listing.objects.standing().count() == 3


def test_a_goal_from_six_tabs_is_one_goal(dan):
    outcomes = at_once(
        *[
            partial(set_goal, by=dan, horizon="short", text=f"Goal {number}", indicator="", due_on=None)
            for number in range(6)
        ]
    )
    assert all(isinstance(outcome, Goal) for outcome in outcomes)
    assert Goal.objects.count() == 1


def test_a_goal_brought_back_against_a_new_one_leaves_one_current(dan):
    for _round in range(5):
        old = set_goal(by=dan, horizon="short", text="Old", indicator="", due_on=None)
        end_goal(by=dan, goal_id=old.pk, outcome="let_go")
        at_once(
            partial(reopen_goal, by=dan, goal_id=old.pk),
            partial(set_goal, by=dan, horizon="short", text="New", indicator="", due_on=None),
        )
        assert Goal.objects.current().count() == 1
        Goal.objects.all().delete()


def test_a_goal_reached_in_one_tab_and_let_go_in_another_has_one_outcome(dan):
    goal = set_goal(by=dan, horizon="short", text="A goal", indicator="", due_on=None)
    outcomes = at_once(*[partial(end_goal, by=dan, goal_id=goal.pk, outcome=end) for end in ("reached", "let_go")])
    goal.refresh_from_db()
    assert {outcome.outcome for outcome in outcomes} == {goal.outcome}


def test_two_who_block_each_other_at_once(dan):
    eve = member("eve@example.org", "Eve")
    at_once(*[partial(block, by=dan, member=eve), partial(block, by=eve, member=dan)] * 3)
    assert set(Block.objects.values_list("blocker", "blocked")) == {(dan.pk, eve.pk), (eve.pk, dan.pk)}


def test_a_draft_saved_from_two_tabs_is_one_draft(dan):
    outcomes = at_once(
        *[partial(save_draft, by=dan, form="goal", values={"text": [f"Half {number}"]}) for number in range(6)]
    )
    assert outcomes == [None] * 6
    assert Draft.objects.count() == 1


def test_a_new_zone_and_new_hours_at_once_leave_hours_that_belong_to_the_zone(dan):
    hours = {"hours_per_week": 2, "languages": ["en"], "media": []}
    at_once(
        partial(save_rhythm, by=dan, free_hours=[10], time_zone="Asia/Tokyo", **hours),
        partial(save_preferences, by=dan, time_zone="America/New_York", language="en"),
        partial(save_rhythm, by=dan, free_hours=[20], time_zone="Europe/Paris", **hours),
        partial(save_profile, by=dan, name="Daniel", headline="", about=""),
    )
    profile = Profile.objects.select_related("member").get(member=dan)
    assert profile.name == "Daniel"
    assert profile.hour_starts == as_bits(hour_starts(utc_quarters(profile.free_hours, profile.utc_offset)))
    assert profile.free_hours in ([10], [20])
    assert profile.utc_offset == utc_offset(profile.member.time_zone, clock.now())
