"""Each of a pair is asked, alone, whether it is a good fit; only two yeses are heard by both."""

import datetime as dt
import re

import pyotp
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.models import Notice
from accounts.rules import Refused
from checkins import fit_counts, series
from checkins.actions import fitting as answering, meetings, planning
from checkins.fitting import Answer, Question, questions
from checkins.models import CheckIn, FitAnswer, Silence
from contracts.actions import ending
from contracts.models import Contract
from peermentor.demo.days import days_ago
from tests.checkins.conftest import first_of, meetings_of
from tests.days import advance
from tests.pairs import in_force
from tests.people import member, settle
from tests.together import at_once

pytestmark = pytest.mark.django_db
YES, UNSURE, NO = Answer.YES, Answer.UNSURE, Answer.NO
START = dt.datetime(2026, 3, 3, 19, tzinfo=dt.UTC)


def weekly(count: int, every_weeks: int = 1) -> list[dt.datetime]:
    return [START + dt.timedelta(weeks=every_weeks * number) for number in range(count)]


# After which meetings one is asked, by how many there were and how often they are.
ASKED = [
    ("none yet", [], []),
    ("one", weekly(1), [1]),
    ("three", weekly(3), [1]),
    ("four", weekly(4), [1, 4]),
    ("seven", weekly(7), [1, 4]),
    ("eight", weekly(8), [1, 4, 8]),
    ("a quarter", weekly(13), [1, 4, 8, 12]),
    ("every other week, asked about once a month", weekly(8, 2), [1, 4, 6, 8]),
    ("every third week", weekly(8, 3), [1, 4, 6, 8]),
    ("every fourth week", weekly(7, 4), [1, 4, 5, 6, 7]),
    (
        "an hour short of four weeks, as the clocks change",
        [*weekly(4, 2), START + dt.timedelta(days=69, hours=23)],
        [1, 4, 5],
    ),
    ("two in one week, moved together", [*weekly(4), *[each + dt.timedelta(days=1) for each in weekly(4)]], [1, 4, 8]),
]


@pytest.mark.parametrize(("ends", "after"), [case[1:] for case in ASKED], ids=[case[0] for case in ASKED])
def test_when_one_is_asked(ends, after):
    assert questions(ends) == [Question(number, ends[at - 1]) for number, at in enumerate(after, start=1)]


def go_to_end_of(contract: Contract, number: int) -> None:
    one = meetings_of(contract)[number]
    advance(seconds=(one.ends_at - clock.now()).total_seconds() + 60)


@pytest.fixture
def asked(contract) -> Contract:
    """The two have just met for the first time."""
    go_to_end_of(contract, 0)
    return contract


def say(by, contract: Contract, says: Answer = YES, *, question: int = 1, words: str = "") -> FitAnswer:
    return answering.answer(by=by, contract_id=contract.pk, question=question, says=says, words=words)


def page(client, contract: Contract, name: str = "fit") -> str:
    """What a page says, without what differs from one request to the next."""
    html = client.get(reverse(name, args=[contract.pk])).content.decode()
    return re.sub(r'(csrfmiddlewaretoken" value=|CSRFToken&quot;: &quot;|X-CSRFToken": ")"?[\w]+', "", html)


def test_nothing_is_asked_before_the_two_have_met(contract, ada, client_of):
    client = client_of(ada)
    assert client.get(reverse("fit", args=[contract.pk])).url == reverse("weeks", args=[contract.pk])
    assert "good fit" not in page(client, contract, "weeks")
    with pytest.raises(Refused):
        say(ada, contract)


def test_after_the_first_meeting_home_and_the_weeks_ask_quietly(asked, ada, client_of):
    client = client_of(ada)
    url = reverse("fit", args=[asked.pk])
    assert [thing.url for thing in client.get(reverse("home")).context["waiting"]].count(url) == 1
    assert url in page(client, asked, "weeks")
    say(ada, asked, NO)
    assert url not in [thing.url for thing in client.get(reverse("home")).context["waiting"]]
    assert "You have said, for yourself" in page(client, asked, "weeks")


def test_home_asks_for_two_weeks_and_the_page_until_the_next_question(asked, ada, client_of):
    client = client_of(ada)
    advance(days=15)
    assert reverse("fit", args=[asked.pk]) not in [each.url for each in client.get(reverse("home")).context["waiting"]]
    assert client.get(reverse("fit", args=[asked.pk])).status_code == 200


@pytest.mark.parametrize("became", ["cancelled", "paused", "not held"])
def test_a_meeting_that_did_not_take_place_is_not_asked_about(contract, ada, client_of, became):
    one = first_of(contract)
    if became == "cancelled":
        meetings.cancel(by=ada, contract_id=contract.pk, on=one.on, note="", seen=0)
    elif became == "paused":
        meetings.pause(by=ada, contract_id=contract.pk, from_on=one.on, until_on=one.on, note="")
    go_to_end_of(contract, 0)
    if became == "not held":
        meetings.say_held(by=ada, contract_id=contract.pk, on=one.on, held="no")
    assert client_of(ada).get(reverse("fit", args=[contract.pk])).status_code == 302


