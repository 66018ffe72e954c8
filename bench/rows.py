"""What every table is made of."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure. It is met when it is no more than its target; without a target it is there to be read.

    `reference` is what the same thing costs elsewhere, in the same unit and the same run.
    """

    name: str
    figure: float
    unit: str
    reference: float | None = None
    target: float | None = None

    @property
    def ratio(self) -> float | None:
        """Our figure in references."""
        return self.figure / self.reference if self.reference else None

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.figure <= self.target

    def as_json(self) -> dict[str, object]:
        return {**vars(self), "ratio": self.ratio, "met": self.met}

    def cells(self) -> list[str]:
        """As people read it, in the order of COLUMNS."""
        verdict = {True: "yes", False: "NO", None: ""}[self.met]
        numbers = [self.figure, self.reference, self.ratio, self.target]
        figure, reference, ratio, target = ["" if number is None else f"{number:,.4g}" for number in numbers]
        return [self.name, figure, self.unit, reference, ratio, target, verdict]


COLUMNS = ["name", "figure", "unit", "reference", "ratio", "target", "met"]


def table(rows: list[Row]) -> str:
    """The rows as an aligned table: words to the left, numbers to the right."""
    lines = [COLUMNS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    to_the_left = {"name", "unit", "met"}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if name in to_the_left else cell.rjust(width)
            for name, cell, width in zip(COLUMNS, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]
