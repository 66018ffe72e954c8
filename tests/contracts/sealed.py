"""Sealed copies for tests: made as the worker makes them, and read as a stranger's tools would."""

import re
import subprocess
import unicodedata
from io import BytesIO
from pathlib import Path

from django.db import connection, transaction
from pypdf import PdfReader

from contracts.actions import sealing
from contracts.canonical import document_in
from contracts.models import Contract, SealedFile


def sealed(contract: Contract) -> SealedFile:
    """Seal what is in force, and return the copy."""
    contract.refresh_from_db()
    assert contract.version_in_force is not None
    sealing.seal(contract.version_in_force.pk)
    return SealedFile.objects.select_related("version").get(version=contract.version_in_force)


def by_hand(sql: str, *parameters: object) -> None:
    """Write to the database with its triggers off, as somebody could who holds it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def fold(text: str) -> str:
    """NFKC, without white space: where a line ends is the page's matter."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def text_of(pdf: bytes) -> str:
    """Return what a program reads of the pages, without the line at their foot."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    return "\n".join(re.sub(r"Peermentor · [0-9a-f]{16}\s*Page \d+ / \d+\s*$", "", page.strip()) for page in pages)


def attached(pdf: bytes) -> dict[str, bytes]:
    """Return the files that go with a PDF."""
    return {name: files[0] for name, files in PdfReader(BytesIO(pdf)).attachments.items()}


def words_of(text: str) -> list[str]:
    """Return all that people have typed into a canonical text."""
    document = document_in(text)
    found = [party["name"] for party in document["parties"]]
    for party in document["parties"]:
        found += [party["goal"].get(name, "") for name in ("long", "short", "indicator", "strategies", "unit")]
        found += [party.get("push", {}).get(name, "") for name in ("how", "believe")]
        found += [item["text"] for item in [*party["haves"], *party["needs"]]]
    for commitment in document["commitments"]:
        found += [commitment[name] for name in ("what", "fact" if commitment["measure"] == "fact" else "amount")]
    found.append(document["rhythm"]["where"])
    return [words for words in found if words]


def run(*command: str, check: bool = True) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def write(folder: Path, pdf: bytes, name: str = "contract.pdf") -> str:
    path = folder / name
    path.write_bytes(pdf)
    return str(path)
