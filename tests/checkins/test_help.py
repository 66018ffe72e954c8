"""Help is said by the giver, confirmed by the receiver alone, and stands in the ledger of both."""

import datetime as dt
import json
from contextlib import nullcontext
from decimal import Decimal
from itertools import product

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import clock, zones
from accounts.actions.blocks import block
from accounts.actions.erasing import erase
from accounts.held import holdings
from accounts.models import Notice
from accounts.rules import Refused
from checkins import books, help_lifecycle
from checkins.actions import help as helping
from checkins.ledger import Row, Standing
from checkins.models import Help
from contracts.actions import drafting, ending
from contracts.lifecycle import Side
from contracts.models import Contract
from tests.days import advance
from tests.pairs import change, draft_of, fill, introduce, put_name
from tests.together import at_once

pytestmark = pytest.mark.django_db
State = Help.State


def rows_of(contract) -> list[Row]:
    return list(books.of(Contract.objects.get(pk=contract.pk)).rows)


def row_of(contract, giver: str = "first") -> Row:
    return next(row for row in rows_of(contract) if row.giver == giver)


def today() -> dt.date:
    """The day that it is for both: in New York, where Ben lives, it begins last."""
    return zones.local_time("America/New_York", clock.now()).date()


def say(contract, by, amount="1.5", *, giver="first", words="", on=None) -> Help:
    row = row_of(contract, giver)
    much, mine = Decimal(amount) if amount else None, zones.local_time(by.time_zone, clock.now()).date()
    return helping.say(
        by=by, contract_id=contract.pk, version=row.version, key=row.key, amount=much, on=on or mine, words=words
    )


def confirm(contract, by, help, amount="1.5", words="") -> Help:
    much = Decimal(amount) if amount else None
    return helping.confirm(by=by, contract_id=contract.pk, help_id=help.pk, amount=much, words=words)


def about(contract, help) -> dict:
    return {"contract_id": contract.pk, "help_id": help.pk}


def amended(contract, ada, ben, **said: str) -> Contract:
    """The pair change what the first party's promise says, and sign it."""
    ending.amend(by=ada, contract_id=contract.pk)
    key = row_of(contract).key
    change(contract, ada, key, {**draft_of(contract)[key].content, **said})
    put_name(contract, ada)
    return put_name(contract, ben)


def test_what_the_giver_says_counts_when_the_receiver_says_so(contract, ada, ben):
    said = say(contract, ada, words="Over the phone")
    assert (said.state, said.giver, said.written_by, said.amount) == ("said", "first", "first", Decimal("1.5"))
    assert row_of(contract).confirmed() == 0
    confirm(contract, ben, said, "1")
    assert row_of(contract).confirmed() == 1
    confirm(contract, ben, said, "1.25", "It was longer after all")
    assert row_of(contract).confirmed() == Decimal("1.25")
    said.refresh_from_db()
    assert (said.amount, said.words, said.answer) == (Decimal("1.5"), "Over the phone", "It was longer after all")


def test_the_giver_cannot_confirm_and_the_receiver_cannot_take_back(contract, ada, ben):
    said = say(contract, ada)
    with pytest.raises(Refused, match="for Ben Carter to say"):
        confirm(contract, ada, said)
    with pytest.raises(Refused, match="for Ben Carter to say"):
        helping.say_not_yet(by=ada, **about(contract, said))
    with pytest.raises(Refused):
        helping.take_back(by=ben, **about(contract, said))
    assert Help.objects.get().state == State.SAID


def test_what_is_not_confirmed_can_be_taken_back_and_then_not_be_confirmed(contract, ada, ben):
    said = say(contract, ada)
    helping.take_back(by=ada, **about(contract, said))
    helping.take_back(by=ada, **about(contract, said))
    with pytest.raises(Refused, match="taken back meanwhile"):
        confirm(contract, ben, said)
    other = say(contract, ada, "2")
    confirm(contract, ben, other, "2")
    with pytest.raises(Refused, match="confirmed this already"):
        helping.take_back(by=ada, **about(contract, other))


