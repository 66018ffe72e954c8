"""Mail goes out once, whatever fails between the row and the mail server."""

import datetime as dt
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from contextlib import contextmanager

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction

from accounts import clock, notices
from accounts.models import Notice
from accounts.models.mail import Sort
from accounts.notices import Mail, Unwanted, claims, drain, kinds, message_id, outgoing, queue

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _family(monkeypatch):
    """A family of notices of our own: the subject and what happens on rendering are in the context."""

    def render(notice: Notice) -> Mail:
        if notice.context.get("unwanted"):
            raise Unwanted
        if notice.context.get("poison"):
            raise ValueError("poison")
        return Mail(subject=notice.context.get("subject", "Hello"), text="Hello.\n", html="<p>Hello.</p>")

    monkeypatch.setitem(kinds._families, "trial", kinds.Family(render, Sort.ALWAYS))


def queue_one(key="one", address="ada@example.org", lasts=HOUR, **fields):
    queue(key=key, kind="trial:x", address=address, lasts=lasts, **fields)


def states() -> dict[str, str]:
    return dict(Notice.objects.values_list("key", "state"))


def age(**fields):
    """Put rows back in time: due now, or abandoned now."""
    Notice.objects.update(**fields)


@pytest.mark.django_db
class TestQueue:
    def test_a_notice_is_sent_once_and_forgets_what_it_needed(self):
        queue_one(context={"subject": "Your code: 123"})
        drained = drain()
        assert (drained.claimed, drained.sent) == (1, 1)
        assert [sent.subject for sent in mail.outbox] == ["Your code: 123"]
        row = Notice.objects.get()
        assert (row.state, row.context, row.attempts, row.faults, row.claim) == ("sent", {}, 1, 0, None)
        assert drain().claimed == 0
        assert len(mail.outbox) == 1

    def test_the_same_key_again_changes_nothing_even_after_it_was_sent(self):
        queue_one()
        queue_one(address="other@example.org")
        drain()
        queue_one()
        assert states() == {"one": "sent"}
        assert [sent.to for sent in mail.outbox] == [["ada@example.org"]]

    def test_it_is_written_with_the_fact_that_it_tells_or_not_at_all(self):
        with transaction.atomic():
            queue_one()
            transaction.set_rollback(True)
        assert states() == {}

    def test_one_that_is_due_later_waits(self):
        queue_one(due_at=clock.now() + HOUR)
        assert drain().claimed == 0
        age(next_attempt_at=clock.now())
        assert drain().sent == 1

    def test_one_whose_time_is_over_is_not_sent(self):
        queue_one(due_at=clock.now() - 2 * HOUR)
        assert drain().sent == 0
        assert states() == {"one": "expired"}
        assert mail.outbox == []

    def test_one_that_is_not_so_any_more_is_cancelled(self):
        queue_one(context={"unwanted": True})
        drain()
        assert (states(), mail.outbox) == ({"one": "cancelled"}, [])

    def test_one_that_was_taken_back_is_not_sent(self):
        queue_one()
        notices.cancel(key="one")
        drain()
        assert (states(), mail.outbox) == ({"one": "cancelled"}, [])

    def test_a_member_who_is_switched_off_gets_none(self, ada):
        queue_one(member=ada)
        ada.is_active = False
        ada.save()
        drain()
        assert (states(), mail.outbox) == ({"one": "cancelled"}, [])

    def test_every_mail_says_what_made_it(self):
        queue_one()
        drain()
        headers = mail.outbox[0].message()
        assert headers["Message-ID"] == message_id("one")
        assert headers["Auto-Submitted"] == "auto-generated"

    @pytest.mark.parametrize(
        "character", ["\r", "\n", "\r\n", "\x0b", "\x0c", *"\x1c\x1d\x1e\x85\u2028\u2029\x7f\u202e"]
    )
    def test_odd_characters_in_a_name_break_no_header(self, sink, character):
        queue_one(context={"subject": f"Ada{character}Bcc: eve@example.org writes"})
        assert drain().sent == 1
        [received] = sink.mails
        assert received.defects == []
        assert "Bcc" not in received
        assert str(received["To"]) == "ada@example.org"
        assert " ".join(str(received["Subject"]).split()) in {
            "Ada Bcc: eve@example.org writes",
            "AdaBcc: eve@example.org writes",
        }

    def test_a_nul_in_a_header_is_taken_out(self, sink, monkeypatch):
        odd = kinds.Family(lambda notice: Mail(subject="A\0da", text="Hello.\n"), Sort.ALWAYS)
        monkeypatch.setitem(kinds._families, "trial", odd)
        queue_one()
        assert drain().sent == 1
        assert str(sink.mails[0]["Subject"]) == "Ada"


