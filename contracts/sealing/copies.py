"""What the sealed copy of a version says, as data. The same rows give the same data, whenever they are read."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import get_language, gettext as _, ngettext

from accounts import zones
from contracts import trail
from contracts.canonical import canonical, document_in
from contracts.chain import FORMAT, Link
from contracts.history import entries
from contracts.lifecycle import Side
from contracts.models import Signature, Version
from contracts.readable import Block, blocks, date_words, meeting_words


@dataclass(frozen=True)
class Copy:
    """A version with both signatures: `page` is what is drawn, `contract` and `trail` the files that go with it.

    `signed_at` is the instant of the second signature; `number` and `head` are those of the trail's last link by then.
    """

    page: str
    contract: str
    trail: str
    signed_at: dt.datetime
    number: int
    head: str


def copy_of(version: Version) -> Copy:
    """Return what the sealed copy of a version says, in the language that is active. Raises LookupError unless both
    have signed it."""
    signatures = list(version.signatures.order_by("signed_at", "pk"))
    if {signature.side for signature in signatures} != set(Side.values):
        raise LookupError(f"version {version.pk} is not signed by both")
    document = document_in(version.text)
    links = _until_signed(trail.read(version.contract).links, version)
    names = {Side(party["side"]): str(party["name"]) for party in document["parties"]}
    zone = document["rhythm"]["zone"]
    page = {
        **_first_page(document, version, names),
        "lang": (get_language() or "en").partition("-")[0],
        "blocks": [_block(block) for block in blocks(version.text)],
        "signatures": [_signature(each, names, zone) for each in signatures],
        "consent": _consents(signatures),
        "trail": [{"said": each.sentence, "at": at_words(each.at, zone)} for each in entries(links, names)],
        "verify": verification(version.sha256),
        "sha256": version.sha256,
        "trail_sha256": links[-1].sha256,
        "labels": _labels(links),
    }
    return Copy(
        page=canonical(page),
        contract=version.text,
        trail=canonical({"format": FORMAT, "links": [link.as_strings() for link in links]}),
        signed_at=signatures[-1].signed_at,
        number=links[-1].number,
        head=links[-1].sha256,
    )


def at_words(at: dt.datetime, zone: str) -> str:
    """Return an instant on the clock that the two have agreed on."""
    local = zones.local_time(zone, at)
    words = {"day": local.day, "month": MONTHS[local.month], "year": local.year, "time": f"{local:%H:%M}", "zone": zone}
    return _("%(day)s %(month)s %(year)s, %(time)s (%(zone)s)") % words


def verification(sha256: str) -> dict[str, str]:
    """Return where anybody can ask about a version, with the same as a QR code."""
    url = f"{settings.SITE_URL}{reverse('verify_fingerprint', args=[sha256])}"
    return {"url": url, "page": f"{settings.SITE_URL}{reverse('verify')}", "qr": qr_code(url)}


def qr_code(text: str) -> str:
    """Return the QR code of a text as an SVG drawing, quiet zone included."""
    from qrcode import QRCode
    from qrcode.constants import ERROR_CORRECT_M

    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(
        f"M{column},{row}h1v1h-1z" for row, cells in enumerate(rows) for column, is_dark in enumerate(cells) if is_dark
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(rows)} {len(rows)}">'
        f'<rect width="{len(rows)}" height="{len(rows)}" fill="#ffffff"/><path d="{path}" fill="#2b2430"/></svg>'
    )


def _until_signed(links: list[Link], version: Version) -> list[Link]:
    """The trail up to the second signature. One whose trail does not say so gives it as far as it goes."""
    last = max((link.number for link in links if link.kind == "signed" and link.version == version.number), default=0)
    return links[: last or None]


def _first_page(document: Mapping[str, Any], version: Version, names: Mapping[Side, str]) -> dict[str, Any]:
    """Who, what and when, before the terms."""
    first, second = names[Side.FIRST], names[Side.SECOND]
    words = {"first": first, "second": second, "number": version.number}
    return {
        "title": _("Contract between %(first)s and %(second)s") % words,
        "names": [first, second],
        "version": _("Version %(number)s") % words,
        "who": [
            {
                "name": party["name"],
                "goal": party["goal"]["short"],
                "by": _("by %s") % date_words(party["goal"]["by"]) if party["goal"]["by"] else "",
                "gives": _gives(document, party["side"]),
            }
            for party in document["parties"]
        ],
        "when": meeting_words(document["rhythm"]),
    }


def _gives(document: Mapping[str, Any], side: str) -> str:
    count = sum(commitment["giver"] == side for commitment in document["commitments"])
    return ngettext("gives %(count)s thing", "gives %(count)s things", count) % {"count": count}


def _block(block: Block) -> dict[str, Any]:
    return {
        "heading": block.heading,
        "lines": [{"label": line.label, "text": line.text} for line in block.lines],
        "items": [[{"label": line.label, "text": line.text} for line in item] for item in block.items],
    }


def _signature(signature: Signature, names: Mapping[Side, str], zone: str) -> dict[str, str]:
    at = at_words(signature.signed_at, zone)
    utc = signature.signed_at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return {"name": signature.typed_name, "at": at, "utc": utc, "party": names[Side(signature.side)]}


def _consents(signatures: list[Signature]) -> list[str]:
    """What both have consented to, line by line; what is the same for both once."""
    return list(dict.fromkeys(line for each in signatures for line in each.consent.splitlines() if line))


def _labels(links: list[Link]) -> dict[str, str]:
    said = [json.loads(link.payload) if link.payload else {} for link in links]
    brought = next((each["brought_in"] for each in said if "brought_in" in each), "")
    return {
        "in_short": _("In short"),
        "meet": _("We meet"),
        "terms": _("What we agreed"),
        "nothing": _("Nothing."),
        "signatures": _("Signatures"),
        "signed": _("signed on"),
        "consent": _("Both of us have agreed to this when we signed:"),
        "trail": _("What happened until we had both signed"),
        "trail_brought": _("What was before %s was written down without a chain, and brought in on that day.") % brought
        if brought
        else "",
        "proof": _("How this can be proved"),
        "text_sha256": _("Fingerprint of the text (SHA-256)"),
        "trail_sha256": _("Fingerprint of the record up to the second signature (SHA-256)"),
        "attached": _(
            "Two files are attached to this document: contract.json, the exact text that was signed (canonical JSON,"
            " RFC 8785), whose SHA-256 is the fingerprint of the text; and trail.json, the record of what happened, of"
            " which each line holds the hash of the line before."
        ),
        "sealed": _("This document is sealed. If anything in it is changed, the seal breaks."),
        "verify": _("Anybody can verify it, without an account:"),
        "qr": _("QR code of the address of verification"),
        "missing": _("Signs that no font of ours can draw stand as \ufffd here; the attached text holds them."),
        "page": _("Page"),
    }
