"""How alike two phrases are spelt: the similarity of PostgreSQL's pg_trgm, number for number.

A word is lower-case letters and digits; it is padded with two spaces before and one after, and cut into all runs of
three characters. Similarity is the share of the runs of both that both have, 0 to 1
(https://www.postgresql.org/docs/current/pgtrgm.html). What a letter is beyond ASCII depends on the locale of the
database there; keys (accounts.text.key) have no accents, so that English and French do not notice.
"""

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_WORDS = re.compile(r"[^\W_]+")


def trigrams(phrase: str) -> frozenset[str]:
    """Return the runs of three characters of a phrase."""
    padded = [f"  {word} " for word in _WORDS.findall(phrase.lower())]
    return frozenset(word[start : start + 3] for word in padded for start in range(len(word) - 2))


def similarity(one: Sequence[str], other: Sequence[str]) -> npt.NDArray[np.float32]:
    """Return the similarity of each phrase of `one` (n) to each of `other` (m), shape (n, m)."""
    holders: dict[str, list[int]] = defaultdict(list)
    sizes = np.zeros(len(other), np.float32)
    for number, phrase in enumerate(other):
        runs = trigrams(phrase)
        sizes[number] = len(runs)
        for run in runs:
            holders[run].append(number)
    where = {run: np.array(numbers) for run, numbers in holders.items()}
    found = np.zeros((len(one), len(other)), np.float32)
    for row, phrase in zip(found, one, strict=True):
        runs = trigrams(phrase)
        for run in runs & where.keys():
            row[where[run]] += 1
        row /= np.maximum(len(runs) + sizes - row, 1)
    return found
