"""The PDF of a sealed copy, before it is sealed: drawn by Typst, tagged, PDF/A-3a and PDF/UA-1.

The same copy gives the same bytes.
"""

import datetime as dt
import json
import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTCollection, TTFont

from contracts.sealing.copies import Copy

TEMPLATE = Path(__file__).with_name("contract.typ")
FONT_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
MISSING = "\ufffd"
# What no font draws because there is nothing to draw; Typst leaves it out by itself.
_UNSEEN = {"Cf", "Zs", "Zl", "Zp", "Cc"}
_SELECTORS = range(0xFE00, 0xFE10)
_NOT_DRAWN = re.compile(r'the text `"(?P<signs>.+?)"` could not be displayed', re.DOTALL)
_TRIES = 8


def typeset(copy: Copy) -> bytes:
    """Return the PDF. What no font of ours can draw stands as U+FFFD in it, and says so; the attached text is whole."""
    try:
        return _compile(copy, copy.page)
    except typst.TypstError as error:
        if not _NOT_DRAWN.search(str(error)):
            raise
    page = drawable(copy.page)
    for _again in range(_TRIES):
        try:
            return _compile(copy, page)
        except typst.TypstError as error:
            # Rare: a sequence of signs each of which can be drawn, but not so.
            undrawn = _NOT_DRAWN.search(str(error))
            signs = json.dumps(undrawn["signs"], ensure_ascii=False)[1:-1] if undrawn else ""
            if not signs or signs not in page:
                raise
            page = page.replace(signs, MISSING)
    return _compile(copy, page.encode("ascii", "replace").decode())


def drawable(text: str) -> str:
    """Return the text with U+FFFD for each sign that none of our fonts has."""
    covered = _covered()
    return "".join(sign if ord(sign) in covered or _is_unseen(sign) else MISSING for sign in text)


def _compile(copy: Copy, page: str) -> bytes:
    at = copy.signed_at.astimezone(dt.UTC)
    moment = {name: str(getattr(at, name)) for name in ("year", "month", "day", "hour", "minute", "second")}
    pdf = _compiler().compile(
        format="pdf",
        pdf_standards=["a-3a", "ua-1"],
        timestamp=int(at.timestamp()),
        sys_inputs={
            "page": page,
            "contract": copy.contract,
            "trail": copy.trail,
            "is_incomplete": "yes" if page != copy.page else "",
            **moment,
        },
    )
    assert isinstance(pdf, bytes)
    return pdf


def _compiler() -> typst.Compiler:
    return typst.Compiler(input=str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=_fonts())


@cache
def _fonts() -> typst.Fonts:
    """The fonts are looked through once in a process, and mapped into memory, not read."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder) for folder in _folders()])


def _folders() -> list[Path]:
    found = []
    for name in FONT_PACKAGES:
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise LookupError(f"the fonts of {name} are not installed")
        found.append(Path(next(iter(spec.submodule_search_locations))))
    return found


@cache
def _covered() -> frozenset[int]:
    """The signs that our fonts have."""
    found: set[int] = set()
    for file in sorted(path for folder in _folders() for path in folder.iterdir()):
        if file.suffix == ".ttf":
            with TTFont(file, lazy=True) as font:
                found |= set(font.getBestCmap() or {})
        elif file.suffix == ".ttc":
            with TTCollection(str(file), lazy=True) as collection:
                # Its faces differ by the shapes that regions prefer; they have the same signs.
                found |= set(collection.fonts[0].getBestCmap() or {})
    return frozenset(found)


def _is_unseen(sign: str) -> bool:
    return unicodedata.category(sign) in _UNSEEN or ord(sign) in _SELECTORS
