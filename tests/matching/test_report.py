"""A member reports another to staff, and staff answer; who was reported never learns of it."""

import datetime as dt

import pyotp
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock, export
from accounts.actions.erasing import erase
from accounts.actions.profiles import save_profile
from accounts.models import Block, Notice, User
from accounts.rules import Refused
from contracts.models import Contract
from matching.actions import reports
from matching.models import Introduction, Report
from peermentor.demo.days import days_ago
from tests.matching.conftest import conversation, write
from tests.pairs import in_force
from tests.people import member
from tests.together import at_once

pytestmark = pytest.mark.django_db
SAID = {"reason": "pressure", "words": "She writes at night."}


@pytest.fixture
def insider(olga, client_of) -> Client:
    TOTP.activate(olga, pyotp.random_base32())
    return client_of(olga)


@pytest.fixture
def talking(ada, ben) -> Introduction:
    introduction = conversation(ada, ben)
    write(introduction, ada, "Send me money")
    write(introduction, ben, "No")
    return introduction


def report(client, name: str, *args, **what):
    return client.post(reverse(name, args=args), {**SAID, **what}, follow=True)


def words_of(response) -> str:
    return response.content.decode()


def change(client, told: Report, **what):
    url = reverse("admin:matching_report_change", args=[told.pk])
    return client.post(url, {"answer": "", "staff_note": "", **what}, follow=True)


def test_a_page_is_reported_with_what_it_says_now(ada, ben, client_of):
    client = client_of(ben)
    link = reverse("report_member", args=[ada.pk])
    assert link in words_of(client.get(reverse("partner", args=[ada.pk])))
    form = words_of(client.get(link))
    assert "Call the emergency number where you are first" in form
    assert "Ada is not told that you wrote" in form
    said = report(client, "report_member", ada.pk)
    assert said.redirect_chain[-1][0] == reverse("reports")
    assert "Thank you for telling us. We read it, and answer you here and by mail." in words_of(said)
    assert "She writes at night." in words_of(said)
    [told] = Report.objects.all()
    assert (told.reporter, told.reported, told.about, told.reason) == (ben, ada, "profile", "pressure")
    save_profile(by=ada, name="Ada Dark", headline="", about="")
    told.refresh_from_db()
    for kept in (
        "Ada Bright",
        "Novelist, London",
        "Says hello to everybody.",
        "Ada Bright finishes a draft",
        "Writing",
    ):
        assert kept in told.copy


def test_the_copy_holds_no_more_than_who_reports_may_read(ada, ben):
    save_profile(by=ada, name="Ada Bright", headline="Novelist", about="Only for friends", contact="")
    type(ada.profile).objects.filter(member=ada).update(about_shown_to="introduced")
    ada.listings.filter(phrase="Writing").update(shown_to="nobody")
    told = reports.report_member(by=ben, member=ada, reason="other", words="Odd")
    assert "Ada Bright" in told.copy
    assert "Only for friends" not in told.copy
    assert "Writing" not in told.copy


def test_a_conversation_is_reported_with_how_it_began_and_its_last_messages(talking, ada, ben, client_of):
    link = reverse("report_conversation", args=[talking.pk])
    assert link in words_of(client_of(ben).get(talking.get_absolute_url()))
    report(client_of(ben), "report_conversation", talking.pk)
    [told] = Report.objects.all()
    assert (told.reported, told.introduction) == (ada, talking)
    lines = [line[17:] for line in told.copy.splitlines()]
    assert lines == [
        "They: I can read your drafts, and my books are a mess.",
        "I: (Accepted)",
        "They: Send me money",
        "I: No",
    ]


def test_a_message_of_the_other_is_reported_and_none_of_ones_own(talking, ada, ben, client_of):
    theirs, mine = talking.messages.order_by("pk")
    page = words_of(client_of(ben).get(talking.get_absolute_url()))
    assert reverse("report_message", args=[talking.pk, theirs.pk]) in page
    assert reverse("report_message", args=[talking.pk, mine.pk]) not in page
    assert client_of(ben).get(reverse("report_message", args=[talking.pk, mine.pk])).status_code == 404
    report(client_of(ben), "report_message", talking.pk, theirs.pk)
    [told] = Report.objects.all()
    assert told.copy.endswith("They: Send me money")
    talking.messages.all().delete()
    told.refresh_from_db()
    assert told.copy.endswith("They: Send me money")