def test_not_yet_is_no_no(contract, ada, ben):
    said = say(contract, ada)
    helping.say_not_yet(by=ben, **about(contract, said))
    assert row_of(contract).standing(today()) is Standing.OPEN
    confirm(contract, ben, said)
    assert row_of(contract).confirmed() == Decimal("1.5")
    helping.say_not_yet(by=ben, **about(contract, said))
    helping.let_wait(by=ben, **about(contract, said))
    assert [each.pk for each in row_of(contract).waiting] == [said.pk]
    helping.take_back(by=ada, **about(contract, said))


def test_the_receiver_writes_down_what_the_giver_forgot(contract, ada, ben, delivered):
    delivered()
    got = say(contract, ben, "0.5", giver="first")
    assert (got.state, got.written_by, got.confirmed) == ("confirmed", "second", Decimal("0.5"))
    assert row_of(contract).confirmed() == Decimal("0.5")
    advance(hours=1)
    assert delivered() == []
    confirm(contract, ben, got, "0.75")
    with pytest.raises(Refused, match="confirmed this already"):
        helping.take_back(by=ada, **about(contract, got))
    helping.take_back(by=ben, **about(contract, got))
    assert row_of(contract).confirmed() == 0


def test_an_answer_stays_after_two_weeks(contract, ada, ben):
    said, got = say(contract, ada), say(contract, ben, "1", giver="first")
    confirm(contract, ben, said)
    advance(days=13)
    confirm(contract, ben, said, "2")
    advance(days=2)
    for act in (
        lambda: confirm(contract, ben, said, "3"),
        lambda: helping.let_wait(by=ben, **about(contract, said)),
        lambda: helping.say_not_yet(by=ben, **about(contract, said)),
        lambda: helping.take_back(by=ben, **about(contract, got)),
    ):
        with pytest.raises(Refused, match="some weeks ago"):
            act()


@pytest.mark.parametrize("amount", [None, "0", "-1"])
def test_an_amount_is_more_than_nothing(contract, ada, ben, amount):
    with pytest.raises(Refused, match=r"(?i)how much"):
        say(contract, ada, amount)
    said = say(contract, ada)
    with pytest.raises(Refused, match=r"(?i)how much"):
        confirm(contract, ben, said, amount)


def test_a_fact_has_no_amount(ada, ben):
    begun = fill(drafting.start(by=ada, introduction_id=introduce(ada, ben).pk), ada)
    key = next(key for key, part in draft_of(begun).items() if part.content.get("giver") == "first")
    fact = {"measure": "fact", "fact": "It hangs on the wall", "amount": "", "unit": ""}
    change(begun, ada, key, {**draft_of(begun)[key].content, **fact})
    put_name(begun, ada)
    contract = put_name(begun, ben)
    said = say(contract, ada, "7")
    assert said.amount is None
    assert row_of(contract).standing(today()) is Standing.OPEN
    confirm(contract, ben, said, None)
    assert row_of(contract).standing(today()) is Standing.KEPT


def test_a_day_is_between_the_signature_and_today(contract, ada):
    with pytest.raises(Refused, match="still to come"):
        say(contract, ada, on=today() + dt.timedelta(days=2))
    with pytest.raises(Refused, match="not in force yet"):
        say(contract, ada, on=today() - dt.timedelta(days=2))


def test_nothing_is_said_before_it_is_in_force(ada, ben):
    begun = fill(drafting.start(by=ada, introduction_id=introduce(ada, ben).pk), ada)
    key = next(key for key in draft_of(begun) if key.startswith("commitment"))
    with pytest.raises(Refused, match="not in force yet"):
        helping.say(by=ada, contract_id=begun.pk, version=1, key=key, amount=Decimal(1), on=today())


def test_nothing_is_said_or_answered_after_they_parted(contract, ada, ben, client_of):
    said, other = say(contract, ada), say(contract, ada, "2")
    confirm(contract, ben, other, "2")
    row = row_of(contract)
    ending.part(by=ada, contract_id=contract.pk)
    for act in (
        lambda: helping.say(
            by=ada, contract_id=contract.pk, version=row.version, key=row.key, amount=Decimal(1), on=today()
        ),
        lambda: confirm(contract, ben, said),
        lambda: helping.say_not_yet(by=ben, **about(contract, said)),
        lambda: helping.take_back(by=ada, **about(contract, said)),
    ):
        with pytest.raises(Refused, match="has ended"):
            act()
    page = client_of(ben).get(reverse("pair_help", args=[contract.pk])).content.decode()
    assert "2 of 4 hours" in page
    assert '<form method="post" action="/contracts/' not in page


