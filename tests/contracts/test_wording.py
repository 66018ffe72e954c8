"""What differs between two texts, word by word: nothing is left out, no word and no sign is cut."""

import pytest
from hypothesis import given, settings, strategies as st

from contracts.differences import Difference, differences
from contracts.wording import are_alike, pieces, runs


def marked(before: str, after: str) -> str:
    """The runs, what was taken out in [], what is new in {}."""
    signs = {(False, False): "%s", (True, False): "[%s]", (False, True): "{%s}"}
    return "".join(signs[run.is_out, run.is_in] % run.text for run in runs(before, after))


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("Read one chapter", "Read one chapter", "Read one chapter"),
        ("Read one chapter", "Read two chapters", "Read [one chapter]{two chapters}"),
        ("Say what works", "Say kindly what works", "Say {kindly }what works"),
        ("Say kindly what works", "Say what works", "Say [kindly ]what works"),
        ("", "All new", "{All new}"),
        ("All gone", "", "[All gone]"),
        ("A draft.", "A draft!", "A draft[.]{!}"),
        ("I don’t know", "I didn’t know", "I [don’t]{didn’t} know"),
        ("One\nTwo", "One\nTwo\nThree", "One\nTwo{\nThree}"),
        ("One\nTwo", "One Two", "One[\n]{ }Two"),
        # A line break between two changes stays where it is.
        ("a b\nc d", "a x\ny d", "a [b]{x}\n[c]{y} d"),
        ("cafe\u0301 noir", "cafe noir", "[cafe\u0301]{cafe} noir"),
        ("我写作每天", "我写作每周", "我写作每[天]{周}"),
        ("👩‍👩‍👧 come", "👩‍👧 come", "[👩‍👩‍👧]{👩‍👧} come"),
        ("👍🏽 yes", "👍 yes", "[👍🏽]{👍} yes"),
        ("🇫🇷🇩🇪", "🇫🇷🇮🇹", "🇫🇷[🇩🇪]{🇮🇹}"),
        ("أكتب كل صباح", "أكتب كل مساء", "أكتب كل [صباح]{مساء}"),
        ("हिन्दी में", "हिन्दू में", "[हिन्दी]{हिन्दू} में"),
    ],
)
def test_each_case(before, after, found):
    assert marked(before, after) == found


words = st.text(st.sampled_from("ab é\n.,’👩‍👧🇫🇷我e\u0301 "), max_size=30)


@settings(deadline=None)
@given(words, words)
def test_both_texts_are_there_whole(before, after):
    found = runs(before, after)
    assert "".join(run.text for run in found if not run.is_in) == before
    assert "".join(run.text for run in found if not run.is_out) == after
    assert all(run.text for run in found)


@settings(deadline=None)
@given(words, words)
def test_nothing_is_cut(before, after):
    for text, skipped in ((before, "is_in"), (after, "is_out")):
        ends, place = {0}, 0
        for piece in pieces(text):
            place += len(piece)
            ends.add(place)
        place = 0
        for run in runs(before, after):
            if not getattr(run, skipped):
                place += len(run.text)
                assert place in ends
    assert "".join(pieces(before)) == before


def test_what_is_too_long_to_compare_is_compared_as_a_whole():
    before, after = (f"Same. {'x y ' * 5000}{end} Same." for end in ("one", "two"))
    assert marked(before, after).endswith("[one]{two} Same.")
    turned = "Same. " + "y z " * 5000 + "Same."
    assert [run.text for run in runs(before, turned) if run.is_out or run.is_in] != []
    assert "".join(run.text for run in runs(before, turned) if not run.is_out) == turned


@pytest.mark.parametrize(
    ("before", "after", "alike"),
    [
        ("Read one chapter a week", "Read two chapters a week", True),
        ("A garden on the balcony", "Sell ten chairs", False),
        ("In this stretch: A garden", "In this stretch: A pond", True),
        ("x", "", False),
    ],
)
def test_lines_that_have_little_in_common_are_not_mixed(before, after, alike):
    assert are_alike(runs(before, after)) is alike


def rows(before: list[str], after: list[str]) -> list[tuple[str, str, bool]]:
    return [(row.before, row.after, bool(row.runs)) for row in Difference("", tuple(before), tuple(after)).rows]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (["Reads a page"], ["Reads a whole page"], [("Reads a page", "Reads a whole page", True)]),
        (["A garden"], ["Sell ten chairs"], [("A garden", "Sell ten chairs", False)]),
        ([], ["New"], [("", "New", False)]),
        (["Old"], [], [("Old", "", False)]),
        (
            ["In a year: a house", "Now: a small hut"],
            ["Now: a small tent"],
            [("In a year: a house", "", False), ("Now: a small hut", "Now: a small tent", True)],
        ),
        (
            ["Reads one page"],
            ["Calls on Monday", "Reads one page aloud"],
            [("", "Calls on Monday", False), ("Reads one page", "Reads one page aloud", True)],
        ),
    ],
)
def test_each_line_is_beside_what_it_was(before, after, found):
    assert rows(before, after) == found


def test_no_line_is_lost_and_none_is_there_twice():
    before = [f"Commitment number {number} of many" for number in range(30)]
    after = [f"Commitment number {number} of a few" for number in range(5, 40)]
    found = rows(before, after)
    assert [was for was, _now, _alike in found if was] == before
    assert [now for _was, now, _alike in found if now] == after
    assert differences.__doc__