def test_answering_by_the_form(asked, ada, client_of):
    client = client_of(ada)
    url = reverse("fit", args=[asked.pk])
    refused = client.post(url, {"question": "1", "words": "Hm"})
    assert refused.status_code == 200
    assert "Choose one of the three answers." in refused.content.decode()
    assert client.post(url, {"question": "1", "says": "unsure", "words": "Too early"}).url == url
    mine = FitAnswer.objects.get()
    assert (mine.author, mine.side, mine.question, mine.says, mine.words, mine.shared_at) == (
        *(ada, "first", 1, "unsure", "Too early"),
        None,
    )
    html = client.get(url).content.decode()
    assert "Too early" in html
    for name, args in (("pair_pause", [asked.pk]), ("contract", [asked.pk]), ("introduction", [asked.introduction_id])):
        assert reverse(name, args=args) in html


def test_a_page_from_before_the_next_question_is_refused_with_a_sentence(asked, ada, client_of):
    url = reverse("fit", args=[asked.pk])
    go_to_end_of(asked, 3)
    refused = client_of(ada).post(url, {"question": "1", "says": "yes"})
    assert "You are asked anew meanwhile" in refused.content.decode()
    assert 'name="question" value="2"' in refused.content.decode()
    assert not FitAnswer.objects.exists()


OTHERS = {
    "has not answered": [],
    "is not sure": [UNSURE],
    "says no": [NO],
    "said yes before, and no now": [YES, NO],
}


@pytest.mark.parametrize("mine", [YES, UNSURE, NO])
def test_what_one_sees_is_the_same_to_the_byte_whatever_the_other_said(asked, ada, ben, client_of, mine):
    """Also where the other has said yes, unless one says so oneself."""
    seen: dict[str, tuple] = {}
    others = dict(OTHERS) if mine is YES else {**OTHERS, "says yes": [YES]}
    client = client_of(ada)
    for other, answers in others.items():
        with transaction.atomic():
            for each in answers:
                say(ben, asked, each, words="Never to be read by Ada")
            say(ada, asked, mine)
            pages = [page(client, asked, name) for name in ("fit", "weeks")]
            seen[other] = (*pages, client.get(reverse("home")).context["waiting"])
            transaction.set_rollback(True)
    assert all(each == seen["has not answered"] for each in seen.values())
    assert "Never to be read" not in "".join(pages)


@pytest.mark.parametrize("answers", list(OTHERS.values()), ids=list(OTHERS))
def test_who_has_not_answered_sees_nothing_of_the_others_answer(asked, ada, ben, client_of, answers):
    client = client_of(ada)
    before = [page(client, asked, name) for name in ("fit", "weeks")]
    for each in [*answers, YES]:
        say(ben, asked, each)
        assert [page(client, asked, name) for name in ("fit", "weeks")] == before


def test_two_yeses_are_heard_by_both(asked, ada, ben, client_of):
    said = "You and Ben have both said that it is a good fit."
    say(ada, asked)
    assert said not in page(client_of(ada), asked)
    say(ben, asked)
    assert said in page(client_of(ada), asked)
    assert said in page(client_of(ada), asked, "weeks")
    assert "You and Ada have both said that it is a good fit." in page(client_of(ben), asked)
    assert reverse("pair_pause", args=[asked.pk]) in page(client_of(ada), asked)


def test_what_both_have_heard_stays_for_this_question_whatever_one_says_then(asked, ada, ben, client_of):
    say(ada, asked)
    say(ben, asked)
    before = page(client_of(ada), asked)
    say(ben, asked, NO, words="Was hasty")
    assert page(client_of(ada), asked) == before
    assert FitAnswer.objects.get(author=ben).says == NO


def test_the_next_question_begins_anew(asked, ada, ben, client_of):
    say(ada, asked)
    say(ben, asked)
    go_to_end_of(asked, 3)
    html = page(client_of(ada), asked)
    assert "have both said" not in html
    assert 'name="question" value="2"' in html
    say(ada, asked, UNSURE, question=2)
    assert list(FitAnswer.objects.filter(author=ada).values_list("question", "says")) == [(1, "yes"), (2, "unsure")]


def test_nothing_is_asked_of_a_pair_that_has_parted(asked, ada, ben, client_of):
    ending.part(by=ben, contract_id=asked.pk)
    assert client_of(ada).get(reverse("fit", args=[asked.pk])).status_code == 302
    with pytest.raises(Refused, match="has ended"):
        say(ada, asked)


def test_strangers_get_404(asked, dan, client_of):
    assert client_of(dan).get(reverse("fit", args=[asked.pk])).status_code == 404


