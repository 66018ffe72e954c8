"""The sealed copy: how long it takes to draw, to seal and to verify; and single bits that were changed unseen."""

import time
from collections.abc import Iterator

from bench.database import own_database
from bench.rows import Row, percentile
from bench.signing import milliseconds, ready_to_sign

DRAWN = 20
FLIPS = 1_000
VERIFIED = 10


def rows() -> Iterator[Row]:
    """Measure in a database of our own."""
    with own_database():
        yield from measure()


def measure() -> Iterator[Row]:
    from contracts import verifying
    from contracts.actions import sealing
    from contracts.models import SealedFile, Version
    from contracts.sealing import copies, typeset
    from tests.contracts import tampering
    from tests.pairs import put_name

    ready = ready_to_sign()
    assert ready.first
    assert ready.second
    contract = put_name(put_name(ready, ready.first), ready.second)
    began = time.perf_counter()
    assert contract.version_in_force_id
    sealing.seal(contract.version_in_force_id)
    yield Row("second signature to sealed, fonts and all not yet read", time.perf_counter() - began, "s", target=3)
    copy = copies.copy_of(Version.objects.select_related("contract").get(pk=contract.version_in_force_id))
    drawn = [milliseconds(lambda: typeset.typeset(copy)) / 1000 for _each in range(DRAWN)]
    yield Row(f"PDF drawn: p50 of {DRAWN}", percentile(drawn, 0.5), "s", target=0.3)
    yield Row(f"PDF drawn: p95 of {DRAWN}", percentile(drawn, 0.95), "s")
    different = len({typeset.typeset(copy) for _each in range(5)}) - 1
    yield Row("drawn again and not the same bytes, of 5", different, "files", target=0)

    kept = SealedFile.objects.get()
    pdf = bytes(kept.pdf)
    yield Row("size of the sealed file", len(pdf) / 1000, "kB")
    known = [milliseconds(lambda: verifying.verify(pdf)) / 1000 for _each in range(VERIFIED)]
    yield Row("verify, as it came from us: p95", percentile(known, 0.95), "s", target=1)
    changed = tampering.with_a_revision(pdf)
    other = [milliseconds(lambda: verifying.verify(changed)) / 1000 for _each in range(VERIFIED)]
    yield Row("verify, altered (in a process of its own): p50", percentile(other, 0.5), "s", target=1)
    unseen = tampering.unseen_flips(pdf, kept.certificate, count=FLIPS)
    yield Row(f"single bits changed in covered bytes, not found, of {FLIPS:,}", len(unseen), "changes", target=0)
    for name, (alter, verdict) in tampering.WAYS.items():
        missed = verifying.verify(alter(pdf)).verdict.value != verdict
        yield Row(f"{name}: not called {verdict}", int(missed), "files", target=0)
