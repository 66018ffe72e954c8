"""What a PDF from anywhere holds: its seal, and the files that go with it. Runs in a process of its own.

A file can be made to keep its reader busy or to fill its memory. So it is read outside of the process that serves
pages, with little of both: `inspect` starts `python -m contracts.sealing.inspecting`, which needs no Django, gets the
file on its standard input and answers in JSON.
"""

import hashlib
import json
import logging
import resource
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 15
MEMORY = 600_000_000
LONGEST_FILE = 4_000_000
ATTACHED = ("contract.json", "trail.json")


def inspect(pdf: bytes) -> dict[str, Any]:
    """Return what a PDF holds.

    `problem` is empty, or "not_pdf" (nothing that can be read), "no_seal", "too_much" (it took too long or too much
    memory). With a seal: `certificate` (SHA-256), `is_intact`, `is_valid` (the signature, as of its own time, by that
    certificate), `covers_all` (nothing was added), `is_unchanged` (as the seal demands), `sealed_at` (ISO 8601),
    `seals` (how many there are), `files` (those of ours, as text).
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "contracts.sealing.inspecting"],
            cwd=ROOT,
            input=pdf,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS + 5,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"problem": "too_much"}
    return found


def look_into(pdf: bytes) -> dict[str, Any]:
    """Do what `inspect` says, in this process."""
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    try:
        reader = PdfFileReader(BytesIO(pdf))
        seals = reader.embedded_signatures
    except Exception:  # whatever pyHanko meets in a file of a stranger's
        return {"problem": "not_pdf"}
    if not seals:
        return {"problem": "no_seal"}
    found: dict[str, Any] = {"problem": "", "is_intact": False, "is_valid": False, "files": {}, "sealed_at": ""}
    found |= {"certificate": "", "covers_all": False, "is_unchanged": False, "seals": len(seals)}
    try:
        seal = seals[0]
        certificate: Certificate = seal.signer_cert
        found["certificate"] = hashlib.sha256(certificate.dump()).hexdigest()
        at = seal.self_reported_timestamp
        found["sealed_at"] = at.isoformat() if at else ""
        # Whether the certificate is ours is for the caller to say. Its own time: one that has expired sealed before.
        context = ValidationContext(trust_roots=[certificate], moment=at, allow_fetching=False)
        status = validate_pdf_signature(seal, context)
        found |= {
            "is_intact": bool(status.intact),
            "is_valid": bool(status.bottom_line),
            "covers_all": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
            "is_unchanged": bool(status.docmdp_ok),
        }
        found["files"] = _files(reader)
    except Exception:  # the same: what cannot be gone through is not valid
        found["is_valid"] = False
    return found


def _files(reader: Any) -> dict[str, str]:
    found = {}
    for specification in reader.root.get("/AF", ()):
        each = specification.get_object()
        name = str(each["/UF"])
        if name in ATTACHED and name not in found:
            content: bytes = each["/EF"]["/F"].data
            if len(content) <= LONGEST_FILE:
                found[name] = content.decode()
    return found


# What pyHanko would fetch something with, and the name that it looks for in each.
HTTP_CLIENTS = {
    "pyhanko.sign.timestamps.aiohttp_client": "HTTPTimeStamper",
    "pyhanko_certvalidator.fetchers.aiohttp_fetchers": "AIOHttpFetcherBackend",
}


def _without_http() -> None:
    """Spare this process pyHanko's HTTP clients, which take half of its time to load: nothing is fetched here."""
    for name, wanted in HTTP_CLIENTS.items():
        client = ModuleType(name)
        setattr(client, wanted, None)
        sys.modules[name] = client


if __name__ == "__main__":
    logging.disable()
    _without_http()
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(look_into(sys.stdin.buffer.read())))