def test_what_waits_when_both_are_there_can_be_confirmed_for_a_while(contract, ada, ben):
    said = say(contract, ada)
    for by in (ada, ben):
        ending.say_done(by=by, contract_id=contract.pk)
    with pytest.raises(Refused, match="has ended"):
        say(contract, ada)
    confirm(contract, ben, said)
    advance(days=15)
    with pytest.raises(Refused, match="has ended"):
        confirm(contract, ben, said, "2")


def test_a_block_ends_it(contract, ada, ben):
    said = say(contract, ada)
    for by in (ada, ben):
        ending.say_done(by=by, contract_id=contract.pk)
    block(by=ben, member=ada)
    with pytest.raises(Refused, match="has ended"):
        confirm(contract, ben, said)


def test_amendments_keep_what_was_given(contract, ada, ben):
    confirm(contract, ben, say(contract, ada, "3"), "3")
    old = row_of(contract)
    amended(contract, ada, ben, amount="8")
    row = row_of(contract)
    assert (row.confirmed(), row.left(), [term.amount for term in row.terms]) == (3, 5, [4, 8])
    with pytest.raises(Refused, match="changed meanwhile"):
        helping.say(by=ada, contract_id=contract.pk, version=old.version, key=old.key, amount=Decimal(1), on=today())
    say(contract, ada, "5")


def test_a_stranger_finds_nothing(contract, ada, dan, client_of):
    said = say(contract, ada)
    with pytest.raises(Contract.DoesNotExist):
        confirm(contract, dan, said)
    for name in ("help_confirm", "help_not_yet", "help_take_back", "help_let_wait"):
        assert client_of(dan).post(reverse(name, args=[contract.pk, said.pk])).status_code == 404


def test_help_of_another_contract_is_not_there(contract, ada, ben, chloe, client_of):
    other = fill(drafting.start(by=ada, introduction_id=introduce(ada, chloe).pk), ada)
    put_name(other, ada)
    put_name(other, chloe)
    theirs = say(other, ada)
    with pytest.raises(Help.DoesNotExist):
        confirm(contract, ben, theirs)
    assert client_of(ben).post(reverse("help_confirm", args=[contract.pk, theirs.pk])).status_code == 404


# --- What the database holds to ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_the_database_lets_pass_what_the_table_says(contract, ada, before, after):
    answered = {"answered_at": clock.now()}
    fields = {
        State.SAID: {"confirmed": None, "answered_at": None},
        State.TAKEN_BACK: {"confirmed": None, "answered_at": None},
        State.CONFIRMED: {"confirmed": 1, **answered},
        State.NOT_YET: {"confirmed": None, **answered},
    }
    row = row_of(contract)
    there = {
        "key": row.key,
        "version": row.version,
        "giver": "first",
        "written_by": "first",
        "on": today(),
        "amount": 1,
    }
    made = Help.objects.create(contract=contract, **there, state=before, **fields[before])
    may = (before, after) in help_lifecycle.transitions()
    refused = nullcontext() if may else pytest.raises(IntegrityError, match="does not go from")
    with refused, transaction.atomic():
        Help.objects.filter(pk=made.pk).update(state=after, **fields[after])


@pytest.mark.parametrize(
    "fields",
    [{"amount": 2}, {"words": "Otherwise"}, {"on": dt.date(2020, 1, 1)}, {"giver": "second"}, {"key": "commitment-9"}],
)
def test_what_was_said_stays_as_it_was_said(contract, ada, fields):
    said = say(contract, ada, words="As said")
    with pytest.raises(IntegrityError, match="stays as it was said"), transaction.atomic():
        Help.objects.filter(pk=said.pk).update(**fields)
    with pytest.raises(IntegrityError, match="not taken out"), transaction.atomic():
        said.delete()


# --- At the same moment -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_both_press_at_once(contract, ada, ben):
    """The giver says it and the receiver writes the same down; it stands there once."""
    row = row_of(contract)
    same = {
        "contract_id": contract.pk, "version": row.version, "key": row.key, "amount": Decimal("1.5"), "on": today(),
    }  # fmt: skip
    outcomes = at_once(lambda: helping.say(by=ada, **same), lambda: helping.say(by=ben, **same))
    assert len([each for each in outcomes if isinstance(each, Refused)]) == 1, outcomes
    assert Help.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_press_writes_once(contract, ada, ben):
    outcomes = at_once(*[lambda: say(contract, ada)] * 3)
    assert {each.pk for each in outcomes} == {Help.objects.get().pk}
    said = Help.objects.get()
    assert [each.state for each in at_once(*[lambda: confirm(contract, ben, said)] * 3)] == ["confirmed"] * 3
    assert row_of(contract).confirmed() == Decimal("1.5")


