"""The key and the certificates of the seal: two files, named by SEAL_KEY and SEAL_CERT.

The key is a P-256 private key in PEM, without a password. The first certificate in the other file belongs to it; those
that follow were ours before, and what they sealed is known as ours for ever. On a laptop a pair is made at first need.
"""

import datetime as dt
import logging
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.translation import gettext as _, ngettext

log = logging.getLogger(__name__)

EXPIRES_SOON = dt.timedelta(days=60)
LASTS = dt.timedelta(days=3 * 365)


class NoSeal(Exception):
    """Nothing can be sealed; the text is a sentence that says why."""


@dataclass(frozen=True)
class Pair:
    """A private key, its certificate, and the certificates that were ours before."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    earlier: tuple[x509.Certificate, ...] = ()

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.certificate)


@dataclass(frozen=True)
class Fault:
    """What is wrong with the pair, in a sentence. With a grave one nothing can be sealed."""

    sentence: str
    is_grave: bool = True


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the certificate (DER), as 64 lower-case hexadecimal digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def pair() -> Pair:
    """Return what is sealed with. Raises NoSeal."""
    certificate, *earlier = certificates()
    try:
        key = serialization.load_pem_private_key(_read(settings.SEAL_KEY, "SEAL_KEY"), password=None)
    except (ValueError, TypeError) as error:
        raise NoSeal(_("SEAL_KEY is no private key in PEM without a password: %s") % settings.SEAL_KEY) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NoSeal(_("SEAL_KEY is no key on the curve P-256: %s") % settings.SEAL_KEY)
    if certificate.public_key() != key.public_key():
        raise NoSeal(_("SEAL_CERT does not belong to SEAL_KEY: %s") % settings.SEAL_CERT)
    now = dt.datetime.now(dt.UTC)
    if not certificate.not_valid_before_utc <= now:
        raise NoSeal(_("SEAL_CERT is not valid yet: %s") % settings.SEAL_CERT)
    if certificate.not_valid_after_utc <= now:
        raise NoSeal(_("SEAL_CERT has expired: %s") % settings.SEAL_CERT)
    return Pair(key, certificate, tuple(earlier))


def certificates() -> list[x509.Certificate]:
    """Return our certificates, the present one first; at least one. Raises NoSeal."""
    _make_on_a_laptop()
    return load(settings.SEAL_CERT)


def load(path: str | Path) -> list[x509.Certificate]:
    """Return the certificates of a file; at least one. Raises NoSeal."""
    try:
        return x509.load_pem_x509_certificates(_read(path, "SEAL_CERT"))
    except ValueError as error:
        raise NoSeal(_("SEAL_CERT is no certificate in PEM: %s") % path) from error


def faults() -> list[Fault]:
    """Return what is wrong with the pair, or will be soon; nothing when all is well."""
    try:
        found = pair()
    except NoSeal as fault:
        return [Fault(str(fault))]
    left = found.certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
    if left < EXPIRES_SOON:
        said = ngettext(
            "SEAL_CERT expires in %(days)s day. Make a new one with `manage.py make_seal_cert`.",
            "SEAL_CERT expires in %(days)s days. Make a new one with `manage.py make_seal_cert`.",
            left.days,
        )
        return [Fault(said % {"days": left.days}, is_grave=False)]
    return []


def say_faults() -> None:
    """Write into the log what is wrong with the pair: at the start of a process, loudly."""
    for fault in faults():
        log.log(logging.ERROR if fault.is_grave else logging.WARNING, "The seal: %s", fault.sentence)


def make(name: str, *, lasts: dt.timedelta = LASTS, begins: dt.datetime | None = None) -> Pair:
    """Return a new pair: a P-256 key and a certificate that it has signed itself, of the name given."""
    key = ec.generate_private_key(ec.SECP256R1())
    begins = begins or dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Peermentor"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + lasts)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                **dict.fromkeys(
                    ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
                ),
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(key, certificate)


def write(made: Pair, key_file: Path, certificate_file: Path, *, earlier: Sequence[x509.Certificate] = ()) -> None:
    """Write a pair into two files that are not there yet, the key for its owner alone. Raises FileExistsError."""
    private = made.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    with certificate_file.open("xb") as file:
        file.write(pem([made.certificate, *earlier]))


def pem(certificates: Sequence[x509.Certificate]) -> bytes:
    """Return the certificates in PEM, one after the other."""
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


def _read(path: str | Path, name: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        words = {"name": name, "path": path, "why": error.strerror}
        raise NoSeal(_("%(name)s cannot be read: %(path)s (%(why)s)") % words) from error


def _make_on_a_laptop() -> None:
    """Make a pair at its usual place, once, whoever of several processes comes first."""
    place = Path(settings.SEAL_CERT).parent
    if not settings.LAPTOP or place != settings.DATA_DIR / "seal" or place.exists():
        return
    making = place.with_name(f"seal.{secrets.token_hex(4)}")
    making.mkdir(parents=True)
    write(make("Seal of a laptop"), making / Path(settings.SEAL_KEY).name, making / Path(settings.SEAL_CERT).name)
    try:
        making.rename(place)
    except OSError:  # another process was first
        for file in making.iterdir():
            file.unlink()
        making.rmdir()
