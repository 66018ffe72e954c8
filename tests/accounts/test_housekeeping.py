"""What goes by itself when its time is over."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress

from accounts import clock
from accounts.actions import housekeeping, profiles
from accounts.actions.drafts import discard_draft, save_draft
from accounts.actions.listings import add_listing, remove_listing
from accounts.models import Draft, Listing, Notice, Profile, Topic, User
from accounts.notices import queue
from accounts.tasks import purge, refresh_week_hours
from peermentor.celery import app
from tests.people import member

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_removed_listing_goes_after_a_day_and_its_own_topic_with_it(ada):
    old = add_listing(by=ada, side="offer", kind="skill", phrase="Juggling", level=2)
    fresh = add_listing(by=ada, side="offer", kind="skill", phrase="Yodelling", level=2)
    for listing in (old, fresh):
        remove_listing(by=ada, listing_id=listing.pk)
    Listing.objects.filter(pk=old.pk).update(removed_at=clock.now() - DAY)
    purge()
    assert list(Listing.objects.filter(removed_at__isnull=False)) == [fresh]
    assert not Topic.objects.filter(label_en="Juggling").exists()
    assert Topic.objects.filter(label_en="Yodelling").exists()


def test_a_topic_of_the_reviewed_list_stays_without_listings():
    Topic.objects.create(kind="skill", label_en="Knitting")
    housekeeping.forget_unused_topics()
    assert Topic.objects.filter(label_en="Knitting").exists()


def test_a_draft_goes_after_ninety_days(ada):
    for form, age in (("goal", 91), ("profile", 89)):
        save_draft(by=ada, form=form, values={"text": ["Half"]})
        Draft.objects.filter(form=form).update(saved_at=clock.now() - age * DAY)
    purge()
    assert [draft.form for draft in Draft.objects.all()] == ["profile"]


def test_that_a_draft_was_sent_is_forgotten_after_a_day(ada):
    for form, age in (("goal", 2), ("profile", 0)):
        discard_draft(by=ada, form=form, page="a-page")
        Draft.objects.filter(form=form).update(saved_at=clock.now() - age * DAY)
    purge()
    assert [draft.form for draft in Draft.objects.all()] == ["profile"]


@pytest.mark.parametrize(
    ("state", "stays"), [("sent", False), ("failed", False), ("cancelled", False), ("pending", True)]
)
def test_a_notice_that_has_ended_goes_after_a_month(state, stays):
    queue(key="one", kind="trial:x", address="ada@example.org", due_at=clock.now() - 40 * DAY, lasts=DAY)
    Notice.objects.update(state=state, sent_at=clock.now() - 31 * DAY if state == "sent" else None)
    purge()
    assert Notice.objects.exists() is stays


def test_free_hours_follow_daylight_saving(ada):
    profiles.refresh_hours()
    Profile.objects.filter(member=ada).update(utc_offset=-300, hour_starts="0" * 672)
    refresh_week_hours()
    before = Profile.objects.get(member=ada)
    assert before.utc_offset in {0, 60}
    assert "1" in before.hour_starts


def test_beat_asks_for_all_of_it():
    asked = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"accounts.tasks.send_due", "accounts.tasks.purge", "accounts.tasks.refresh_week_hours"} <= asked
    app.loader.import_default_modules()
    assert asked <= set(app.tasks)


def test_an_account_that_nobody_confirms_goes_after_a_month(ada):
    old, fresh = (member(f"{name}@example.org", name, is_confirmed=False) for name in ("old", "fresh"))
    confirmed_elsewhere = member("two@example.org", "Two", is_confirmed=False)
    EmailAddress.objects.create(user=confirmed_elsewhere, email="other@example.org", verified=True)
    staff = member("staff@example.org", "Staff", is_confirmed=False, is_staff=True)
    for person in (ada, old, confirmed_elsewhere, staff):
        User.objects.filter(pk=person.pk).update(joined_at=clock.now() - 31 * DAY)
    queue(key="code", kind="account:x", address="old@example.org", member=old, context={}, lasts=DAY)
    User.objects.filter(pk=fresh.pk).update(joined_at=clock.now() - 29 * DAY)
    purge()
    assert set(User.objects.all()) == {ada, fresh, confirmed_elsewhere, staff}
    assert not Notice.objects.exists()