@pytest.mark.django_db
class TestMailServer:
    def test_it_gets_text_and_html(self, sink):
        queue_one()
        drain()
        [received] = sink.mails
        assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]

    def test_when_it_says_later_the_notice_goes_later(self, sink):
        sink.data = ["451 busy", "451 busy"]
        queue_one()
        for attempt in (1, 2):
            assert drain().sent == 0
            row = Notice.objects.get()
            assert (row.state, row.attempts, row.faults, row.last_error) == ("pending", attempt, 0, "451 busy")
            pause = (row.next_attempt_at - clock.now()).total_seconds()
            assert 0 < pause <= 0.5 * 2**attempt * 1.25
            age(next_attempt_at=clock.now())
        assert drain().sent == 1
        assert sink.ids == [message_id("one")]

    def test_the_pause_grows_to_half_an_hour_and_no_further(self):
        pauses = [outgoing._back_off(attempts).total_seconds() for attempts in range(1, 40)]
        assert 0.75 <= pauses[0] <= 1.25
        assert max(pauses) <= 1800 * 1.25
        assert min(pauses[12:]) >= 1800 * 0.75

    def test_later_means_until_it_expires(self, sink):
        sink.data = ["451 busy"]
        queue_one()
        drain()
        age(next_attempt_at=clock.now(), expires_at=clock.now())
        drain()
        assert states() == {"one": "expired"}

    def test_when_it_refuses_for_good_staff_can_see_it(self, sink):
        sink.data = ["550 no thanks"]
        queue_one()
        queue_one("two")
        drain()
        assert states() == {"one": "failed", "two": "sent"}
        assert Notice.objects.get(key="one").last_error == "550 no thanks"

    def test_a_refused_recipient_concerns_that_notice_alone(self, sink):
        sink.rcpt = {"nobody@example.org": "550 no such person", "full@example.org": "452 mailbox full"}
        for address in ("nobody@example.org", "full@example.org", "ada@example.org"):
            queue_one(address, address)
        drain()
        assert states() == {
            "nobody@example.org": "failed",
            "full@example.org": "pending",
            "ada@example.org": "sent",
        }

    def test_one_that_hangs_is_tried_again_with_the_same_id(self, sink, settings):
        settings.EMAIL_TIMEOUT = 1
        sink.hang_seconds = 3
        queue_one()
        started = time.monotonic()
        assert drain().sent == 0
        assert time.monotonic() - started < 2.5
        assert Notice.objects.get().state == "pending"
        sink.hang_seconds = 0
        age(next_attempt_at=clock.now())
        assert drain().sent == 1
        assert sink.ids == [message_id("one")] * 2

    def test_one_that_cannot_be_reached_costs_no_notice_an_attempt(self, sink, settings):
        settings.EMAIL_PORT = 1
        queue_one()
        queue_one("two")
        assert drain().is_server_away
        assert set(Notice.objects.values_list("state", "attempts", "faults")) == {("pending", 0, 0)}
        assert all((row.next_attempt_at - clock.now()).total_seconds() < 7 for row in Notice.objects.all())

    def test_no_mail_is_started_that_the_lease_may_not_outlast(self, sink, settings, monkeypatch):
        settings.EMAIL_TIMEOUT = 2
        monkeypatch.setattr(claims, "LEASE", dt.timedelta(seconds=5.5))
        sink.hang_seconds = 0.7
        for key in ("one", "two", "three"):
            queue_one(key)
        drained = drain()
        assert (drained.claimed, drained.sent) == (3, 1)
        assert Counter(states().values()) == {"sent": 1, "pending": 2}
        assert set(Notice.objects.filter(state="pending").values_list("attempts", "faults", "claim")) == {(0, 0, None)}


