"""The pace that a goal needs, as a sentence. No database."""

import datetime as dt

import pytest

from checkins.pace import pace_words

TODAY = dt.date(2026, 11, 14)


def days_ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def goal(**fields: str) -> dict[str, str]:
    return {"start": "2", "target": "12", "unit": "chapters", "by": "2026-12-12", **fields}


def values(*numbers: float, every: int = 7) -> list[tuple[dt.date, float]]:
    """The last one was today."""
    return [
        (days_ago(every * back), number) for back, number in zip(range(len(numbers) - 1, -1, -1), numbers, strict=True)
    ]


@pytest.mark.parametrize(
    ("line", "said", "sentence"),
    [
        ([], {}, ""),
        (values(4), {"target": ""}, ""),
        (values(4), {"by": ""}, ""),
        (values(4), {}, "To get there by 12 December: about 2 chapters a week."),
        (values(2.5, 4), {}, "To get there by 12 December: about 2 chapters a week. Lately it was about 1.5."),
        (
            values(2, 5),
            {},
            "To get there by 12 December: about 1.8 chapters a week. "
            "Lately it was about 3, so you are well on the way.",
        ),
        (
            values(4, 4),
            {},
            "To get there by 12 December: about 2 chapters a week. "
            "Lately it stood still, as happens: what would make the next step small enough?",
        ),
        (
            values(5, 4),
            {},
            "To get there by 12 December: about 2 chapters a week. "
            "Lately it went the other way, as happens: a good question for your next meeting.",
        ),
        (values(12), {}, "The goal is reached."),
        (values(14.5), {}, "The goal is reached."),
        # Downwards: from 90 to 82 kg
        (
            values(90, 88),
            {"start": "90", "target": "82", "unit": "kg"},
            "To get there by 12 December: about 1.5 kg a week. Lately it was about 2, so you are well on the way.",
        ),
        (values(81), {"start": "90", "target": "82", "unit": "kg"}, "The goal is reached."),
        (
            values(86, 88),
            {"start": "90", "target": "82", "unit": "kg"},
            "To get there by 12 December: about 1.5 kg a week. "
            "Lately it went the other way, as happens: a good question for your next meeting.",
        ),
        # Without a start the first value is one
        (values(90, 88), {"start": "", "target": "84", "unit": ""}, "To get there by 12 December: about 1 a week. "
         "Lately it was about 2, so you are well on the way."),
        (values(12), {"start": "12"}, "The goal is reached."),
        # The day is near, is here, has passed
        (values(4), {"by": "2026-11-17"}, "8 chapters to go, and 3 days until 17 November."),
        (values(4), {"by": "2026-11-15"}, "8 chapters to go, and 1 day until 15 November."),
        (values(4), {"by": "2026-11-14"}, "Today is the day that you chose: 8 chapters to go."),
        (
            values(4),
            {"by": "2026-11-13"},
            "13 November has passed, with 8 chapters to go. A new day is one amendment away.",
        ),
        (values(12), {"by": "2026-11-13"}, "The goal is reached."),
        # Two on one day say nothing of a pace
        (values(2, 4, every=0), {}, "To get there by 12 December: about 2 chapters a week."),
        # Only the last four weeks are lately
        (
            values(0, 0, 0, 0, 0, 0, 2, 4),
            {"start": "0"},
            "To get there by 12 December: about 2 chapters a week. Lately it was about 1.",
        ),
        (values(1000), {"start": "0", "target": "51000", "unit": "words"},
         "To get there by 12 December: about 12500 words a week."),
        (values(11.99), {"by": "2027-11-14"}, "0.01 chapters to go until 14 November 2027."),
    ],
)  # fmt: skip
def test_the_pace_in_words(line, said, sentence):
    assert pace_words(line, goal(**said), today=TODAY) == sentence
