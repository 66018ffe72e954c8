"""Lines over time as numbers for an SVG, drawn on the server. Pure: it knows nothing of meetings."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 340, 150
LEFT, RIGHT, TOP, BOTTOM = 8, 72, 14, 24

Value = tuple[dt.date, float]


@dataclass(frozen=True)
class Dot:
    """One value: where it is drawn, and what it is."""

    x: float
    y: float
    on: dt.date
    value: float


@dataclass(frozen=True)
class Drawn:
    """One line: its dots, the points of its polyline, and where its name stands."""

    name: str
    dots: list[Dot]
    points: str
    label_y: float
    mark: str

    @property
    def last(self) -> Dot:
        return self.dots[-1]


@dataclass(frozen=True)
class Chart:
    """A chart of `width` × `height` user units: `baseline` is its axis, `target_y` the height of a target."""

    lines: list[Drawn]
    first_on: dt.date
    last_on: dt.date
    target: float | None = None
    target_y: float | None = None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    baseline: int = HEIGHT - BOTTOM
    label_x: int = WIDTH - RIGHT + 8
    days_y: int = field(default=HEIGHT - 6)


def draw(
    lines: Sequence[tuple[str, Sequence[Value]]],
    *,
    low: float | None = None,
    high: float | None = None,
    target: float | None = None,
) -> Chart | None:
    """Return the chart of named lines, or None while no line has two values.

    `low` and `high` are the ends of the scale; without them it spans the values, the target included.
    """
    told = [(name, sorted(values)) for name, values in lines if values]
    if not any(len(values) > 1 for _name, values in told):
        return None
    days = [on for _name, values in told for on, _value in values]
    numbers = [value for _name, values in told for _on, value in values] + ([target] if target is not None else [])
    first_on, last_on = min(days), max(days)
    bottom, top = min(numbers) if low is None else low, max(numbers) if high is None else high
    if top == bottom:
        bottom, top = bottom - 1, top + 1

    def x(on: dt.date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (on - first_on).days / max((last_on - first_on).days, 1), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - bottom) / (top - bottom), 1)

    drawn: list[Drawn] = []
    for number, (name, values) in enumerate(told):
        dots = [Dot(x(on), y(value), on, value) for on, value in values]
        points = " ".join(f"{dot.x},{dot.y}" for dot in dots)
        drawn.append(Drawn(name, dots, points, _free(dots[-1].y, [line.label_y for line in drawn]), f"{number + 1}"))
    return Chart(drawn, first_on, last_on, target, None if target is None else y(target))


def _free(y: float, taken: Sequence[float]) -> float:
    """Return a height for a label near `y` at which it covers no other."""
    for other in taken:
        if abs(y - other) < 13:
            y = other + 13 if y >= other and other + 13 <= HEIGHT - BOTTOM else other - 13
    return round(min(max(y, TOP), HEIGHT - BOTTOM), 1)
