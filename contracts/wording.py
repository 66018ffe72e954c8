"""What differs between two texts, word by word. Pure."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

ALIKE = 0.4
"""How much of two texts has to be the same, from 0 to 1, for their words to be compared one by one."""
MOST_PIECES = 700
"""Longer texts are not compared word by word, but as a whole: it would take too long."""

_JOINERS = "\u200d\u200c"
_SKINS = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_FLAGS = range(0x1F1E6, 0x1F200)
# Scripts that put no spaces between words: each sign is a word of its own.
_SPACELESS = (
    *(range(0x2E80, 0x2FE0), range(0x3005, 0x3008), range(0x3040, 0x3100), range(0x3400, 0xA000)),
    *(range(0xF900, 0xFB00), range(0x20000, 0x32000)),
)


@dataclass(frozen=True)
class Run:
    """Some of two texts: `is_out` stands in the first alone, `is_in` in the second alone, neither in both."""

    text: str
    is_out: bool = False
    is_in: bool = False


def pieces(text: str) -> list[str]:
    """Return a text as words, white space, line breaks and single signs, in order; joined they are the text again.

    No piece ends inside a word or inside a sign that is made of several characters.
    """
    return ["".join(cluster for cluster, _kind in group) for _key, group in groupby(_marked(text), lambda one: one[1])]


def runs(before: str, after: str) -> list[Run]:
    """Return what of two texts is the same, what was taken out and what is new, in the order of reading.

    Those that are not new, joined, are `before`; those that were not taken out are `after`.
    """
    old, new = pieces(before), pieces(after)
    head = _same_at_the_start(old, new)
    tail = _same_at_the_start(old[head:][::-1], new[head:][::-1])
    within, now = old[head : len(old) - tail], new[head : len(new) - tail]
    found = [Run("".join(old[:head]))]
    if max(len(within), len(now)) > MOST_PIECES:
        found += [Run("".join(within), is_out=True), Run("".join(now), is_in=True)]
    else:
        for _tag, start, end, new_start, new_end in SequenceMatcher(None, within, now, autojunk=False).get_opcodes():
            was, has = "".join(within[start:end]), "".join(now[new_start:new_end])
            found += [Run(was)] if was == has else [Run(was, is_out=True), Run(has, is_in=True)]
    found.append(Run("".join(old[len(old) - tail :])))
    return _without_gaps([run for run in found if run.text])


def are_alike(found: Sequence[Run]) -> bool:
    """Whether so much is the same that the words can be read together, taken out and new ones among them."""
    same = sum(_weight(run) for run in found if not run.is_out and not run.is_in)
    longest = max(sum(_weight(run) for run in found if not skipped(run)) for skipped in (_is_in, _is_out))
    return same >= ALIKE * longest


def _is_in(run: Run) -> bool:
    return run.is_in


def _is_out(run: Run) -> bool:
    return run.is_out


def _weight(run: Run) -> int:
    return sum(not sign.isspace() for sign in run.text)


def _same_at_the_start(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _without_gaps(found: list[Run]) -> list[Run]:
    """Let neighbouring changes be one: a space between two of them is no word that stayed."""
    result: list[Run] = []
    out: list[str] = []
    new: list[str] = []
    for number, run in enumerate(found):
        is_change = run.is_out or run.is_in
        is_gap = run.text.isspace() and "\n" not in run.text and bool(out or new) and number + 1 < len(found)
        if is_change or is_gap:
            out += [run.text] if not run.is_in else []
            new += [run.text] if not run.is_out else []
            continue
        result += [*_changed(out, new), run]
        out, new = [], []
    return [*result, *_changed(out, new)]


def _changed(out: Sequence[str], new: Sequence[str]) -> list[Run]:
    runs = [Run("".join(out), is_out=True), Run("".join(new), is_in=True)]
    return [run for run in runs if run.text]


def _marked(text: str) -> Iterator[tuple[str, object]]:
    """Yield each sign with what it belongs to: signs of one word, or one space, have the same mark."""
    clusters = list(_clusters(text))
    for number, cluster in enumerate(clusters):
        yield cluster, _mark(clusters, number)


def _mark(clusters: Sequence[str], number: int) -> object:
    sign = clusters[number][0]
    if sign == "\n":
        return number
    if sign.isspace():
        return "space"
    if _is_of_word(sign):
        return "word"
    is_within = 0 < number < len(clusters) - 1 and all(_is_of_word(clusters[n][0]) for n in (number - 1, number + 1))
    return "word" if sign in "'’-\u00b7" and is_within else number


def _is_of_word(sign: str) -> bool:
    return (sign.isalnum() or sign == "_") and not any(ord(sign) in block for block in _SPACELESS)


def _clusters(text: str) -> Iterator[str]:
    """Yield the signs as people see them: a letter with its marks, an emoji with its parts, a flag."""
    held = ""
    for sign in text:
        if held and (_extends(sign) or held[-1] == _JOINERS[0] or _is_flag(held, sign)):
            held += sign
            continue
        if held:
            yield held
        held = sign
    if held:
        yield held


def _extends(sign: str) -> bool:
    if sign == "\n":
        return False
    is_mark = unicodedata.category(sign) in {"Mn", "Mc", "Me"}
    return is_mark or sign in _JOINERS or ord(sign) in _SKINS or ord(sign) in _TAGS


def _is_flag(held: str, sign: str) -> bool:
    return len(held) == 1 and ord(held) in _FLAGS and ord(sign) in _FLAGS
