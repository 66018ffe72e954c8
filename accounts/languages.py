"""The languages that members may speak together, named in the language of the page; and those that pages speak."""

from collections.abc import Iterable

from django.conf import settings
from django.utils.translation import get_language_info, get_supported_language_variant

from accounts.models.profiles import SPOKEN_LANGUAGES

# Offered before the others; not a judgement, only where members live so far.
COMMON = ("en", "fr", "es", "de", "pt", "it", "ar")


def name(code: str) -> str:
    """Return the language's name, such as `French`; an unknown code is its own name."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def names(codes: Iterable[str]) -> list[str]:
    """Return the languages' names in the order given."""
    return [name(code) for code in codes]


def choices() -> list[tuple[str, str]]:
    """Return (code, name) of all, by name."""
    return sorted(((code, name(code)) for code in SPOKEN_LANGUAGES), key=lambda choice: choice[1])


def spoken_in(accept_language: str) -> list[str]:
    """Return the spoken languages that a browser's Accept-Language names, best first, each once."""
    from django.utils.translation.trans_real import parse_accept_lang_header

    found = []
    for code, _quality in parse_accept_lang_header(accept_language.lower()):
        short = code if code in SPOKEN_LANGUAGES else code.split("-")[0]
        if short in SPOKEN_LANGUAGES and short not in found:
            found.append(short)
    return found


def of_pages(preference: str) -> str:
    """Return the language of pages and mails for a member's preference: theirs if the pages speak it yet, else ours."""
    try:
        return get_supported_language_variant(preference)
    except LookupError:
        return settings.LANGUAGE_CODE
