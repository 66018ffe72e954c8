"""What changed between two texts of a contract, in words that both can read. Pure."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from contracts.readable import Block, blocks


@dataclass(frozen=True)
class Difference:
    """What stood under a heading before, and what stands there now; either may be empty."""

    heading: str
    before: tuple[str, ...]
    after: tuple[str, ...]


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


def _by_heading(text: str) -> dict[tuple[str, int], list[str]]:
    """Return the rows under each heading; two parties of the same name have the same headings, so they are counted."""
    found: dict[tuple[str, int], list[str]] = {}
    for block in blocks(text):
        count = sum(heading == block.heading for heading, _number in found)
        found[block.heading, count] = _rows(block)
    return found


def _rows(block: Block) -> list[str]:
    return [*map(str, block.lines), *(" · ".join(map(str, item)) for item in block.items)]
