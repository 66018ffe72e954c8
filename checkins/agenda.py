"""The agenda of one meeting: five points of equal length, and whose turn of teaching it is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from checkins.series import Occurrence
from contracts.lifecycle import Side

GOALS = {Side.FIRST: "goal-first", Side.SECOND: "goal-second"}
POINTS = (GOALS[Side.FIRST], GOALS[Side.SECOND], "time", "teaching", "promises")
# Where the minutes do not divide, one more goes to these: both goals always have the same.
_ONE_MORE: dict[int, tuple[str, ...]] = {
    0: (),
    1: ("promises",),
    2: ("goal-first", "goal-second"),
    3: ("goal-first", "goal-second", "promises"),
    4: ("goal-first", "goal-second", "teaching", "promises"),
}


@dataclass(frozen=True)
class Point:
    """A point of the agenda: `name` is one of POINTS, `after` the minutes that have gone by when it begins."""

    name: str
    minutes: int
    after: int


def points(minutes: int, begins: Side) -> list[Point]:
    """Return the points of a meeting of so many minutes, in their order; the goal of `begins` comes first."""
    each, rest = divmod(minutes, len(POINTS))
    order = (GOALS[begins], GOALS[begins.other], *POINTS[2:])
    found: list[Point] = []
    after = 0
    for name in order:
        found.append(Point(name, each + (name in _ONE_MORE[rest]), after))
        after += found[-1].minutes
    return found


@dataclass(frozen=True)
class Turn:
    """Who teaches, and which of `topics` it is about: a number that goes round."""

    teacher: Side
    number: int

    def topic(self, topics: Sequence[str]) -> str:
        """Return what is taught, of what the teacher has promised; empty where that is nothing."""
        return topics[self.number % len(topics)] if topics else ""


def turn(meetings: Sequence[Occurrence], one: Occurrence) -> Turn:
    """Return whose turn of teaching a meeting is: they alternate, and one that was not held uses up no turn.

    Who does not teach begins with their goal.
    """
    before = sum(each.takes_place and each.held != "no" and each.at < one.at for each in meetings)
    return Turn((Side.FIRST, Side.SECOND)[before % 2], before // 2)
