"""What changed between two texts of a contract, in words that both can read. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from contracts.readable import Block, blocks
from contracts.wording import Run, are_alike, runs


@dataclass(frozen=True)
class Row:
    """One line before and now, either of which may be empty. `runs` are its words, where the two are alike."""

    before: str
    after: str
    runs: tuple[Run, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What stood under a heading before, and what stands there now; either may be empty."""

    heading: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def rows(self) -> list[Row]:
        """The lines side by side: each with the one that it was before, where there is one like it."""
        return list(_rows_of(self.before, self.after))


def differences(before: str, after: str) -> list[Difference]:
    """Return what differs between two canonical texts, heading by heading, in the order of the text."""
    old, new = _by_heading(before), _by_heading(after)
    found = []
    for place in [*new, *(place for place in old if place not in new)]:
        was, now = old.get(place, []), new.get(place, [])
        for tag, start, end, new_start, new_end in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            if tag != "equal":
                found.append(Difference(place[0], tuple(was[start:end]), tuple(now[new_start:new_end])))
    return found


NEAR = 4
"""How many lines further down one may be found again."""


def _rows_of(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    left = list(before)
    for line in after:
        alike = ((place, tuple(runs(was, line))) for place, was in enumerate(left[:NEAR]))
        found = next(((place, words) for place, words in alike if are_alike(words)), None)
        if found is None:
            # As many lines as before: the one in its place was written anew.
            yield Row(left.pop(0) if len(before) == len(after) else "", line)
            continue
        place, words = found
        yield from (Row(was, "") for was in left[:place])
        yield Row(left[place], line, words)
        del left[: place + 1]
    yield from (Row(was, "") for was in left)


def _by_heading(text: str) -> dict[tuple[str, int], list[str]]:
    """Return the rows under each heading; two parties of the same name have the same headings, so they are counted."""
    found: dict[tuple[str, int], list[str]] = {}
    for block in blocks(text):
        count = sum(heading == block.heading for heading, _number in found)
        found[block.heading, count] = _rows(block)
    return found


def _rows(block: Block) -> list[str]:
    return [*map(str, block.lines), *(" · ".join(map(str, item)) for item in block.items)]
