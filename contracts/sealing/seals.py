"""The seal on a PDF: one signature by pyHanko (PAdES B-B), which allows no change after it.

The certificate alone goes with it, no chain: what stands beside a signature unsigned could be altered unseen.
"""

from io import BytesIO

from asn1crypto import keys as asn1_keys, x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from contracts.sealing.keys import Pair

FIELD = "Seal"


def seal(pdf: bytes, pair: Pair, *, site: str) -> bytes:
    """Return the PDF with the seal of `pair` on it; `site` is where it was made."""
    private = pair.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(pair.certificate.public_bytes(serialization.Encoding.DER)),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
        embed_roots=False,
    )
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name="Peermentor",
        location=site,
        reason="Signed by both parties",
    )
    field = fields.SigFieldSpec(sig_field_name=FIELD, readable_field_name="Seal of Peermentor")
    out = BytesIO()
    signers.PdfSigner(meta, signer=signer, new_field_spec=field).sign_pdf(
        IncrementalPdfFileWriter(BytesIO(pdf)), output=out
    )
    return out.getvalue()
