"""What comes as updates of a client: read out as edits, held to the rules of the forms, kept as long as it must be."""

import datetime as dt

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from pycrdt import Doc, Map, Text

from accounts import clock
from contracts import draft, ydoc
from contracts.actions import drafting, ending, signing
from contracts.actions.holding import document, hold, missing_in
from contracts.lifecycle import Side
from contracts.models import Contract, DraftSnapshot, DraftUpdate, Edit
from tests.pairs import draft_of, put_name


class Client:
    """A client in a few lines: it has the draft, changes it, and sends what changed."""

    def __init__(self, contract: Contract, person) -> None:
        self.contract, self.person = contract, person
        self.doc: Doc = ydoc.doc_of(draft.whole(contract.pk)[0])

    def set(self, key: str, name: str, value: object) -> None:
        self._send(lambda: self.doc.get(key, type=Map).__setitem__(name, value))

    def type(self, place: str, words: str) -> None:
        self._send(lambda: self.doc.get(place, type=Text).__iadd__(words))

    def _send(self, change) -> None:
        said: list[bytes] = []
        subscription = self.doc.observe(lambda event: said.append(event.update))
        change()
        self.doc.unobserve(subscription)
        with transaction.atomic():
            contract, side = hold(by=self.person, contract_id=self.contract.pk)
            draft.append(contract, said[0], by=side)


@pytest.fixture
def hers(ada, ready) -> Client:
    return Client(ready, ada)


def gaps(contract: Contract) -> list[str]:
    drafting.catch_up(contract.pk)
    contract = Contract.objects.get(pk=contract.pk)
    return [gap.sentence for gap in missing_in(contract, document(contract))]


def test_what_the_form_would_not_let_pass_is_missing_before_anybody_signs(ada, ready, hers):
    assert gaps(ready) == []
    day = draft_of(ready)["rhythm"].content["weekday"]
    hers.set("rhythm", "weekday", str((int(day) + 1) % 7))
    [said] = gaps(ready)
    assert said.startswith("“The first meeting” That is a ")
    with pytest.raises(signing.Refused, match="Something is still missing"):
        put_name(ready, ada)


@pytest.mark.parametrize("value", ["9", "Monday", 3, True, None, {"day": "0"}])
def test_a_choice_that_is_none_counts_as_not_made(ready, hers, value):
    hers.set("rhythm", "weekday", value)
    drafting.catch_up(ready.pk)
    assert draft_of(ready)["rhythm"].content["weekday"] == ""
    assert any("Say when you meet" in said for said in gaps(ready))


@pytest.mark.parametrize("words", ["\x07", "\u202e", "\x00"])
def test_what_cannot_be_seen_is_not_signed(ready, hers, words):
    hers.type("goal-first.short", words)
    said = gaps(ready)
    # PostgreSQL's JSON knows no NUL: there a sign stands for it, which is seen.
    assert said == ([] if words == "\x00" else [said[0]])
    if said:
        assert "characters in it that cannot be seen" in said[0]


def test_blanks_are_no_words(ready, hers):
    contract = Contract.objects.get()
    short = draft_of(contract)["goal-first"].content["short"]
    hers._send(lambda: hers.doc.get("goal-first.short", type=Text).__delitem__(slice(0, len(short.encode()))))
    hers.type("goal-first.short", " \n ")
    assert any("goal for this stretch is missing" in said for said in gaps(ready))


def test_what_both_type_in_one_part_stands_under_the_name_of_each(ada, ben, ready, hers):
    his = Client(ready, ben)
    for _again in range(3):
        hers.type("goal-first.short", "a")
        his.type("goal-first.short", "b")
    drafting.catch_up(ready.pk)
    # Each was read out when the next came; none is there twice.
    last = Edit.objects.filter(key="goal-first").order_by("-number")[:6]
    assert [edit.by for edit in last] == ["second", "first"] * 3


def test_what_nobody_has_read_is_read_in_one_go(ada, ben, ready):
    contract = Contract.objects.get()
    doc = ydoc.doc_of(draft.whole(contract.pk)[0])
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    for letter in "abcd":
        text = doc.get("goal-first.short", type=Text)
        text += letter
    head = contract.head
    for number, update in enumerate(updates):
        draft.append(contract, update, by=Side.FIRST if number % 2 else Side.SECOND)
    edits = draft.settle(contract)
    assert [(edit.number - head, edit.by, edit.content["short"][-4:]) for edit in edits] == [
        (3, "second", "sabc"),
        (4, "first", "abcd"),
    ]
    assert draft.contents(contract) == draft.contents_of_the_log(contract)
    assert draft.settle(contract) == []


def test_a_snapshot_and_what_follows_are_the_whole_draft(monkeypatch, ready, hers):
    monkeypatch.setattr(draft, "ROWS_A_SNAPSHOT", 5)
    for number in range(14):
        hers.type("goal-first.short", f" {number}")
    drafting.catch_up(ready.pk)
    assert DraftSnapshot.objects.count() >= 2
    rows = [bytes(row.data) for row in DraftUpdate.objects.order_by("number")]
    updates, last = draft.whole(ready.pk)
    assert len(updates) < len(rows)
    assert ydoc.read(ydoc.doc_of(updates)) == ydoc.read(ydoc.doc_of(rows))
    assert last == Contract.objects.get().head
    some = rows and DraftUpdate.objects.order_by("number")[3].number
    assert ydoc.read(ydoc.doc_of(draft.whole(ready.pk, upto=some)[0])) == ydoc.read(ydoc.doc_of(rows[:4]))


def test_keystrokes_go_three_months_after_the_end_and_not_before(ada, ready, hers, monkeypatch):
    hers.type("goal-first.short", "!")
    ending.take_back(by=ada, contract_id=ready.pk)
    assert drafting.forget_old_logs() == 0
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DraftUpdate.objects.all().delete()
    Contract.objects.update(ended_at=clock.now() - dt.timedelta(days=92))
    assert drafting.forget_old_logs() > 0
    assert not DraftUpdate.objects.exists()
    assert draft_of(ready)["goal-first"].content["short"].endswith("!")


def test_a_place_that_is_none_breaks_nothing(ready, hers):
    keys = [key for key in draft_of(ready) if key.startswith("have-first")]
    hers.set(keys[0], "position", "no place at all" * 40)
    drafting.catch_up(ready.pk)
    added = drafting.add_part(
        by=ready.first, contract_id=ready.pk, kind="have", content={"kind": "skill", "text": "Late"}, side=Side.FIRST
    )
    there = [key for key in draft_of(ready) if key.startswith("have-first")]
    assert there[-1] == added
