"""A member chooses which mails they get, and when."""

import datetime as dt
import time
import uuid
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import clock, notices
from accounts.actions import mail as mails
from accounts.actions.profiles import save_preferences
from accounts.letters import Letter
from accounts.models import MailChoices, Notice
from accounts.models.mail import Choice, Sort
from accounts.notices import kinds, outgoing, queue, routing
from accounts.notices.claims import claim_due
from accounts.rules import Refused
from tests.together import at_once

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
USUAL = {
    "choices": {},
    "digest_weekday": 0,
    "digest_hour": 8,
    "quiet_from": None,
    "quiet_until": None,
    "resumes_on": None,
}
FORM = {
    "introductions": "now",
    "fits": "now",
    "contracts": "now",
    "meetings": "now",
    "checkins": "now",
    "digest_weekday": "0",
    "digest_hour": "8",
    "quiet_from": "",
    "quiet_until": "",
    "resumes_on": "",
}


@pytest.fixture(autouse=True)
def _family(monkeypatch):
    """Kinds of every sort; what each says is in its context."""

    def render(notice: Notice) -> Letter:
        if notice.context.get("unwanted"):
            raise notices.Unwanted
        if notice.context.get("poison"):
            raise ValueError("poison")
        if change := CHANGES.pop(notice.key, None):
            change()
        says = notice.context.get("says", notice.key)
        return Letter(says, says, (f"More about {says}.",), ("Open", f"/{notice.key}/"), f"You get this for {says}.")

    family = kinds.Family(render, Sort, joins={"checkins"}, urgent={"meetings"})
    monkeypatch.setitem(kinds._families, "trial", family)
    CHANGES.clear()


CHANGES: dict = {}


def choose(member, **chosen):
    sorts = {name: chosen.pop(name) for name in list(chosen) if name in Sort.values}
    mails.choose(by=member, **{**USUAL, **chosen, "choices": sorts})


def tell(member, sort, key="", *, lasts=7 * DAY, **fields):
    queue(key=key or sort, kind=f"trial:{sort}", address=member.email, member=member, lasts=lasts, **fields)


def send() -> list[str]:
    """Send what is due; return the subjects."""
    before = len(mail.outbox)
    while notices.drain().claimed:
        pass
    return [sent.subject for sent in mail.outbox[before:]]


def states() -> dict[str, str]:
    return dict(Notice.objects.exclude(kind="gathered").values_list("key", "state"))


def come(key_prefix="gathered"):
    """Let the time come for which these wait."""
    Notice.objects.filter(key__startswith=key_prefix).update(next_attempt_at=clock.now())


def wait_of(key) -> dt.datetime:
    return Notice.objects.get(key=key).next_attempt_at


def london(at: dt.datetime) -> dt.datetime:
    return at.astimezone(ZoneInfo("Europe/London"))


class TestSorts:
    def test_without_a_choice_all_come_at_once(self, ada):
        for sort in Sort:
            tell(ada, sort)
        assert set(send()) == set(Sort.values)

    @pytest.mark.parametrize("sort", [sort for sort in Sort if sort is not Sort.ALWAYS])
    def test_what_is_off_is_not_sent_and_all_else_is(self, ada, sort):
        choose(ada, **{sort.value: "off"})
        for each in Sort:
            tell(ada, each)
        assert set(send()) == set(Sort.values) - {sort.value}
        assert states()[sort.value] == "cancelled"

    def test_mails_about_the_account_know_no_choice(self, ada):
        today = london(clock.now()).date()
        everything = dict.fromkeys(["introductions", "fits", "contracts", "meetings", "checkins"], "off")
        choose(ada, **everything, quiet_from=dt.time(0), quiet_until=dt.time(23, 59), resumes_on=today + 5 * DAY)
        tell(ada, "always")
        assert send() == ["always"]

    def test_a_choice_of_a_second_ago_counts(self, ada):
        tell(ada, "contracts")
        choose(ada, contracts="off")
        assert send() == []

    def test_a_choice_between_claim_and_sending_counts(self, ada):
        tell(ada, "contracts")
        claim = uuid.uuid4()
        groups = claim_due(claim, 20)
        choose(ada, contracts="off")
        assert outgoing.Outgoing(claim, groups, time.monotonic()).run().sent == 0
        assert states() == {"contracts": "cancelled"}

    def test_a_choice_counts_for_what_is_still_to_go_of_a_batch(self, ada, ben):
        def change():
            choose(ben, contracts="off")
            time.sleep(outgoing.FRESH_SECONDS)

        CHANGES["a"] = change
        tell(ada, "contracts", "a")
        tell(ben, "contracts", "b")
        assert send() == ["a"]
        assert states() == {"a": "sent", "b": "cancelled"}

    def test_of_another_member_nothing_changes(self, ada, ben):
        choose(ada, contracts="off")
        tell(ada, "contracts", "a")
        tell(ben, "contracts", "b")
        assert send() == ["b"]


