"""Reminders of one evening go out as one mail, and are one mail whatever fails."""

import datetime as dt
import time
import uuid
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from accounts import clock, notices
from accounts.actions import mail as mails, sending
from accounts.letters import Letter
from accounts.models import Notice
from accounts.models.mail import Sort
from accounts.notices import claims, kinds, message_id, outgoing, queue
from tests.accounts.test_notices import in_threads

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _family(monkeypatch):
    def render(notice: Notice) -> Letter:
        if notice.context.get("unwanted"):
            raise notices.Unwanted
        if notice.context.get("poison"):
            raise ValueError("poison")
        says = f"The word of {notice.key}"
        return Letter(says, says, (f"More about {notice.key}.",), ("Open", f"/{notice.key}/"), "You get this.")

    monkeypatch.setitem(kinds._families, "trial", kinds.Family(render, Sort, joins={"checkins", "meetings"}))


def plan(member, key, *, after=-MINUTE, sort="checkins", lasts=12 * HOUR, **context):
    """A reminder that was planned for an instant, a minute ago."""
    queue(
        key=key,
        kind=f"trial:{sort}",
        address=member.email,
        member=member,
        context=context,
        due_at=clock.now() + after,
        lasts=lasts,
    )


def send() -> list[str]:
    before = len(mail.outbox)
    while notices.drain().claimed:
        pass
    return [sent.subject for sent in mail.outbox[before:]]


def states() -> dict[str, str]:
    return dict(Notice.objects.values_list("key", "state"))


def later(**fields):
    Notice.objects.update(**fields)


class TestTogether:
    def test_what_is_due_on_one_evening_is_one_mail(self, ada, ben):
        plan(ada, "one", after=-3 * MINUTE)
        plan(ada, "two", sort="meetings")
        plan(ben, "three")
        assert sorted(send()) == ["The word of one, and 1 more", "The word of three"]
        [together] = [sent for sent in mail.outbox if "more" in sent.subject]
        assert together.message()["Message-ID"] == message_id("one")
        for key in ("one", "two"):
            assert f"* The word of {key}\nMore about {key}.\nOpen:\nhttp" in together.body
            assert f"/{key}/" in together.alternatives[0][0]
        assert states() == {"one": "sent", "two": "sent", "three": "sent"}
        assert Notice.objects.get(key="two").leader.key == "one"

    def test_its_link_stops_all_sorts_that_are_in_it(self, ada):
        from django.test import Client

        plan(ada, "one")
        plan(ada, "two", sort="meetings")
        send()
        Client().post("/" + mail.outbox[0].message()["List-Unsubscribe"].strip("<>").split("/", 3)[3])
        ada.refresh_from_db()
        assert (ada.mail_choices.checkins, ada.mail_choices.meetings, ada.mail_choices.contracts) == (
            "off",
            "off",
            "now",
        )

    def test_one_waits_for_another_that_comes_within_two_hours_and_none_goes_early(self, ada):
        plan(ada, "one")
        plan(ada, "two", after=110 * MINUTE)
        plan(ada, "three", after=3 * HOUR)
        assert send() == []
        assert Notice.objects.get(key="one").next_attempt_at == Notice.objects.get(key="two").due_at
        assert set(Notice.objects.values_list("attempts", "faults")) == {(0, 0)}
        later(next_attempt_at=clock.now() - MINUTE)
        Notice.objects.filter(key="three").update(next_attempt_at=clock.now() + HOUR)
        # The first has waited two hours: it waits for no other.
        Notice.objects.filter(key="one").update(due_at=clock.now() - 2 * HOUR)
        assert send() == ["The word of one, and 1 more"]
        assert states()["three"] == "pending"

    def test_one_does_not_wait_past_its_time_nor_into_the_quiet_hours(self, ada):
        plan(ada, "one", lasts=HOUR)
        plan(ada, "two", after=90 * MINUTE)
        assert send() == ["The word of one"]
        plan(ada, "three")
        soon = clock.now().astimezone(dt.UTC) + 80 * MINUTE
        local = soon.astimezone(ZoneInfo(ada.time_zone))
        mails.choose(
            by=ada,
            choices={},
            digest_weekday=0,
            digest_hour=8,
            quiet_from=local.time(),
            quiet_until=(local + HOUR).time(),
            resumes_on=None,
        )
        assert send() == ["The word of three"]

    def test_what_has_just_happened_waits_for_nothing(self, ada):
        plan(ada, "planned", after=HOUR)
        queue(key="fact", kind="trial:meetings", address=ada.email, member=ada, lasts=HOUR)
        assert send() == ["The word of fact"]

    def test_other_sorts_go_by_themselves(self, ada):
        plan(ada, "one", sort="contracts")
        plan(ada, "two", sort="contracts")
        assert len(send()) == 2

    def test_what_is_not_so_any_more_is_left_out_even_when_it_leads(self, ada):
        plan(ada, "one", after=-2 * MINUTE, unwanted=True)
        plan(ada, "two")
        assert send() == ["The word of two"]
        assert mail.outbox[0].message()["Message-ID"] == message_id("one")
        assert states() == {"one": "cancelled", "two": "sent"}

    @pytest.mark.parametrize(("poison", "well"), [("one", "two"), ("two", "one")])
    def test_one_that_cannot_be_rendered_goes_out_of_the_way(self, ada, poison, well):
        plan(ada, "one", after=-2 * MINUTE, poison=poison == "one")
        plan(ada, "two", poison=poison == "two")
        assert send() == [f"The word of {well}"]
        for _ in range(3):
            Notice.objects.filter(state="pending").update(next_attempt_at=clock.now())
            send()
        assert states() == {poison: "failed", well: "sent"}

    def test_when_their_ways_part_each_goes_its_own(self, ada):
        mails.choose(
            by=ada,
            choices={"checkins": "digest"},
            digest_weekday=0,
            digest_hour=8,
            quiet_from=None,
            quiet_until=None,
            resumes_on=None,
        )
        plan(ada, "one")
        plan(ada, "two", sort="meetings")
        assert send() == ["The word of two"]
        assert states()["one"] == "pending"
        assert Notice.objects.get(key="one").leader.kind == "gathered"