def test_the_download_has_ones_own_answers_alone_and_they_go_with_their_author(asked, ada, ben):
    say(ada, asked, NO, words="Mine alone")
    say(ben, asked, YES, words="His alone")
    [held] = [each for each in apps.get_app_config("checkins").held_about_members if each.model == "checkins.FitAnswer"]
    assert [row["words"] for row in held.rows(ada.pk)] == ["Mine alone"]
    assert [row["words"] for row in held.rows(ben.pk)] == ["His alone"]
    ben.delete()
    assert list(FitAnswer.objects.values_list("words", flat=True)) == ["Mine alone"]


def test_when_both_have_left_nothing_hangs_on_their_contract(asked, ada, ben):
    planning.plan_all()
    say(ada, asked)
    say(ben, asked)
    assert Silence.objects.exists()
    ada.delete()
    ben.delete()
    connection.check_constraints()
    assert (FitAnswer.objects.count(), Silence.objects.count(), Contract.objects.count()) == (0, 0, 0)


@pytest.fixture
def met(transactional_db, ada, ben) -> Contract:
    """They met for the first time some days ago, by the clock itself: each act has a connection of its own."""
    with transaction.atomic(), days_ago(10):
        return in_force(ada, ben)


@pytest.mark.django_db(transaction=True)
def test_both_say_yes_at_once_and_both_hear_it(met, ada, ben):
    outcomes = at_once(lambda: say(ada, met), lambda: say(ben, met))
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert FitAnswer.objects.filter(shared_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_one_changes_their_mind_at_the_moment_at_which_the_other_says_yes(met, ada, ben):
    say(ada, met)
    outcomes = at_once(lambda: say(ada, met, NO), lambda: say(ben, met))
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert FitAnswer.objects.get(author=ada).says == NO
    # Both have heard it, or neither: whichever came first.
    assert len(set(FitAnswer.objects.values_list("shared_at", flat=True))) == 1


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_it_is_answered_once(met, ada):
    outcomes = at_once(*[lambda: say(ada, met)] * 3)
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert FitAnswer.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE checkins_fitanswer SET shared_at = now() WHERE side = 'first'",
        "UPDATE checkins_fitanswer SET shared_at = now()",
        "UPDATE checkins_fitanswer SET side = 'second' WHERE side = 'first'",
        "UPDATE checkins_fitanswer SET says = 'stars'",
        "UPDATE checkins_fitanswer SET question = 0",
    ],
)
def test_the_database_refuses(asked, ada, ben, wrong):
    say(ada, asked)
    say(ben, asked, UNSURE)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(wrong)


def test_the_database_keeps_what_both_have_heard(asked, ada, ben):
    say(ada, asked)
    say(ben, asked)
    with pytest.raises(IntegrityError), transaction.atomic():
        FitAnswer.objects.update(shared_at=None)


def test_home_asks_for_no_answer_of_its_own(asked, ada, client_of):
    """The question is in the queries that read the pairs anyhow."""
    client = client_of(ada)
    client.get(reverse("home"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("home"))
    assert not [each for each in queries if each["sql"].startswith('SELECT "checkins_fitanswer"')]


def pairs_that_answer(count: int) -> None:
    for number in range(count):
        one, other = (
            settle(member(f"{name}{number}@example.org", f"{name.title()} {number}"), offers={a: 1}, needs={b: 1})
            for name, a, b in (("one", "Writing", "Bookkeeping"), ("two", "Bookkeeping", "Writing"))
        )
        contract = in_force(one, other)
        FitAnswer.objects.create(contract=contract, question=1, side="first", author=one, says="no")
        FitAnswer.objects.create(contract=contract, question=1, side="second", author=other, says="yes")


@pytest.mark.parametrize(("pairs", "counts"), [(4, None), (5, {"yes": 5, "unsure": 0, "no": 5})])
def test_staff_see_counts_over_five_pairs_at_least_and_only_of_months_that_are_over(ada, pairs, counts):
    pairs_that_answer(pairs)
    today = clock.now().date()
    assert fit_counts.by_month(today)[0].counts is None
    next_month = (today.replace(day=1) + dt.timedelta(days=40)).replace(day=1)
    assert fit_counts.by_month(next_month)[0].counts == counts


def test_the_staffs_page_says_that_it_is_too_few(asked, ada, olga, client_of):
    TOTP.activate(olga, pyotp.random_base32())
    say(ada, asked, NO, words="Mine alone")
    html = client_of(olga).get(reverse("admin:fits")).content.decode()
    assert html.count("Too few to say.") == 6
    assert "Mine alone" not in html


def test_an_answer_is_no_check_in_and_no_mail(asked, ada, ben):
    before = Notice.objects.count()
    say(ada, asked)
    say(ben, asked)
    assert Notice.objects.count() == before
    assert not CheckIn.objects.exists()
    assert series.of(asked) is not None