@pytest.mark.django_db(transaction=True)
def test_one_confirms_while_the_other_takes_it_back(contract, ada, ben):
    for number in range(8):
        said = say(contract, ada, str(number + 1))
        outcomes = at_once(
            lambda said=said: confirm(contract, ben, said, "1"),
            lambda said=said: helping.take_back(by=ada, **about(contract, said)),
        )
        [refused] = [each for each in outcomes if isinstance(each, Refused)]
        said.refresh_from_db()
        assert (said.state == State.CONFIRMED) == ("confirmed this already" in str(refused)), (number, outcomes)


@pytest.mark.django_db(transaction=True)
def test_one_confirms_while_the_other_parts(contract, ada, ben):
    said = say(contract, ada)
    outcomes = at_once(
        lambda: confirm(contract, ben, said), lambda: ending.part(by=ada, contract_id=contract.pk)
    )  # fmt: skip
    said.refresh_from_db()
    assert (said.state == State.CONFIRMED) == (not isinstance(outcomes[0], Exception)), outcomes


# --- Telling ----------------------------------------------------------------------------------------------------------


def test_the_receiver_gets_one_mail_a_day_with_all_that_waits(contract, ada, ben, delivered):
    delivered()
    say(contract, ada, "1", words="Chapter two")
    advance(minutes=10)
    say(contract, ada, "2")
    advance(minutes=30)
    [mail] = delivered()
    assert mail.to == [ben.email]
    assert mail.subject == "Ada Bright has given you help: did it reach you?"
    assert "1 hours, on" in mail.body
    assert "2 hours, on" in mail.body
    say(contract, ada, "3")
    advance(minutes=30)
    assert delivered() == []


def test_what_is_taken_back_or_confirmed_in_time_is_told_to_nobody(contract, ada, ben, delivered):
    delivered()
    helping.take_back(by=ada, **about(contract, say(contract, ada, "1")))
    advance(minutes=30)
    assert delivered() == []
    said = say(contract, ada, "2")
    advance(minutes=30)
    assert len(delivered()) == 1, "the first was told to nobody, so this one is"
    confirm(contract, ben, said)
    assert not Notice.objects.filter(kind="help:said", state=Notice.State.PENDING).exists()


def test_home_says_that_it_waits_until_it_is_answered(contract, ada, ben, client_of):
    sentence = "Ada has given you help: did it reach you?"
    said = say(contract, ada)
    assert sentence in client_of(ben).get(reverse("home")).content.decode()
    assert "given you help" not in client_of(ada).get(reverse("home")).content.decode()
    helping.say_not_yet(by=ben, **about(contract, said))
    assert sentence not in client_of(ben).get(reverse("home")).content.decode()


# --- The page ---------------------------------------------------------------------------------------------------------


def test_a_pair_says_and_confirms_on_the_page(contract, ada, ben, client_of):
    row = row_of(contract)
    page = client_of(ada).get(reverse("pair_help", args=[contract.pk])).content.decode()
    assert "0 of 4 hours" in page
    form = client_of(ada).get(reverse("help_say", args=[contract.pk, row.version, row.key]))
    assert form.context["form"].initial["amount"] == 4, "what is left"
    sent = {"amount": "1,5", "on": today().isoformat(), "words": "Chapter two"}
    answer = client_of(ada).post(reverse("help_say", args=[contract.pk, row.version, row.key]), sent, follow=True)
    assert "Ben is asked whether it reached them" in answer.content.decode()
    assert "waits for Ben’s yes" in answer.content.decode()
    said = Help.objects.get()
    page = client_of(ben).get(reverse("pair_help", args=[contract.pk])).content.decode()
    assert "Ada says: 1.5 hours" in page
    assert "Yes, 1.5 hours" in page
    answer = client_of(ben).post(reverse("help_confirm", args=[contract.pk, said.pk]), {"amount": "6"}, follow=True)
    page = answer.content.decode()
    assert "6 of 4 hours" in page
    assert "2 hours more than agreed" in page
    assert "error" not in page.lower()
    assert "6 of 4 hours" in client_of(ada).get(reverse("weeks", args=[contract.pk])).content.decode()