class TestFaults:
    def claim(self):
        return uuid.uuid4()

    def test_the_group_is_fixed_when_it_is_claimed_and_kept_after_a_death(self, ada):
        plan(ada, "one", after=-2 * MINUTE)
        plan(ada, "two")
        [group] = claims.claim_due(self.claim(), 20)
        assert [notice.key for notice in group.rows] == ["one", "two"]
        plan(ada, "three", after=-5 * MINUTE)
        Notice.objects.filter(state="sending").update(lease_until=clock.now())
        assert send() == ["The word of one, and 1 more", "The word of three"]
        assert mail.outbox[0].message()["Message-ID"] == message_id("one")
        assert Counter(states().values()) == {"sent": 3}

    def test_who_lost_the_lease_marks_none_of_the_group(self, ada):
        plan(ada, "one")
        plan(ada, "two")
        [group] = claims.claim_due(self.claim(), 20)
        late = outgoing.Outgoing(uuid.uuid4(), [group], time.monotonic())
        late._end(group, said=[(notice, None) for notice in group.rows], expired=[])
        assert set(states().values()) == {"sending"}

    def test_one_that_ends_its_process_is_found_and_the_others_go(self, ada):
        for key in ("one", "two", "three"):
            plan(ada, key)
        deaths = 0
        while Notice.objects.exclude(state__in=["sent", "failed"]).exists():
            groups = claims.claim_abandoned(self.claim()) or claims.claim_due(self.claim(), 20)
            rows = [notice for group in groups for notice in group.rows]
            if any(notice.key == "two" for notice in rows):
                deaths += 1
                Notice.objects.filter(state="sending").update(lease_until=clock.now())
            elif rows:
                outgoing.Outgoing(Notice.objects.get(pk=rows[0].pk).claim, groups, time.monotonic()).run()
            assert deaths < 12
        assert states() == {"one": "sent", "two": "failed", "three": "sent"}

    def test_a_later_is_for_the_whole_group(self, ada, sink):
        sink.data = ["451 busy"]
        plan(ada, "one", after=-2 * MINUTE)
        plan(ada, "two")
        send()
        assert set(Notice.objects.values_list("state", "faults", "last_error")) == {("pending", 0, "451 busy")}
        later(next_attempt_at=clock.now())
        send()
        assert sink.ids == [message_id("one")]
        assert Counter(states().values()) == {"sent": 2}

    def test_a_refusal_is_for_the_whole_group_and_staff_let_it_go_again_as_one(self, ada, sink):
        sink.data = ["550 no"]
        plan(ada, "one", after=-2 * MINUTE)
        plan(ada, "two")
        send()
        assert Counter(states().values()) == {"failed": 2}
        assert sending.try_again(notices=Notice.objects.filter(key="two")) == 2
        send()
        assert sink.ids == [message_id("one")]
        assert Counter(states().values()) == {"sent": 2}

    def test_who_follows_one_that_was_taken_back_goes_alone(self, ada, sink):
        sink.data = ["451 busy"]
        plan(ada, "one", after=-2 * MINUTE)
        plan(ada, "two")
        send()
        notices.cancel(key="one")
        later(next_attempt_at=clock.now())
        send()
        assert states() == {"one": "cancelled", "two": "sent"}

    def test_who_follows_one_that_is_gone_goes_alone(self, ada, sink):
        sink.data = ["451 busy"]
        plan(ada, "one", after=-2 * MINUTE)
        plan(ada, "two")
        send()
        Notice.objects.get(key="one").delete()
        later(next_attempt_at=clock.now())
        send()
        assert states() == {"two": "sent"}


@pytest.mark.django_db(transaction=True)
def test_several_drains_at_once_make_one_mail_of_what_belongs_together(ada, ben, sink):
    people = {"a": ada, "b": ben}
    for round_ in range(8):
        for name, member in people.items():
            for number in range(3):
                plan(member, f"{round_}{name}{number}", after=-MINUTE * (3 - number))
        with in_threads(6, notices.drain) as errors:
            assert errors == []
        while notices.drain().claimed:
            pass
        assert sorted(sink.ids[-2:]) == sorted(message_id(f"{round_}{name}0") for name in people)
        assert len(sink.ids) == 2 * (round_ + 1)
    assert set(states().values()) == {"sent"}
