"""Sealed copies altered in every way that we can think of. Used by the tests and by the benchmark `seal`."""

import random
import re
from collections.abc import Callable
from io import BytesIO

from contracts.sealing import inspecting, keys, seals


def covered(pdf: bytes) -> list[range]:
    """Return the spans of bytes that the seal covers."""
    found = re.findall(rb"/ByteRange ?\[(\d+) (\d+) (\d+) (\d+)", pdf)[-1]
    first, length, second, rest = map(int, found)
    return [range(first, first + length), range(second, second + rest)]


def flipped(pdf: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(pdf)
    changed[place] ^= 1 << bit
    return bytes(changed)


def passes(pdf: bytes, certificate: str) -> bool:
    """Whether the file would be called ours and whole, were it not known by its hash."""
    held = inspecting.look_into(pdf)
    return not held["problem"] and (
        (held["certificate"], held["is_valid"], held["covers_all"], held["is_unchanged"], held["seals"])
        == (certificate, True, True, True, 1)
    )


def unseen_flips(pdf: bytes, certificate: str, *, count: int, seed: int = 1) -> list[tuple[int, int]]:
    """Change one bit of the covered bytes, `count` times anew; return the changes that were not seen."""
    chance = random.Random(seed)
    places = [place for span in covered(pdf) for place in (span.start, span.stop - 1)]
    spans = covered(pdf)
    sizes = [len(span) for span in spans]
    places += [chance.choice(chance.choices(spans, sizes)[0]) for _each in range(count - len(places))]
    flips = [(place, chance.randrange(8)) for place in places]
    return [flip for flip in flips if passes(flipped(pdf, *flip), certificate)]


def with_a_revision(pdf: bytes) -> bytes:
    """Add to it as any program would that saves a change at the end: a note in its information."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/Altered"] = writer.add_object(_words("altered"))
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def sealed_by_a_stranger(pdf: bytes) -> bytes:
    """Take our seal off, and put one on of a certificate that has our name."""
    [present, *_earlier] = keys.certificates()
    name = present.subject.rfc4514_string().partition("CN=")[2].partition(",")[0]
    return seals.seal(stripped(pdf), keys.make(name), site="somewhere")


def stripped(pdf: bytes) -> bytes:
    """Take the seal off: what was there before it."""
    return pdf[: pdf.index(b"%%EOF") + 6]


def saved_anew(pdf: bytes) -> bytes:
    """What a program makes of it that writes the whole file again."""
    from pypdf import PdfWriter

    out = BytesIO()
    PdfWriter(clone_from=BytesIO(pdf)).write(out)
    return out.getvalue()


WAYS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a revision appended": (with_a_revision, "altered"),
    "a byte appended": (lambda pdf: pdf + b"\n", "altered"),
    "the seal stripped": (stripped, "unsealed"),
    "sealed by a stranger of our name": (sealed_by_a_stranger, "foreign"),
    "one bit of its text": (lambda pdf: flipped(pdf, covered(pdf)[0].stop // 2, 3), "altered"),
    "saved anew": (saved_anew, "altered"),
    "cut in the middle": (lambda pdf: pdf[: len(pdf) // 2], "unreadable"),
    "nothing": (lambda _pdf: b"", "unreadable"),
    "no PDF": (lambda _pdf: b"GIF89a", "unreadable"),
    "a PDF in name": (lambda _pdf: b"%PDF-1.7\n" + b"\x00\xff<<" * 5_000, "unreadable"),
}


def _words(text: str) -> object:
    from pyhanko.pdf_utils.generic import pdf_string

    return pdf_string(text)
