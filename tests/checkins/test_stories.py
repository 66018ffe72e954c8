"""The question that both are asked, the story of a contract for both, and a member's own for nobody else."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts import clock, zones
from accounts.actions.blocks import block
from accounts.actions.erasing import erase
from accounts.actions.goals import end_goal, set_goal
from accounts.held import holdings
from checkins import books
from checkins.actions import checkins, help as helping, meetings
from checkins.actions.checkins import Said
from checkins.models import FineAsItIs, Naming
from contracts.actions import closing, ending
from contracts.models import Contract
from contracts.stretches import Outcome
from tests.checkins.conftest import meetings_of
from tests.days import advance

pytestmark = pytest.mark.django_db
ASKED = "Is that how you two want it?"


def give(contract, giver, receiver, side: str, amount: str = "0.5") -> None:
    row = next(row for row in books.of(Contract.objects.get(pk=contract.pk)).rows if row.giver == side)
    said = helping.say(
        by=giver, contract_id=contract.pk, version=row.version, key=row.key, amount=Decimal(amount),
        on=zones.local_time(giver.time_zone, clock.now()).date(),
    )  # fmt: skip
    helping.confirm(by=receiver, contract_id=contract.pk, help_id=said.pk, amount=Decimal(amount))


def got(contract, receiver, side: str, amount: str) -> None:
    row = next(row for row in books.of(Contract.objects.get(pk=contract.pk)).rows if row.giver == side)
    on = zones.local_time(receiver.time_zone, clock.now()).date()
    helping.say(
        by=receiver, contract_id=contract.pk, version=row.version, key=row.key, amount=Decimal(amount), on=on
    )  # fmt: skip


def come_to(one) -> None:
    """Let time go by until an hour after a meeting has begun."""
    advance(seconds=int((one.at - clock.now()).total_seconds()) + 3600)


def live(contract, giver, receiver, side: str, weeks: range) -> None:
    """Weeks in which one alone gives, on the day before the meeting."""
    for one in meetings_of(contract)[weeks.start : weeks.stop]:
        advance(seconds=int((one.at - clock.now()).total_seconds()) - 86400)
        give(contract, giver, receiver, side)
        come_to(one)


def page_of(name: str, contract, person, client_of) -> str:
    return client_of(person).get(reverse(name, args=[contract.pk])).content.decode()


@pytest.mark.parametrize("side", ["first", "second"])
def test_after_three_lopsided_weeks_both_are_asked_the_same(contract, ada, ben, client_of, delivered, side):
    giver, receiver = (ada, ben) if side == "first" else (ben, ada)
    live(contract, giver, receiver, side, range(2))
    assert ASKED not in page_of("weeks", contract, ada, client_of)
    live(contract, giver, receiver, side, range(2, 3))
    asked = []
    for person in (ada, ben):
        for name in ("weeks", "pair_help"):
            page = page_of(name, contract, person, client_of)
            start = page.index(ASKED)
            asked.append(page[start : page.index("</p>", start)])
    assert len(set(asked)) == 1
    assert "For three weeks the help has gone mostly one way." in asked[0]
    assert "Ada" not in asked[0]
    assert "Ben" not in asked[0]
    advance(hours=1)
    assert not [mail for mail in delivered() if "one way" in mail.body]


def test_it_is_fine_for_one_of_them_until_three_more(contract, ada, ben, client_of):
    live(contract, ada, ben, "first", range(3))
    upto = meetings_of(contract)[2].on
    client_of(ada).post(reverse("help_fine", args=[contract.pk, upto]))
    assert ASKED not in page_of("weeks", contract, ada, client_of)
    assert ASKED in page_of("weeks", contract, ben, client_of), "each says so for themselves"
    client_of(ada).post(reverse("help_ask_again", args=[contract.pk, upto]))
    assert ASKED in page_of("weeks", contract, ada, client_of)
    client_of(ada).post(reverse("help_fine", args=[contract.pk, upto]))
    live(contract, ada, ben, "first", range(3, 4))
    assert ASKED not in page_of("weeks", contract, ada, client_of)
    assert "For some weeks the help has gone mostly one way." in page_of("weeks", contract, ben, client_of)
    assert FineAsItIs.objects.count() == 1
    assert client_of(ada).post(reverse("help_fine", args=[contract.pk, dt.date(2020, 1, 1)])).status_code == 404


def test_nobody_is_asked_once_they_have_parted(contract, ada, ben, client_of):
    live(contract, ada, ben, "first", range(3))
    ending.part(by=ada, contract_id=contract.pk)
    assert ASKED not in page_of("weeks", contract, ada, client_of)


# --- How it goes ------------------------------------------------------------------------------------------------------


def test_the_weeks_say_the_pace_what_helped_and_how_promises_stand(contract, ada, ben, client_of):
    for number, one in enumerate(meetings_of(contract)[:2]):
        said = Said(moved="Pages", indicator=Decimal(2 + number), strategies=["Write before breakfast"])
        checkins.send(by=ada, contract_id=contract.pk, on=one.on, said=said)
        come_to(one)
    give(contract, ada, ben, "first", "4")
    page = page_of("weeks", contract, ada, client_of)
    assert "To get there by" in page
    assert "Lately it was about 1." in page
    assert "(2 times)" in page
    assert "A bite of:" in page
    assert "A novel" in page
    assert "4 of 4 hours" in page
    assert "You have given <b>4 hours</b>" in page
    assert "Lately it was about 1." in page_of("weeks", contract, ben, client_of)


# --- The story of a contract ------------------------------------------------------------------------------------------


def lived(contract, ada, ben) -> None:
    for one in meetings_of(contract)[:2]:
        for person in (ada, ben):
            name = person.profile.first_name
            said = Said(moved=f"{name} moved it", private_note=f"Secret of {name}")
            checkins.send(by=person, contract_id=contract.pk, on=one.on, said=said)
        come_to(one)
        meetings.say_held(by=ada, contract_id=contract.pk, on=one.on, held="yes")
    give(contract, ada, ben, "first", "2")
    got(contract, ben, "first", "1")


def test_the_story_is_told_at_the_end_and_the_same_to_both(contract, ada, ben, client_of):
    lived(contract, ada, ben)
    early = client_of(ada).get(reverse("contract_story", args=[contract.pk]))
    assert early.url == reverse("weeks", args=[contract.pk])
    said = {"learned": "To cut", "otherwise": "Begin", "thanks": "For the storm"}
    for person in (ada, ben):
        closing.review(by=person, contract_id=contract.pk, version=1, outcome=Outcome.DONE, **said)
        ending.say_done(by=person, contract_id=contract.pk)
    pages = [page_of("contract_story", contract, person, client_of) for person in (ada, ben)]
    for page in pages:
        assert "You both said that you got there." in page
        assert page.count("Ada moved it") == page.count("Ben moved it") == 2
        assert "Secret of" not in page
        assert "3 of 4 hours" in page
        assert "Ada Bright gave Ben Carter: 3 hours" in page
        assert page.count("For the storm") == 2
        assert "written down by Ben Carter" in page
    parts = [page[page.index('id="agreed"') : page.index("</main>")] for page in pages]
    assert parts[0] == parts[1]
    assert reverse("contract_story", args=[contract.pk]) in page_of("contract", contract, ada, client_of)
    assert reverse("contract_story", args=[contract.pk]) in page_of("weeks", contract, ben, client_of)


def test_what_the_other_wrote_of_a_meeting_that_never_began_stays_theirs(contract, ada, ben, client_of):
    one = meetings_of(contract)[0]
    checkins.send(by=ben, contract_id=contract.pk, on=one.on, said=Said(moved="Not open yet"))
    ending.part(by=ada, contract_id=contract.pk)
    assert "Not open yet" not in page_of("contract_story", contract, ada, client_of)


def test_the_story_of_a_stretch_can_be_read_while_the_contract_goes_on(contract, ada, ben, client_of):
    lived(contract, ada, ben)
    advance(days=100)
    assert "Ada moved it" in page_of("contract_story", contract, ben, client_of)


@pytest.mark.parametrize("count", [1, 4])
def test_the_story_asks_as_often_however_many_weeks(
    contract, ada, ben, client_of, count, django_assert_max_num_queries
):
    live(contract, ada, ben, "first", range(count))
    ending.part(by=ada, contract_id=contract.pk)
    client = client_of(ben)
    with django_assert_max_num_queries(20):
        client.get(reverse("contract_story", args=[contract.pk]))


# --- My own -----------------------------------------------------------------------------------------------------------


def story_of(person, client_of) -> str:
    return client_of(person).get(reverse("my_story")).content.decode()


def test_my_story_says_what_i_gave_and_got(contract, ada, ben, client_of):
    give(contract, ada, ben, "first", "3")
    give(contract, ben, ada, "second", "1.5")
    goal = set_goal(by=ada, horizon="short", text="Finish the storm", indicator="", due_on=None)
    end_goal(by=ada, goal_id=goal.pk, outcome="let_go")
    mine, theirs = story_of(ada, client_of), story_of(ben, client_of)
    assert "3 hours" in mine
    assert "1.5 hours" in mine
    assert "Finish the storm" in mine
    assert "Let go" in mine
    assert "Finish the storm" not in theirs


def test_names_stand_there_only_while_both_agree(contract, ada, ben, client_of):
    def agree(person, agrees: bool) -> None:
        sent = {"agrees": "yes"} if agrees else {}
        client_of(person).post(reverse("my_story_name", args=[contract.pk]), sent)

    def are_named() -> list[bool]:
        return [
            f"With {name}" in story_of(person, client_of) for person, name in ((ada, "Ben Carter"), (ben, "Ada Bright"))
        ]

    assert are_named() == [False, False]
    assert "With a partner" in story_of(ada, client_of)
    agree(ada, agrees=True)
    assert are_named() == [False, False]
    agree(ben, agrees=True)
    assert are_named() == [True, True]
    agree(ada, agrees=False)
    assert are_named() == [False, False]
    agree(ada, agrees=True)
    assert are_named() == [True, True]
    block(by=ben, member=ada)
    assert are_named() == [False, False]


def test_who_has_left_is_named_nowhere_and_takes_their_consent_along(contract, ada, ben, client_of):
    for person in (ada, ben):
        helping.agree_to_be_named(by=person, contract_id=contract.pk, agrees=True)
    erase(by=ben, site_url="https://peermentor.example")
    assert "Ben" not in story_of(ada, client_of)
    assert list(Naming.objects.values_list("member", flat=True)) == [ada.pk]
    [held] = [each for each in holdings() if each.model == "checkins.Naming"]
    assert [row["contract"] for row in held.rows(ada.pk)] == [contract.pk]


def test_a_stranger_agrees_to_nothing(contract, dan, client_of):
    assert client_of(dan).post(reverse("my_story_name", args=[contract.pk])).status_code == 404