class TestWeekly:
    def test_a_week_is_one_mail_with_a_line_for_each(self, ada):
        choose(ada, introductions="digest", contracts="digest")
        tell(ada, "introductions", "one")
        tell(ada, "contracts", "two")
        tell(ada, "introductions", "three", context={"unwanted": True})
        assert send() == []
        assert Counter(states().values()) == {"pending": 3}
        come()
        assert send() == ["2 things since the last mail"]
        [sent] = mail.outbox
        assert "* one\nOpen:\nhttp" in sent.body
        assert "* two\n" in sent.body
        assert "three" not in sent.body
        assert states() == {"one": "sent", "two": "sent", "three": "cancelled"}
        assert send() == []

    def test_it_comes_on_the_day_and_at_the_hour_of_ones_own_clock(self, ada):
        choose(ada, contracts="digest", digest_weekday=3, digest_hour=17)
        tell(ada, "contracts")
        send()
        local = london(Notice.objects.get(kind="gathered").due_at)
        assert (local.weekday(), local.hour, local.minute) == (3, 17, 0)
        assert clock.now() < local <= clock.now() + 8 * DAY

    def test_when_there_is_nothing_to_say_it_does_not_come(self, ada):
        choose(ada, contracts="digest")
        tell(ada, "contracts", context={"unwanted": True})
        send()
        come()
        assert send() == []
        assert set(Notice.objects.values_list("state", flat=True)) == {"cancelled"}

    def test_what_would_be_over_by_then_comes_at_once_and_what_is_over_is_left_out(self, ada):
        choose(ada, checkins="digest", contracts="digest")
        tell(ada, "meetings")
        tell(ada, "contracts", "short", lasts=HOUR)
        assert send() == ["meetings"]
        # A notice of which one has no need at an hour is kept for the mail; the truth is read again then.
        carrier = Notice.objects.get(kind="gathered")
        assert Notice.objects.get(key="short").expires_at > carrier.due_at
        Notice.objects.filter(key="short").update(expires_at=clock.now())
        come()
        assert send() == []
        assert states()["short"] == "expired"

    def test_one_that_cannot_be_rendered_stops_no_other(self, ada):
        choose(ada, contracts="digest")
        tell(ada, "contracts", "well")
        tell(ada, "contracts", "poison", context={"poison": True})
        send()
        come()
        assert send() == ["1 thing since the last mail"]
        assert states() == {"well": "sent", "poison": "pending"}

    def test_more_than_a_mail_holds_is_counted(self, ada):
        choose(ada, contracts="digest")
        for number in range(45):
            tell(ada, "contracts", f"n{number:02}", context={"says": f"{number:02} {'Wörter ' * 20}"})
        send()
        come()
        assert send() == ["45 things since the last mail"]
        assert "And 25 more" in mail.outbox[0].body
        assert len(mail.outbox[0].message().as_bytes()) <= 30_000
        assert set(states().values()) == {"sent"}

    def test_who_changes_to_at_once_gets_what_was_waiting(self, ada):
        choose(ada, contracts="digest", introductions="digest")
        tell(ada, "contracts")
        tell(ada, "introductions")
        send()
        choose(ada, contracts="now", introductions="digest")
        assert send() == ["contracts"]
        come()
        assert send() == ["1 thing since the last mail"]

    def test_who_turns_a_sort_off_meanwhile_gets_none_of_it(self, ada):
        choose(ada, contracts="digest")
        tell(ada, "contracts")
        send()
        mails.stop(member_id=ada.pk, sorts=["weekly"])
        assert send() == []
        assert states() == {"contracts": "cancelled"}

    def test_another_day_or_zone_moves_what_waits(self, ada):
        choose(ada, contracts="digest")
        tell(ada, "contracts")
        send()
        choose(ada, contracts="digest", digest_weekday=2, digest_hour=6)
        send()
        assert london(wait_of("contracts")).weekday() == 2
        save_preferences(by=ada, time_zone="Asia/Kathmandu", language="en")
        send()
        local = wait_of("contracts").astimezone(ZoneInfo("Asia/Kathmandu"))
        assert (local.weekday(), local.hour) == (2, 6)
        assert Notice.objects.filter(kind="gathered", state="pending").count() == 1

    def test_what_comes_just_as_it_goes_waits_for_the_next(self, ada):
        choose(ada, contracts="digest")
        tell(ada, "contracts", "one")
        send()
        come()
        due = Notice.objects.get(kind="gathered").due_at
        send()
        with transaction.atomic():
            ada.refresh_from_db()
            carrier = outgoing._carrier(ada, due)
        assert london(carrier.due_at).date() == london(due).date() + 7 * DAY

    def test_nothing_planned_goes_early_because_choices_changed(self, ada):
        tell(ada, "contracts", due_at=clock.now() + HOUR)
        choose(ada, introductions="off")
        assert send() == []
        assert wait_of("contracts") > clock.now() + HOUR / 2