def test_who_is_no_party_or_is_not_seen_gets_404(talking, ada, ben, dan, client_of):
    message = talking.messages.first()
    for name, *args in (("report_conversation", talking.pk), ("report_message", talking.pk, message.pk)):
        for answer in (client_of(dan).get, client_of(dan).post):
            assert answer(reverse(name, args=args)).status_code == 404
    Block.objects.create(blocker=ada, blocked=dan)
    for person, about in ((dan, ada), (ada, ada)):
        assert client_of(person).post(reverse("report_member", args=[about.pk]), SAID).status_code == 404
    assert not Report.objects.exists()


def test_a_report_may_block_as_well(ada, ben, client_of):
    contract = in_force(ada, ben)
    said = words_of(report(client_of(ben), "report_member", ada.pk, also_block="on"))
    assert "Thank you for telling us." in said
    assert "Your reports" in words_of(report(client_of(ben), "report_member", ada.pk, also_block="on"))
    assert Block.objects.filter(blocker=ben, blocked=ada).exists()
    assert Contract.objects.get(pk=contract.pk).state == "parted"
    # What was told is there all the same.
    assert "Ada Bright" in words_of(client_of(ben).get(reverse("reports")))


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"reason": "hated"}, {"reason": "other", "words": " "}])
def test_what_is_missing_is_said(ada, ben, client_of, wrong):
    response = report(client_of(ben), "report_member", ada.pk, **wrong)
    assert response.status_code == 200
    assert "There is a problem" in words_of(response)
    assert not Report.objects.exists()


def test_the_same_thing_twice_is_known_and_another_is_new(talking, ada, ben, client_of):
    client = client_of(ben)
    report(client, "report_member", ada.pk)
    # A double click is no second report, and no problem either.
    assert "She writes at night." in words_of(report(client, "report_member", ada.pk))
    Report.objects.update(reported_at=clock.now() - dt.timedelta(minutes=1))
    assert "We have it already" in words_of(report(client, "report_member", ada.pk))
    report(client, "report_conversation", talking.pk)
    assert Report.objects.count() == 2
    # Once it is answered there may be something new.
    Report.objects.update(
        state="answered",
        answer="Thank you",
        answered_at=clock.now(),
        reported_at=clock.now() - dt.timedelta(minutes=1),
    )
    report(client, "report_member", ada.pk)
    assert Report.objects.count() == 3


def test_five_a_day(ben, client_of):
    client = client_of(ben)
    for number in range(6):
        other = member(f"m{number}@example.org", f"M {number}")
        said = words_of(report(client, "report_member", other.pk))
        assert ("You have told us of 5 things within a day." in said) is (number == 5)
    assert Report.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_once_it_is_one_report(transactional_db, ada, ben):
    act = lambda: reports.report_member(by=ben, member=ada, reason="money")  # noqa: E731
    outcomes = at_once(act, act)
    [told] = Report.objects.all()
    assert outcomes.count(told) == 1


def test_staff_see_the_oldest_first_and_how_many_wait(insider, ada, ben, chloe, client_of):
    with days_ago(2):
        old = reports.report_member(by=chloe, member=ada, reason="false")
    new = reports.report_member(by=ben, member=ada, reason="money")
    assert "Reports of members: 2 wait for an answer" in words_of(insider.get(reverse("admin:index")))
    shown = insider.get(reverse("admin:matching_report_changelist"))
    assert list(shown.context["cl"].result_list) == [old, new]
    page = words_of(insider.get(reverse("admin:matching_report_change", args=[new.pk])))
    assert reverse("admin:accounts_user_change", args=[ada.pk]) in page
    change(insider, old, answer="Thank you.")
    assert list(insider.get(reverse("admin:matching_report_changelist")).context["cl"].result_list) == [new, old]
    assert "Reports of members: 1 waits for an answer" in words_of(insider.get(reverse("admin:index")))


def test_staff_answer_and_who_told_hears_it(insider, olga, ada, ben, client_of, delivered):
    told = reports.report_member(by=ben, member=ada, reason="money", words="She asks for money.")
    delivered()
    assert "We have it, and read the oldest first." in words_of(client_of(ben).get(reverse("reports")))
    change(insider, told, staff_note="Looks true.")
    told.refresh_from_db()
    assert (told.state, told.handled_by, told.staff_note) == ("looked_at", olga, "Looks true.")
    assert "Somebody is looking at it." in words_of(client_of(ben).get(reverse("reports")))
    assert delivered() == []
    change(insider, told, answer="We have closed the account.", staff_note="Looks true.")
    [mail] = delivered()
    assert (mail.to, mail.subject) == (["ben@example.org"], "Our answer to what you told us")
    assert "We have closed the account." in mail.body
    assert "Ada" not in mail.body
    page = words_of(client_of(ben).get(reverse("reports")))
    assert "We have closed the account." in page
    assert "Looks true." not in page
    # What went out stays as it is; the note is open.
    change(insider, told, answer="Something else", staff_note="More.")
    told.refresh_from_db()
    assert (told.answer, told.staff_note) == ("We have closed the account.", "More.")
    assert delivered() == []


