"""One document, one sequence of bytes: canonical JSON (RFC 8785), and its SHA-256."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical(document: Mapping[str, Any]) -> str:
    """Return the canonical JSON of a document, as text whose UTF-8 bytes are what is hashed."""
    return rfc8785.dumps(dict(document)).decode()


def sha256(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def document_in(text: str) -> dict[str, Any]:
    """Return the document that a canonical text holds."""
    document: dict[str, Any] = json.loads(text)
    return document
