"""The rules of the forms, asked of a draft: what was typed live is held to them before anybody signs."""

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language, gettext as _

from accounts import text
from contracts.coverage import Gap
from contracts.document import MOST, TEXTS, Content, parse_key, parts_of
from contracts.forms import FORMS


def faults(document: Mapping[str, Any], *, today: dt.date) -> list[Gap]:
    """Return what a form would not have let pass, each with the part where it stands."""
    parts = parts_of(document)
    needs = tuple(key for key in parts if parse_key(key).kind == "need")
    return [*_too_many(parts), *_in_parts(parts, needs, today)]


def _in_parts(parts: Mapping[str, Content], needs: tuple[str, ...], today: dt.date) -> Iterator[Gap]:
    for key, content in parts.items():
        kind = parse_key(key).kind
        offered = needs if kind == "commitment" else ()
        for sentence in _of_part(kind, tuple(content.items()), offered, today, get_language() or ""):
            yield Gap(sentence, key)


# The same part is asked about each time that a page of the draft is drawn.
@lru_cache(maxsize=4096)
def _of_part(
    kind: str, items: tuple[tuple[str, str], ...], needs: tuple[str, ...], today: dt.date, _language: str
) -> tuple[str, ...]:
    content = dict(items)
    said = {**content, "kind_of_thing": content.get("kind", "")}
    wanted = {"commitment": {"needs": [(key, key) for key in needs]}, "push": {"agrees": ""}}
    options: dict[str, Any] = wanted.get(kind, {})
    # What has passed since it was agreed is no fault of the text: what is missing says so where it matters.
    form = FORMS[kind](said, initial=content, today=today, **options)
    found = [
        (name, str(error))
        for name, errors in form.errors.items()
        # That a promise says nothing yet is said with what else is missing.
        if (kind, name) != ("commitment", "what") or not form.has_error(name, "required")
        for error in errors
    ]
    hidden = _("There are characters in it that cannot be seen. Type it again.")
    found += [(name, hidden) for name in TEXTS[kind] if text.hides_something(content.get(name, ""))]
    return tuple(_("“%(field)s” %(what)s") % {"field": form.fields[name].label, "what": what} for name, what in found)


def _too_many(parts: Mapping[str, Content]) -> Iterator[Gap]:
    counted: dict[tuple[str, str], list[str]] = {}
    for key in parts:
        where = parse_key(key)
        if where.kind in MOST:
            counted.setdefault((where.kind, str(where.side)), []).append(key)
    for (kind, _side), keys in counted.items():
        if len(keys) > MOST[kind]:
            yield Gap(_("There is room for %(most)s in a list. Take some out.") % {"most": MOST[kind]}, keys[-1])