@pytest.mark.django_db
class TestFaults:
    def test_a_notice_that_cannot_be_rendered_is_parked_after_three_tries_and_stops_no_other(self):
        queue_one("poison", context={"poison": True})
        for number in range(3):
            queue_one(f"well {number}")
            drain()
            age(next_attempt_at=clock.now())
        assert states() == {"poison": "failed", "well 0": "sent", "well 1": "sent", "well 2": "sent"}
        assert Notice.objects.get(key="poison").last_error == "ValueError: poison"

    def test_a_kind_that_nobody_renders_is_parked(self):
        queue(key="stray", kind="nobody:x", address="ada@example.org", lasts=HOUR)
        for _ in range(3):
            drain()
            age(next_attempt_at=clock.now())
        assert states() == {"stray": "failed"}

    def test_one_whose_sender_died_goes_when_the_lease_ends_and_not_before(self):
        queue_one()
        age(state="sending", claim=uuid.uuid4(), lease_until=clock.now() + HOUR, attempts=1, faults=1)
        assert drain().claimed == 0
        age(lease_until=clock.now())
        assert drain().sent == 1

    def test_one_that_ends_its_process_is_parked_alone(self):
        for number in range(3):
            queue_one(str(number))
        ended_with = Notice.objects.get(key="0").pk
        drained_by_death = 0
        while Notice.objects.exclude(state__in=["sent", "failed"]).exists():
            claimed = claims.claim_abandoned(uuid.uuid4()) or claims.claim_due(uuid.uuid4(), 20)
            claimed = [group.leader for group in claimed]
            if ended_with in [row.pk for row in claimed]:
                drained_by_death += 1
            else:
                age_out = Notice.objects.filter(pk__in=[row.pk for row in claimed])
                age_out.update(state="sent", claim=None, lease_until=None, sent_at=clock.now())
            Notice.objects.filter(state="sending").update(lease_until=clock.now())
            assert drained_by_death < 10
        assert states() == {"0": "failed", "1": "sent", "2": "sent"}

    def test_who_lost_the_lease_marks_nothing(self):
        queue_one()
        [group] = claims.claim_due(uuid.uuid4(), 20)
        late = outgoing.Outgoing(uuid.uuid4(), [group], time.monotonic())
        late._mark(group.rows, state="failed")
        assert states() == {"one": "sending"}

    def test_a_notice_whose_member_left_meanwhile_troubles_nobody(self, ada):
        queue_one(member=ada)
        claim = uuid.uuid4()
        rows = claims.claim_due(claim, 20)
        ada.delete()
        assert outgoing.Outgoing(claim, rows, time.monotonic()).run().sent == 0
        assert states() == {}


@contextmanager
def in_threads(count, run):
    start = threading.Barrier(count)
    errors = []

    def go():
        try:
            start.wait()
            run()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield errors


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_several_drains_at_once_send_each_notice_once(self, sink):
        for number in range(60):
            queue_one(str(number))

        def drain_all():
            while drain(limit=5).claimed:
                pass

        with in_threads(4, drain_all) as errors:
            assert errors == []
        assert Counter(states().values()) == {"sent": 60}
        assert Counter(sink.ids) == {message_id(str(number)): 1 for number in range(60)}

    def test_the_same_notice_queued_at_once_is_one(self):
        with in_threads(6, lambda: queue_one("same")) as errors:
            assert errors == []
        assert states() == {"same": "pending"}

    def test_the_command_sends_what_is_due(self):
        queue_one()
        call_command("send_due")
        assert states() == {"one": "sent"}

    def test_a_killed_process_loses_nothing(self, sink, settings, tmp_path):
        """A process dies with a mail in flight; the next drain sends what is left, once the lease is over."""
        sink.hang_seconds = 30
        for number in range(3):
            queue(
                key=str(number),
                kind="account:emails/account_deleted",
                address="ada@example.org",
                context={"site_url": "http://testserver", "site_name": "Peermentor", "email": "ada@example.org"},
                lasts=HOUR,
            )
        database = connection.settings_dict
        environment = {
            "PATH": "/usr/bin:/bin",
            "DEBUG": "1",
            "DATABASE_URL": "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database),
            "REDIS_URL": settings.CELERY_BROKER_URL,
            "EMAIL_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        }
        log = (tmp_path / "log").open("w")
        sender = subprocess.Popen(
            [sys.executable, "manage.py", "send_due"], env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=log
        )
        deadline = time.monotonic() + 30
        while not sink.mails and time.monotonic() < deadline and sender.poll() is None:
            time.sleep(0.05)
        sender.kill()
        sender.wait()
        log.close()
        assert len(sink.mails) == 1, (tmp_path / "log").read_text()
        assert Counter(states().values()) == {"sending": 3}
        sink.hang_seconds = 0
        assert drain().claimed == 0
        age(lease_until=clock.now())
        while drain().claimed:
            pass
        assert Counter(states().values()) == {"sent": 3}
        assert sorted(Counter(sink.ids).values()) == [1, 1, 2]
