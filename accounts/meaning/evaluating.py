"""How well an engine finds the topic that a phrase means, on phrases whose topic is known.

Four layouts of tab-separated files, told apart by their columns:

| columns | question | answers among |
|---|---|---|
| query_alt_label, gold_preferred_label | an ESCO skill by another name | 5,000 concepts with all right ones |
| query_fr_label, gold_preferred_label | an ESCO skill by its French name | the same |
| need, offer_match, offer_hard_negative | what somebody needs | all offers, those that mislead too |
| phrase, topic | what somebody types | our topics, each by all its phrases |
"""

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from accounts.actions.topics import read_topics
from accounts.meaning.engines import BATCH, Encoded, Engine, Floats, encode
from accounts.meaning.resolving import is_clear

RANKS = (1, 3, 5, 10)
MOST_TOPICS = 5000
SEED = 20


@dataclass(frozen=True)
class Questions:
    """Questions (n) with the numbers of their right answers; `texts` (m) are the answers' phrases, `owners` whose."""

    name: str
    asked: list[str]
    right: npt.NDArray[np.intp]
    texts: list[str]
    owners: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Figures:
    """Of one set of questions and one engine; all but `questions` and `answers` are shares, 0 to 1."""

    name: str
    engine: str
    questions: int
    answers: int
    found: dict[int, float]  # by rank: how often the right answer was among the first so many
    reciprocal_rank: float
    linked: float  # how often the first may be taken without asking (resolving.is_clear)
    precision: float | None  # how many of these were right; None when there were none


class NoSuchLayout(ValueError):
    """The file has other columns than those that are known."""


def read_questions(path: Path, concepts: Path | None = None, most: int = MOST_TOPICS) -> list[Questions]:
    """Return the sets of questions that a file holds: one, or for needs one for each language.

    `concepts` is a file with the column `label`, from which answers are drawn, always the same, until there are `most`.
    """
    rows = _rows(path)
    columns = set(rows[0]) if rows else set()
    for column, name in (("query_alt_label", "another name"), ("query_fr_label", "French name")):
        if {column, "gold_preferred_label"} <= columns:
            golds = [row["gold_preferred_label"] for row in rows]
            return [_single(name, [row[column] for row in rows], golds, _pool(golds, concepts, most))]
    if {"need", "offer_match", "offer_hard_negative"} <= columns:
        pool = sorted({row[column] for row in rows for column in ("offer_match", "offer_hard_negative")})
        by_language: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            by_language.setdefault(row.get("lang", ""), []).append(row)
        return [
            _single(f"need, {language}", [row["need"] for row in some], [row["offer_match"] for row in some], pool)
            for language, some in by_language.items()
        ]
    if {"phrase", "topic"} <= columns:
        return _typed(rows)
    raise NoSuchLayout(f"{path.name} has the columns {', '.join(sorted(columns))}: none of the layouts known.")


def figures(questions: Questions, engine: Engine, texts: Encoded | None = None) -> Figures:
    """Ask the engine, and count how often the right answer came how early. Of equals the right one comes first.

    `texts` are those of the questions, if they have been encoded already.
    """
    asked, texts = encode(engine, questions.asked), texts or encode(engine, questions.texts)
    ranks, linked, linked_rightly = [], 0, 0
    for start in range(0, len(asked), BATCH):
        part = slice(start, start + BATCH)
        near = nearest_of_each(engine.similarity(asked[part], texts), questions.owners)
        right = questions.right[part]
        scores = near[np.arange(len(right)), right]
        ranks += list((near > scores[:, None]).sum(axis=1) + 1)
        for row, gold in zip(near, right, strict=True):
            order = np.argsort(row)
            if is_clear(row[order[-1]], row[order[-2]] if len(row) > 1 else 0.0):
                linked += 1
                linked_rightly += int(order[-1] == gold)
    count = len(ranks)
    return Figures(
        name=questions.name,
        engine=engine.name,
        questions=count,
        answers=int(questions.owners.max()) + 1,
        found={rank: float(np.mean(np.array(ranks) <= rank)) for rank in RANKS},
        reciprocal_rank=float(np.mean(1 / np.array(ranks))),
        linked=linked / count,
        precision=linked_rightly / linked if linked else None,
    )


def nearest_of_each(similarity: Floats, owners: npt.NDArray[np.intp]) -> Floats:
    """Return how near each question is to each answer, by the answer's nearest phrase.

    `similarity` has the shape (n, m); `owners` (m) says which answer a phrase belongs to, in ascending order from 0.
    """
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    found: Floats = np.maximum.reduceat(similarity, starts, axis=1)
    return found


def _single(name: str, asked: list[str], golds: Sequence[str], pool: list[str]) -> Questions:
    """Each answer has one phrase."""
    where = {text: number for number, text in enumerate(pool)}
    return Questions(name, asked, np.array([where[gold] for gold in golds]), pool, np.arange(len(pool)))


def _pool(golds: list[str], concepts: Path | None, most: int) -> list[str]:
    right = sorted(set(golds))
    others = sorted({row["label"] for row in _rows(concepts)} - set(right)) if concepts else []
    missing = max(0, min(most - len(right), len(others)))
    return right + random.Random(SEED).sample(others, missing)  # noqa: S311 - a sample, no secret


def _typed(rows: list[dict[str, str]]) -> list[Questions]:
    """Phrases as members type them, against our own topics with all their phrases; a set for each language, and all."""
    entries = read_topics()
    texts = [list(entry.phrases.values()) for entry in entries]
    owners = np.repeat(np.arange(len(entries)), [len(phrases) for phrases in texts])
    every = [phrase for phrases in texts for phrase in phrases]
    where = {entry.label_en: number for number, entry in enumerate(entries)}
    sets = {"typed": rows}
    for row in rows:
        sets.setdefault(f"typed, {row.get('language', '')}", []).append(row)
    return [
        Questions(name, [row["phrase"] for row in some], np.array([where[row["topic"]] for row in some]), every, owners)
        for name, some in sets.items()
    ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
