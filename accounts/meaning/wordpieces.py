"""The tokenizer that MiniLM was trained with: BERT's, uncased.

Two steps, as in Devlin et al. 2018 and its reference `tokenization.py`: clean text is cut at spaces and punctuation,
then each word into the longest pieces that the vocabulary holds, from the left. `wordpieces.txt` is the vocabulary of
`bert-base-uncased` (Google, Apache-2.0), a piece a line, its number the line's.
"""

import functools
import unicodedata
from pathlib import Path

VOCABULARY = Path(__file__).with_name("wordpieces.txt")
LONGEST_WORD = 100  # characters; what is longer is unknown
MOST_PIECES = 128  # of a phrase, with its two marks


@functools.cache
def vocabulary() -> dict[str, int]:
    """Return the number of each piece."""
    return {piece: number for number, piece in enumerate(VOCABULARY.read_text(encoding="utf-8").splitlines())}


def numbers(phrase: str) -> list[int]:
    """Return the pieces of a phrase by their numbers, between the marks of its beginning and its end."""
    known = vocabulary()
    inside = [known[piece] for word in _words(phrase) for piece in _pieces(word, known)]
    return [known["[CLS]"], *inside[: MOST_PIECES - 2], known["[SEP]"]]


def _words(phrase: str) -> list[str]:
    """Return the words of a phrase, lower-case and without accents; punctuation and CJK characters stand alone."""
    cleaned = []
    for char in phrase:
        category = unicodedata.category(char)
        if char.isspace():
            cleaned.append(" ")
        elif category[0] != "C" and char != "\ufffd":
            cleaned.append(f" {char} " if _is_cjk(ord(char)) else char)
    folded = unicodedata.normalize("NFD", "".join(cleaned)).lower()
    return "".join(
        f" {char} " if _is_punctuation(char) else char for char in folded if unicodedata.category(char) != "Mn"
    ).split()


def _pieces(word: str, known: dict[str, int]) -> list[str]:
    """Return the longest pieces from the left, the later ones marked with ##; one unknown makes the word unknown."""
    if len(word) > LONGEST_WORD:
        return ["[UNK]"]
    found, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in known), None)
        if end is None:
            return ["[UNK]"]
        found.append(mark + word[start:end])
        start = end
    return found


def _is_punctuation(char: str) -> bool:
    """Whatever in ASCII is no letter, digit or space, such as $ and +, and Unicode's own."""
    return (char.isascii() and char.isprintable() and not char.isalnum() and char != " ") or (
        unicodedata.category(char)[0] == "P"
    )


def _is_cjk(code: int) -> bool:
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x2CEAF
        or 0xF900 <= code <= 0xFAFF
        or 0x2F800 <= code <= 0x2FA1F
    )