def test_two_of_staff_do_not_answer_twice(olga, ada, ben):
    told = reports.report_member(by=ben, member=ada, reason="money")
    reports.answer(by=olga, report=told, text="One")
    with pytest.raises(Refused, match="Somebody has answered meanwhile"):
        reports.answer(by=olga, report=told, text="Two")
    assert Notice.objects.filter(kind="report:answered").count() == 1


def test_staff_do_not_read_what_is_said_about_themselves(insider, olga, ada, ben):
    told = reports.report_member(by=ben, member=olga, reason="money")
    assert list(insider.get(reverse("admin:matching_report_changelist")).context["cl"].result_list) == []
    assert insider.get(reverse("admin:matching_report_change", args=[told.pk])).status_code == 302
    assert insider.get(reverse("admin:matching_report_history", args=[told.pk])).status_code == 302


def test_staff_take_several_in_hand_and_delete_none(insider, ada, ben):
    told = reports.report_member(by=ben, member=ada, reason="money")
    url = reverse("admin:matching_report_changelist")
    insider.post(url, {"action": "take", "_selected_action": [told.pk]})
    told.refresh_from_db()
    assert told.state == "looked_at"
    assert insider.get(reverse("admin:matching_report_delete", args=[told.pk])).status_code == 403
    assert insider.get(reverse("admin:matching_report_add")).status_code == 403


def test_who_is_reported_sees_nothing_of_it(talking, ada, ben, client_of, delivered):
    def seen() -> list[str]:
        ours = [held for held in export.holdings() if held.fields and held.model.startswith("matching.")]
        return [
            export.as_json({held.name: held.rows(ada.pk) for held in ours}),
            str(list(Notice.objects.filter(member=ada).values_list("kind", flat=True))),
        ]

    before = seen()
    report(client_of(ben), "report_conversation", talking.pk)
    assert seen() == before
    assert "report" not in [mail.subject for mail in delivered()]
    assert words_of(client_of(ada).get(reverse("reports"))).count("You have reported nothing") == 1


def test_what_stays_when_one_of_them_leaves(ada, ben, chloe, client_of):
    told = reports.report_member(by=ben, member=ada, reason="money", words="She asks for money.")
    [row] = next(each for each in export.holdings() if each.model == "matching.Report" and each.fields).rows(ben.pk)
    assert (row["reported"], row["words"]) == ("Ada Bright", "She asks for money.")
    assert "handled_by" not in row
    erase(by=ben, site_url="http://localhost")
    told.refresh_from_db()
    assert (told.reporter, told.reported, told.words) == (None, ada, "She asks for money.")
    assert "Ben" not in told.copy
    other = reports.report_member(by=chloe, member=ada, reason="money")
    erase(by=ada, site_url="http://localhost")
    assert "A member who has left" in words_of(client_of(chloe).get(reverse("reports")))
    # Nobody is left to be told, and staff may answer all the same.
    reports.answer(by=member("s@example.org", "Staff"), report=told, text="Seen.")
    assert not Notice.objects.filter(kind="report:answered").exists()
    assert Report.objects.get(pk=other.pk).reported is None


def test_a_year_after_the_answer_it_is_forgotten(olga, ada, ben, chloe):
    kept = reports.report_member(by=ben, member=ada, reason="money")
    gone = reports.report_member(by=chloe, member=ada, reason="money")
    for told, days in ((kept, 364), (gone, 366)):
        reports.answer(by=olga, report=told, text="Seen.")
        Report.objects.filter(pk=told.pk).update(answered_at=clock.now() - dt.timedelta(days=days))
    assert reports.forget_answered() == 1
    assert list(Report.objects.all()) == [kept]


def test_the_page_asks_as_often_for_three_as_for_one(ben, client_of):
    client, counts = client_of(ben), set()
    client.get(reverse("reports"))
    for number in range(3):
        other: User = member(f"m{number}@example.org", f"M {number}")
        reports.report_member(by=ben, member=other, reason="money")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("reports"))
        counts.add(len(queries))
    assert len(counts) == 1
