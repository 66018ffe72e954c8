"""Whether a phrase is English rather than French, as a share: phrases of two words leave doubt.

Naive Bayes over runs of two to four characters (Cavnar and Trenkle 1994 count them; McCallum and Nigam 1998 is the
multinomial model), learned from the names of the topics, which the file gives in both languages. No list of words
and no library to keep up; what it gets right is measured in tests/accounts/test_meaning.py.
"""

import csv
import functools
import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

TOPICS_FILE = Path(__file__).resolve().parent.parent / "data" / "topics.tsv"
_SPACES = re.compile(r"[^\w']+")
SMOOTHING = 0.5
# The runs of a phrase overlap, so that their odds count several times: the sum is divided by about as much.
OVERLAP = 4.0
# What the language of the page adds to the evidence, in natural-log odds before the division: it decides doubtful
# cases.
PAGE = 4.0


def english(phrases: Sequence[str], language: str = "") -> npt.NDArray[np.float32]:
    """Return for each phrase (n) the probability that it is English, not French; shape (n,).

    `language` is that of the page on which the phrases were typed, "" when nobody knows.
    """
    known = _evidence()
    page = PAGE * (language.startswith("en") - language.startswith("fr"))
    odds = [(page + sum(known.get(run, 0.0) for run in _runs(phrase))) / OVERLAP for phrase in phrases]
    return np.array([1 / (1 + math.exp(-max(-50.0, min(50.0, one)))) for one in odds], np.float32)


def _runs(phrase: str) -> list[str]:
    plain = f" {_SPACES.sub(' ', phrase.lower().replace('’', chr(39))).strip()} "
    return [plain[start : start + size] for size in (2, 3, 4) for start in range(len(plain) - size + 1)]


@functools.cache
def _evidence() -> dict[str, float]:
    """Return for each run of characters the log odds that it stands in English."""
    with TOPICS_FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    counts = [Counter(run for row in rows for run in _runs(row[column])) for column in ("label_en", "label_fr")]
    every = counts[0].keys() | counts[1].keys()
    whole = [sum(count.values()) + SMOOTHING * len(every) for count in counts]
    return {
        run: math.log((counts[0][run] + SMOOTHING) / whole[0]) - math.log((counts[1][run] + SMOOTHING) / whole[1])
        for run in every
    }