class TestQuietHours:
    def around_now(self, before=1, after=1):
        here = london(clock.now())
        return {"quiet_from": (here - before * HOUR).time(), "quiet_until": (here + after * HOUR).time()}

    def test_what_is_due_meanwhile_waits_for_their_end(self, ada):
        choose(ada, **self.around_now())
        tell(ada, "contracts")
        assert send() == []
        assert abs(wait_of("contracts") - (clock.now() + HOUR)) < dt.timedelta(minutes=1)
        row = Notice.objects.get()
        assert (row.attempts, row.faults, row.state) == (0, 0, "pending")

    def test_what_would_be_over_then_comes_all_the_same_when_it_cannot_wait(self, ada):
        choose(ada, **self.around_now(after=5))
        tell(ada, "meetings", lasts=2 * HOUR)
        assert send() == ["meetings"]

    def test_anything_else_is_kept_until_they_are_over(self, ada):
        choose(ada, **self.around_now(after=5))
        tell(ada, "contracts", lasts=2 * HOUR)
        assert send() == []
        Notice.objects.update(next_attempt_at=clock.now())
        MailChoices.objects.update(quiet_from=None, quiet_until=None)
        assert Notice.objects.get().expires_at > clock.now() + 5 * HOUR
        assert send() == ["contracts"]


class TestPause:
    def test_what_is_still_so_comes_in_one_mail_when_it_ends(self, ada):
        day = london(clock.now()).date() + 9 * DAY
        choose(ada, resumes_on=day, digest_hour=7)
        tell(ada, "contracts", "one", lasts=HOUR)
        tell(ada, "introductions", "two")
        tell(ada, "meetings", "over", lasts=HOUR)
        assert send() == []
        assert london(Notice.objects.get(kind="gathered").due_at) == dt.datetime.combine(
            day, dt.time(7), tzinfo=ZoneInfo("Europe/London")
        )
        MailChoices.objects.update(resumes_on=None)
        Notice.objects.filter(key="over").update(expires_at=clock.now())
        come()
        assert send() == ["2 things since the last mail"]
        assert states() == {"one": "sent", "two": "sent", "over": "expired"}

    def test_the_weekly_mail_waits_too(self, ada):
        choose(ada, contracts="digest")
        tell(ada, "contracts")
        send()
        day = london(clock.now()).date() + 20 * DAY
        MailChoices.objects.update(resumes_on=day)
        come()
        assert send() == []
        assert london(Notice.objects.get(kind="gathered").next_attempt_at).date() == day
        assert Notice.objects.get(kind="gathered").expires_at > clock.now() + 20 * DAY

    def test_who_ends_it_gets_what_waits(self, ada):
        choose(ada, resumes_on=london(clock.now()).date() + 9 * DAY)
        tell(ada, "contracts")
        send()
        choose(ada)
        assert send() == ["contracts"]


