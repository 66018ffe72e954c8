"""Everything held about a member, as one zip: JSON for programs, CSV for spreadsheets, and a page about both."""

import csv
import io
import json
import zipfile
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from accounts.held import holdings
from accounts.models import User

# A spreadsheet takes a cell that begins so for a formula. An apostrophe in front makes it text again.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def zip_of(member: User) -> bytes:
    """Return the zip with everything that the apps have declared about `member`."""
    exported = [held for held in holdings() if held.fields]
    tables = {held.name: held.rows(member.pk) for held in exported}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("peermentor/README.txt", _readme())
        archive.writestr("peermentor/everything.json", as_json(tables))
        for held in exported:
            archive.writestr(f"peermentor/{held.name}.csv", as_csv(held.columns, tables[held.name]))
    return packed.getvalue()


def as_json(tables: dict[str, list[dict[str, Any]]]) -> str:
    """Return the tables as JSON, text as it was typed."""
    return json.dumps(tables, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2) + "\n"


def as_csv(columns: list[str], rows: list[dict[str, Any]]) -> str:
    """Return the rows as CSV with a header (RFC 4180), beginning with the mark that tells Excel it is UTF-8."""
    lines = io.StringIO(newline="")
    lines.write("\ufeff")
    writer = csv.DictWriter(lines, fieldnames=columns)
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return lines.getvalue()


def cell(value: Any) -> Any:
    """Return what stands in a cell: a list as its items, a structure as JSON, nothing that a spreadsheet would run."""
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    elif isinstance(value, dict):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def _readme() -> str:
    return _(
        """This is everything that Peermentor holds about you.

everything.json holds all of it, for a program to read. The .csv files hold the same, a table each, for a
spreadsheet. Where a cell begins with = + - or @ we have put an apostrophe in front, so that a spreadsheet does
not take it for a formula. Times are in UTC. Free hours count from Monday 00:00 (0) on your own clock.

Passwords and the secrets of two-step login are left out: whoever has them could log in as you.
"""
    )
