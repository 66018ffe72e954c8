"""The pure modules: one document, one text; what is missing; what differs."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from contracts.canonical import canonical, document_in, sha256
from contracts.coverage import gaps, served
from contracts.differences import differences
from contracts.document import FIELDS, content_of, document_of, parse_key, parts_of
from contracts.lifecycle import ENDED, MOVES, OPEN, Move, Side, State, outcome, transitions
from contracts.readable import blocks, consent_to_push, plain

DATA = Path(__file__).parent.parent / "data"
NAMES = {Side.FIRST: "Ada Bright", Side.SECOND: "Ben Carter"}
TODAY = dt.date(2027, 1, 6)
RHYTHM = {
    "weekday": "2",
    "time": "18:00",
    "zone": "Europe/London",
    "minutes": "60",
    "every_weeks": "1",
    "medium": "video",
    "where": "https://meet.example/x",
    "first_on": "2027-01-06",
    "weeks": "8",
}
WHOLE = {
    "goal-first": {"short": "A draft", "by": "2027-01-31", "indicator": "Read by two", "strategies": "Mornings"},
    "goal-second": {"short": "A garden", "by": "2027-01-31", "indicator": "Ten beds", "long": "Live from it"},
    "push-first": {
        "way": "wait",
        "how": "Ask for the page",
        "believe": "He plants in the rain",
        "consent": "yes",
    },
    "have-first-1": {"kind": "skill", "text": "Writing"},
    "need-first-2": {"kind": "skill", "text": "Bookkeeping"},
    "need-second-3": {"kind": "contact", "text": "A printer", "elsewhere": "yes"},
    "commitment-4": {
        "giver": "second",
        "need": "need-first-2",
        "what": "Sorts the receipts",
        "measure": "amount",
        "amount": "4",
        "unit": "hours",
        "by": "2027-01-20",
    },
    "commitment-5": {
        "giver": "first",
        "need": "",
        "what": "Reads the plan",
        "measure": "fact",
        "fact": "Comments are sent",
        "by": "2027-01-20",
    },
    "rhythm": RHYTHM,
}


def whole(**changes) -> dict:
    """The parts of a contract in which nothing is missing, some of them changed, or None to leave one out."""
    parts = {key: content_of(parse_key(key).kind, content) for key, content in WHOLE.items()}
    for key, change in changes.items():
        name = key.replace("_", "-")
        if change is None:
            del parts[name]
        else:
            parts[name] = {**parts[name], **change}
    return document_of(parts, NAMES)


def test_nothing_is_missing_in_the_whole():
    assert gaps(whole(), today=TODAY) == []


@pytest.mark.parametrize(
    ("changes", "key", "sentence"),
    [
        ({"goal_first": {"short": ""}}, "goal-first", "Ada Bright’s goal for this stretch is missing."),
        ({"goal_first": None}, "goal-first", "Ada Bright’s goal for this stretch is missing."),
        ({"goal_second": {"by": ""}}, "goal-second", "Ben Carter’s goal needs a date."),
        (
            {"push_first": {"consent": ""}},
            "push-first",
            "Ada Bright has not agreed yet that Ben Carter may use the words about being pushed.",
        ),
        (
            {"push_first": {"consent": "", "way": "", "how": ""}},
            "push-first",
            "Ada Bright has not agreed yet that Ben Carter may use the words about being pushed.",
        ),
        ({"goal_first": {"indicator": ""}}, "goal-first", "Say how you will both see that Ada Bright has got there."),
        (
            {"need_second_3": {"elsewhere": ""}},
            "need-second-3",
            "Nobody has promised anything for what Ben Carter needs: “A printer”.",
        ),
        # A commitment of the needing one serves nobody.
        (
            {"commitment_4": {"need": ""}},
            "need-first-2",
            "Nobody has promised anything for what Ada Bright needs: “Bookkeeping”.",
        ),
        ({"commitment_5": None}, "", "Ada Bright gives Ben Carter nothing yet: one thing at least."),
        ({"commitment_4": {"amount": ""}}, "commitment-4", "“Sorts the receipts”: say how you will measure it."),
        ({"commitment_4": {"unit": ""}}, "commitment-4", "“Sorts the receipts”: say how you will measure it."),
        ({"commitment_5": {"fact": ""}}, "commitment-5", "“Reads the plan”: say how you will measure it."),
        ({"commitment_5": {"by": ""}}, "commitment-5", "“Reads the plan”: say by when."),
        ({"commitment_5": {"what": ""}}, "commitment-5", "Say what Ada Bright will do."),
        ({"rhythm": {"time": ""}}, "rhythm", "Say when you meet: the day, the time, how long, and the first meeting."),
        ({"rhythm": {"weeks": ""}}, "rhythm", "Say for how many weeks, or when you look at it again."),
        (
            {"goal_first": {"by": "2027-01-05"}},
            "goal-first",
            "The date of Ada Bright’s goal has passed: choose one that is still to come.",
        ),
        ({"commitment_5": {"by": "2027-01-05"}}, "commitment-5", "“Reads the plan”: that day has passed. Say by when."),
        (
            {"rhythm": {"first_on": "2027-01-05"}},
            "rhythm",
            "The day of the first meeting has passed: choose one that is still to come.",
        ),
        (
            {"rhythm": {"first_on": "2026-11-01", "weeks": "9"}},
            "rhythm",
            "The last day that you agreed on has passed: say until when you go on.",
        ),
        ({"rhythm": {"medium": ""}}, "rhythm", "Say how you meet: by video, by phone or in person."),
    ],
)
def test_each_gap_has_its_sentence_and_its_place(changes, key, sentence):
    found = gaps(whole(**changes), today=TODAY)
    assert (key, sentence) in [(gap.key, gap.sentence) for gap in found]


def test_an_amendment_keeps_what_was_due_by_now():
    late = {"goal_first": {"by": "2027-01-05"}, "commitment_5": {"by": "2027-01-05"}}
    began = {"rhythm": {"first_on": "2027-01-05"}}
    assert gaps({**whole(**late, **began), "amends": {"version": "1"}}, today=TODAY) == []


def test_what_one_has_signed_is_good_until_its_last_day():
    signed = whole(goal_first={"by": "2027-01-05"}, rhythm={"first_on": "2027-01-05", "weeks": "1"})
    assert gaps(signed, today=dt.date(2027, 1, 11), is_frozen=True) == []
    [gap] = gaps(signed, today=dt.date(2027, 1, 12), is_frozen=True)
    assert gap.key == "rhythm"


def test_a_need_is_served_by_the_other_alone():
    own = {"giver": "first", "need": "need-first-2"}
    assert served(whole(commitment_4=own))["need-first-2"] == []
    assert served(whole())["need-first-2"] == ["commitment-4"]


def test_a_review_day_will_do_for_a_length():
    assert gaps(whole(rhythm={"weeks": "", "review_on": "2027-03-01"}), today=TODAY) == []


def test_entries_stand_in_the_order_in_which_they_are_given():
    parts = {key: content_of(parse_key(key).kind, content) for key, content in WHOLE.items()}
    backwards = dict(reversed(parts.items()))
    there, back = document_of(parts, NAMES), document_of(backwards, NAMES)
    assert there["commitments"] == back["commitments"][::-1] != back["commitments"]
    assert there["parties"][0]["goal"] == back["parties"][0]["goal"]


def test_a_need_that_was_taken_out_is_not_named_any_more():
    assert whole(need_first_2=None)["commitments"][0]["need"] == ""


def test_the_draft_of_an_amendment_is_the_text_again():
    document = whole()
    assert document_of(parts_of(document), NAMES) == document


def test_nothing_that_people_wrote_is_left_out_of_the_readable_text():
    text = canonical(whole())
    said = plain(text)
    for content in WHOLE.values():
        for name, value in content.items():
            if name in {
                "text",
                "what",
                "fact",
                "short",
                "long",
                "indicator",
                "strategies",
                "unit",
                "where",
                "amount",
                "how",
                "believe",
            }:
                assert value in said, (name, value)
    assert "31 January 2027" in said
    assert "every week on Wednesday at 18:00 (Europe/London), 60 minutes" in said
    assert "will find it elsewhere" in said
    assert "When I fall behind: Give me two days, then ask" in said
    assert "Why Ada Bright believes in Ben Carter: He plants in the rain" in said
    assert consent_to_push("Ada Bright", "Ben Carter") in said


def test_nobody_has_to_say_how_they_want_to_be_pushed():
    document = whole(push_first=None)
    assert gaps(document, today=TODAY) == []
    assert "pushed" not in plain(canonical(document))


class TestATextOfTheFirstVersion:
    """It was frozen before anybody could say how they want to be pushed, and is what it was."""

    TEXT = (DATA / "contract-1.json").read_text(encoding="utf-8")

    def test_it_reads_as_it_did(self):
        assert plain(self.TEXT) + "\n" == (DATA / "contract-1.txt").read_text(encoding="utf-8")

    def test_its_bytes_are_its_hash(self):
        assert sha256(self.TEXT) == "87e7d365be97baa5685fbcd5239e67f5ab683e160cb15575aace2b452223e36d"
        assert canonical(document_in(self.TEXT)) == self.TEXT

    def test_it_is_amended(self):
        parts = parts_of(document_in(self.TEXT))
        assert not any(key.startswith("push") for key in parts)
        new = document_of(parts, NAMES)
        assert new["format"] == "peermentor/contract/2"
        assert gaps(new, today=TODAY) == []
        assert differences(self.TEXT, canonical(new)) == []
        said = content_of("push", {"how": "Ring me", "consent": "yes"})
        [change] = differences(self.TEXT, canonical(document_of({**parts, "push-second": said}, NAMES)))
        assert (change.heading, change.before) == ("How Ben Carter wants to be pushed", ())


# The examples of RFC 8785, sections 3.2.2 and 3.2.3.
RFC_SORTED = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_canonical_json_is_the_one_of_the_rfc():
    assert list(json.loads(canonical(dict.fromkeys(reversed(RFC_SORTED), "")))) == RFC_SORTED
    said = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    assert canonical(said) == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


@settings(deadline=None)  # the first call may wait for a busy machine
@given(st.dictionaries(words, st.one_of(words, st.lists(words), st.none())))
def test_a_text_holds_its_document_and_nothing_else(document):
    text = canonical(document)
    assert document_in(text) == document
    assert canonical(document_in(text)) == text
    assert sha256(text) == hashlib.sha256(text.encode()).hexdigest()


@settings(deadline=None)  # the first call may wait for a busy machine
@given(words, words)
def test_two_texts_differ_exactly_when_their_words_do(one, other):
    before, after = (canonical(whole(goal_first={"short": said or "x"})) for said in (one, other))
    assert bool(differences(before, after)) is (before != after)


def test_a_difference_says_before_and_after():
    [change] = differences(canonical(whole()), canonical(whole(goal_second={"short": "A pond"})))
    assert (change.heading, change.before, change.after) == (
        "What Ben Carter wants",
        ("In this stretch: A garden",),
        ("In this stretch: A pond",),
    )


def test_two_of_one_name_are_told_apart():
    same = {Side.FIRST: "Kim", Side.SECOND: "Kim"}
    parts = {key: content_of(parse_key(key).kind, content) for key, content in WHOLE.items()}
    before = canonical(document_of(parts, same))
    changed = {**parts, "goal-first": {**parts["goal-first"], "short": "Another"}}
    assert len(differences(before, canonical(document_of(changed, same)))) == 1


@pytest.mark.parametrize(
    "key", ["goal-first", "push-second", "have-second-12", "need-first-7", "commitment-31", "rhythm"]
)
def test_a_key_is_read_as_it_is_written(key):
    assert str(parse_key(key)) == key


@pytest.mark.parametrize(
    "key", ["", "goal", "goal-third", "rhythm-1", "need-7", "need-first-x", "have-first-²", "a-b-c"]
)
def test_what_is_no_key_is_refused(key):
    with pytest.raises(ValueError, match=r".+"):
        parse_key(key)


def test_every_field_is_in_the_document():
    assert set(whole()["rhythm"]) == set(FIELDS["rhythm"])
    assert all(block.heading for block in blocks(canonical(whole())))


class TestLifecycle:
    def test_what_is_over_has_no_move(self):
        assert [key for key in MOVES if key[0] in ENDED] == []

    def test_every_open_state_can_end(self):
        for state in OPEN:
            ways = {
                outcome(state, move, side, signer=signer, said_done=said)
                for move in Move
                for side in Side
                for signer in (None, *Side)
                for said in (None, *Side)
            }
            assert ways & (ENDED | {State.IN_FORCE, State.DRAFT})

    @pytest.mark.parametrize("side", Side)
    def test_nobody_signs_twice(self, side):
        assert outcome(State.SIGNED_BY_ONE, Move.SIGN, side, signer=side) is None
        assert outcome(State.SIGNED_BY_ONE, Move.SIGN, side, signer=side.other) is State.IN_FORCE

    def test_no_change_of_state_leads_out_of_the_end(self):
        assert [pair for pair in transitions() if pair[0] in ENDED] == []
