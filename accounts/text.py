"""Text as people type it, made safe to store, to compare and to put into a mail's header."""

import re
import unicodedata

# Characters that turn the reading direction of what follows; in a name they can make one person look like another.
_DIRECTION = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Letters and symbols that have no ink: fillers of Hangul, and the braille pattern without dots.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_LINES = re.compile(r"\r\n|\r|\u2028|\u2029|\x85")


def paragraphs(text: str) -> str:
    """Return `text` in NFC with plain line breaks and without control characters, its ends trimmed.

    A text in which there is nothing to see is empty: a name of zero-width characters would be nobody's.
    """
    text = _LINES.sub("\n", unicodedata.normalize("NFC", text)).translate(_DIRECTION)
    text = _CONTROLS.sub("", text).strip()
    return text if any(map(_has_ink, text)) else ""


def hides_something(text: str) -> bool:
    """Whether there are characters in it that nobody sees and that are no white space, or that turn the direction."""
    return bool(_CONTROLS.search(text)) or any(ord(char) in _DIRECTION for char in text)


def one_line(text: str) -> str:
    """Return `text` as one line: as `paragraphs`, and every run of white space is one space."""
    return " ".join(paragraphs(text).split())


def key(text: str) -> str:
    """Return what two spellings of one phrase share: no case, no accents, no punctuation at the ends, single spaces.

    Nor does it hold what cannot be seen, such as a soft hyphen: two phrases that look the same are the same.
    """
    decomposed = unicodedata.normalize("NFKD", one_line(text).casefold())
    plain = "".join(
        char for char in decomposed if not unicodedata.combining(char) and unicodedata.category(char) != "Cf"
    )
    return " ".join(plain.replace("’", "'").split()).strip(" .,;:!?\"'«»()")


def as_name(text: str) -> str:
    """Return a phrase as the name of a topic that several share: nobody's capitals, nothing but words at its ends."""
    line = one_line(text)
    words = line.strip("".join({char for char in line if unicodedata.category(char)[0] in "PSZ"} - set("()+#")))
    words = words or line
    if words.isupper() and (" " in words or len(words) > 5):
        words = words.lower()
    return words[:1].upper() + words[1:]


def _has_ink(char: str) -> bool:
    """Whether there is something to see: no space, no control or format character, no mark that needs a letter."""
    return unicodedata.category(char)[0] not in "ZCM" and char not in _BLANK
