"""Countries by their code of ISO 3166, named in the language of the page; and the one in which a time zone lies."""

import csv
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

from django.utils.translation import get_language

from accounts import text

COUNTRIES_FILE = Path(__file__).resolve().parent / "data" / "countries.tsv"


@cache
def _names() -> dict[str, tuple[str, str]]:
    """Return the English and the French name of each country by its code."""
    with COUNTRIES_FILE.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: (row["en"], row["fr"]) for row in csv.DictReader(lines, delimiter="\t")}


def is_known(code: str) -> bool:
    """Whether there is a country with this code, two capitals."""
    return code in _names()


def name(code: str) -> str:
    """Return the country's name, such as `Ireland`; an unknown code is its own name."""
    named = _names().get(code)
    if named is None:
        return code
    return named[1] if (get_language() or "").startswith("fr") else named[0]


def choices() -> list[tuple[str, str]]:
    """Return (code, name) of all, by name."""
    return by_name(_names())


def by_name(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return (code, name) of these, by name: an accent does not put a country at the end."""
    return sorted(((code, name(code)) for code in codes), key=lambda choice: text.key(choice[1]))


def of_zone(zone: str) -> str:
    """Return the code of the country in which a time zone lies, `FR` for `Europe/Paris`; "" if none is known."""
    return _of_zones().get(zone, "")


@cache
def _of_zones() -> dict[str, str]:
    """Read the table that comes with the zones themselves: code, coordinates, zone."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