class TestPage:
    @pytest.fixture
    def insider(self, client_of, ada):
        return client_of(ada)

    def words(self, client) -> str:
        from django.utils.html import strip_tags

        return " ".join(strip_tags(client.get(reverse("emails")).content.decode()).split())

    def test_it_says_what_will_happen(self, insider, ada):
        assert "come at once" in self.words(insider)
        sent = {**FORM, "introductions": "digest", "contracts": "off", "digest_weekday": "6", "digest_hour": "18"}
        response = insider.post(reverse("emails"), {**sent, "quiet_from": "21:00", "quiet_until": "07:30"})
        assert response.url == reverse("emails")
        said = self.words(insider)
        assert "Mails about people who newly fit you, meetings and check-ins come at once." in said
        assert (
            "Mails about invitations and messages come in one mail a week, if there is anything: next on Sunday" in said
        )
        assert "at 18:00." in said
        assert "You get no mails about contracts that you are writing." in said
        assert "From 21:00 until 07:30 nothing comes; it waits for 07:30." in said
        settings_page = insider.get(reverse("settings")).content.decode()
        assert "Once a week: invitations and messages; none about contracts" in settings_page

    def test_it_says_until_when_there_is_none(self, insider, ada):
        day = london(clock.now()).date() + 9 * DAY
        insider.post(reverse("emails"), {**FORM, "resumes_on": day.isoformat()})
        assert f"Until {day:%A} {day.day} {day:%B} you get no mail." in self.words(insider)
        assert "No mail until" in insider.get(reverse("settings")).content.decode()

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"quiet_from": "21:00"}, "quiet_until"),
            ({"quiet_until": "21:00"}, "quiet_from"),
            ({"quiet_from": "21:00", "quiet_until": "21:00"}, "quiet_until"),
            ({"quiet_from": "25:00", "quiet_until": "21:00"}, "quiet_from"),
            ({"resumes_on": "2001-01-01"}, "resumes_on"),
            ({"resumes_on": "9999-01-01"}, "resumes_on"),
            ({"resumes_on": "soon"}, "resumes_on"),
            ({"meetings": "digest"}, "meetings"),
            ({"contracts": "never"}, "contracts"),
            ({"contracts": ""}, "contracts"),
            ({"digest_weekday": "7"}, "digest_weekday"),
            ({"digest_hour": "24"}, "digest_hour"),
        ],
    )
    def test_what_cannot_be_is_said(self, insider, ada, sent, field):
        response = insider.post(reverse("emails"), {**FORM, **sent})
        assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
        assert not MailChoices.objects.exists()

    def test_a_pause_that_is_over_is_not_offered_again(self, insider, ada):
        choose(ada, contracts="off")
        MailChoices.objects.update(resumes_on=dt.date(2026, 1, 1))
        assert "2026-01-01" not in insider.get(reverse("emails")).content.decode()

    def test_it_makes_no_more_queries_with_more_notices(self, insider, ada, django_assert_max_num_queries):
        for number in range(5):
            tell(ada, "contracts", str(number))
        with django_assert_max_num_queries(8):
            insider.get(reverse("emails"))


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize(
        "fields",
        [
            {"contracts": "never"},
            {"meetings": "digest"},
            {"digest_weekday": 7},
            {"digest_hour": 24},
            {"quiet_from": dt.time(9)},
            {"quiet_from": dt.time(9), "quiet_until": dt.time(9)},
        ],
    )
    def test_a_choice_that_is_none(self, ada, fields):
        with pytest.raises(IntegrityError), transaction.atomic():
            MailChoices.objects.create(member=ada, **fields)

    def test_the_action_says_it_in_a_sentence(self, ada):
        with pytest.raises(Refused, match="Quiet hours begin at one time"):
            choose(ada, quiet_from=dt.time(9))
        with pytest.raises(Refused, match="begun already"):
            choose(ada, resumes_on=london(clock.now()).date())


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("choice", list(Choice))
def test_the_way_of_each_sort(sort, choice):
    choices = MailChoices(introductions=choice, fits=choice, contracts=choice, meetings=choice, checkins=choice)
    now = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    found = routing.route(choices, zone="UTC", now=now, sort=sort, expires_at=now + DAY)
    if sort is Sort.ALWAYS or choice is Choice.NOW:
        assert found is routing.GO
    elif choice is Choice.OFF:
        assert found is routing.END
    else:
        assert found == routing.Route(routing.Way.GATHER, dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC))


@pytest.mark.django_db(transaction=True)
def test_nothing_waits_for_a_weekly_mail_that_is_given_up_at_that_moment(ada):
    """Choosing and putting off at once, again and again: what was put off first is let go, what comes later goes."""
    for number in range(12):
        choose(ada, contracts="digest")
        tell(ada, "contracts", f"n{number}")
        at_once(notices.drain, lambda: choose(ada, contracts="now"))
        send()
        assert states()[f"n{number}"] == "sent"
    assert connection.in_atomic_block is False