def test_what_was_typed_comes_back_with_the_reason(contract, ada, client_of):
    row = row_of(contract)
    url = reverse("help_say", args=[contract.pk, row.version, row.key])
    page = client_of(ada).post(url, {"amount": "0", "on": "2001-01-01", "words": "Chapter two"}).content.decode()
    assert "more than nothing" in page
    page = client_of(ada).post(url, {"amount": "1", "on": "2001-01-01", "words": "Chapter two"}).content.decode()
    assert "not in force yet on that day" in page
    assert "Chapter two" in page


def test_a_promise_that_has_changed_meanwhile_leads_back_to_the_page(contract, ada, ben, client_of):
    old = row_of(contract)
    amended(contract, ada, ben, amount="8")
    url = reverse("help_say", args=[contract.pk, old.version, old.key])
    for answer in (client_of(ada).get(url), client_of(ada).post(url, {"amount": "1", "on": today().isoformat()})):
        assert answer.url == reverse("pair_help", args=[contract.pk])
    assert client_of(ada).get(reverse("help_say", args=[contract.pk, 1, "commitment-99"])).status_code == 404
    page = client_of(ada).get(reverse("pair_help", args=[contract.pk])).content.decode()
    assert "it said: 4 hours" in page


def test_the_table_can_be_taken_away_and_holds_no_formula(contract, ada, ben, client_of):
    confirm(contract, ben, say(contract, ada, words="=1+1"), words="@home")
    table = client_of(ben).get(reverse("help_csv", args=[contract.pk])).content.decode("utf-8-sig")
    assert "'=1+1" in table
    assert "'@home" in table
    assert "1.500,1.500,hours,Confirmed" in table


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_asks_as_often_however_much_was_given(
    contract, ada, ben, client_of, count, django_assert_max_num_queries
):
    for number in range(count):
        said = say(contract, ada, str(number + 1))
        if number % 2:
            confirm(contract, ben, said)
    client = client_of(ben)
    with django_assert_max_num_queries(13):
        client.get(reverse("pair_help", args=[contract.pk]))


# --- Taking away, and leaving -----------------------------------------------------------------------------------------


def held_about(member) -> dict[str, list[dict]]:
    return {each.name: each.rows(member.pk) for each in holdings() if each.model == "checkins.Help"}


def test_each_takes_away_what_they_said_and_what_they_got(contract, ada, ben):
    confirm(contract, ben, say(contract, ada, words="From Ada"), words="From Ben")
    mine, theirs = held_about(ada), held_about(ben)
    assert [row["words"] for row in mine["help_written_down_as_first_party"]] == ["From Ada"]
    assert [row["confirmed"] for row in mine["help_given_as_first_party"]] == [Decimal("1.5")]
    assert [row["answer"] for row in theirs["help_got_as_second_party"]] == ["From Ben"]
    assert "From Ada" not in json.dumps(theirs, default=str)
    assert "From Ben" not in json.dumps(mine, default=str)


@pytest.mark.parametrize("leaver", ["ada", "ben"])
def test_who_leaves_takes_their_words_and_what_both_agreed_stays(contract, ada, ben, client_of, leaver):
    confirm(contract, ben, say(contract, ada, words="From Ada"), words="From Ben")
    say(contract, ada, "2", words="Not answered")
    erase(by={"ada": ada, "ben": ben}[leaver], site_url="https://peermentor.example")
    kept = Help.objects.get(state=State.CONFIRMED)
    assert (kept.words, kept.answer) == (("", "From Ben") if leaver == "ada" else ("From Ada", ""))
    assert Help.objects.filter(state=State.SAID).exists() == (leaver == "ben")
    stayer = ben if leaver == "ada" else ada
    stayer.refresh_from_db()
    assert "1.5 of 4 hours" in client_of(stayer).get(reverse("pair_help", args=[contract.pk])).content.decode()
    erase(by=stayer, site_url="https://peermentor.example")
    assert not Help.objects.exists()


def test_sides_are_those_of_the_contract(contract):
    assert {row.giver for row in rows_of(contract)} == set(Side)
