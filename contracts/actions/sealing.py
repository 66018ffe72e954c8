"""What both have signed is sealed: one PDF for each version, for both, for ever."""

import datetime as dt
import hashlib
import logging
import time
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation

from accounts import clock, notices
from accounts.models import User
from contracts.actions.holding import FAMILY, LASTS, hold, hold_for_us, note
from contracts.lifecycle import Side
from contracts.models import AuditEvent, Contract, SealedFile, Version
from contracts.sealing import keys

log = logging.getLogger(__name__)

TASK = "contracts.tasks.seal"
SWEEP_TAKES = 60.0
"""For how many seconds a sweep begins with another one. What is left is for the next."""


def ask_for(version: Version) -> None:
    """Have a version sealed at once, when this transaction is through. If nobody hears it, the sweep finds it."""
    transaction.on_commit(partial(current_app.send_task, TASK, [version.pk]), robust=True)


def unsealed() -> QuerySet[Version]:
    """The versions that both have signed and that are not sealed, the newest first."""
    signed = Version.objects.filter(signatures__side=Side.FIRST).filter(signatures__side=Side.SECOND)
    return signed.filter(sealed=None).order_by("-pk")


def sweep() -> int:
    """Seal what was not sealed when it should have been; return how many those were. One that fails holds up none."""
    began, count = time.monotonic(), 0
    try:
        keys.pair()
    except keys.NoSeal as fault:
        if unsealed().exists():
            log.error("Nothing can be sealed: %s", fault)
        return 0
    for version_id in unsealed().values_list("pk", flat=True)[:500]:
        if time.monotonic() - began > SWEEP_TAKES:
            break
        try:
            count += seal(version_id)
        except Exception:
            log.exception("Version %s could not be sealed", version_id)
    return count


def seal(version_id: int) -> bool:
    """Make the sealed copy of a version that both have signed, and send it to both. Return whether it was made now.

    Twice, at once, or again after it was killed anywhere: there is one copy in the end. Raises keys.NoSeal.
    """
    version = unsealed().select_related("contract").filter(pk=version_id).first()
    if version is None:
        return False
    # Large, and needed nowhere else in a process that serves pages.
    from contracts.sealing import copies, seals, typeset

    with translation.override(settings.LANGUAGE_CODE):
        copy = copies.copy_of(version)
    pair = keys.pair()
    pdf = seals.seal(typeset.typeset(copy), pair, site=settings.SITE_URL)
    with transaction.atomic():
        contract = hold_for_us(version.contract_id)
        if contract is None or not unsealed().filter(pk=version_id).exists():
            return False
        made = SealedFile.objects.create(
            version=version,
            pdf=pdf,
            sha256=hashlib.sha256(pdf).hexdigest(),
            certificate=pair.fingerprint,
            trail_number=copy.number,
            trail_head=copy.head,
        )
        note(contract, AuditEvent.Kind.SEALED, version=version, sha256=made.sha256, certificate=made.certificate)
        # What was signed long ago is no news.
        if copy.signed_at > clock.now() - LASTS:
            for side in Side:
                _send(contract, version, to=side)
    return True


def downloaded(*, by: User, contract_id: int, version: Version) -> None:
    """Note that a party has taken the sealed copy; once within a minute."""
    with transaction.atomic():
        contract, side = hold(by=by, contract_id=contract_id)
        lately = AuditEvent.objects.filter(
            contract=contract,
            kind=AuditEvent.Kind.DOWNLOADED,
            by=side,
            version=version.number,
            at__gt=clock.now() - dt.timedelta(minutes=1),
        )
        if not lately.exists():
            note(contract, AuditEvent.Kind.DOWNLOADED, by=side, version=version)


def _send(contract: Contract, version: Version, *, to: Side) -> None:
    member = contract.member(to)
    if member is None:
        return
    notices.queue(
        key=f"{FAMILY}:{contract.pk}:sealed:{version.pk}:{member.pk}",
        kind=f"{FAMILY}:sealed",
        address=member.email,
        member=member,
        context={"contract": contract.pk, "version": version.pk},
        lasts=LASTS,
    )
    note(contract, AuditEvent.Kind.SENT, by=to, version=version)
