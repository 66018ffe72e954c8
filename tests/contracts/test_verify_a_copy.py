"""Anybody verifies a sealed copy: without an account, and nothing is kept."""

import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.actions.erasing import erase
from contracts import verifying
from contracts.actions import ending
from contracts.models import AuditEvent, SealedFile
from contracts.sealing import keys
from contracts.uploads import MOST
from contracts.verifying import Standing, Verdict
from tests.contracts.sealed import run, sealed, write
from tests.contracts.tampering import WAYS, unseen_flips
from tests.pairs import amend

pytestmark = pytest.mark.django_db


@pytest.fixture
def copy(in_force) -> SealedFile:
    return sealed(in_force)


@pytest.fixture
def pdf(copy) -> bytes:
    return bytes(copy.pdf)


def ask(client, pdf: bytes, name: str = "contract.pdf"):
    return client.post(reverse("verify"), {"file": SimpleUploadedFile(name, pdf)})


def heading(response) -> str:
    found = re.search(r'<h2 id="verdict">(.*?)</h2>', response.content.decode())
    return found.group(1) if found else ""


class TestAFile:
    def test_the_copy_as_it_came_from_us(self, client, pdf, copy):
        response = ask(client, pdf)
        shown = response.content.decode()
        assert heading(response) == "Yes: this is ours, whole and unchanged"
        for words in ("Ada Bright, Ben Carter", "Signed by", "Yes, it is in force.", copy.version.sha256):
            assert words in shown
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize("way", WAYS)
    def test_altered_in_every_way(self, client, pdf, way):
        alter, verdict = WAYS[way]
        changed = alter(pdf)
        assert changed != pdf
        assert verifying.verify(changed).verdict.value == verdict

    def test_forty_single_bits(self, pdf, copy):
        assert unseen_flips(pdf, copy.certificate, count=40) == []

    def test_each_no_is_a_sentence(self, client, pdf):
        said = {heading(ask(client, WAYS[way][0](pdf))) for way in ("a byte appended", "the seal stripped", "no PDF")}
        assert said == {
            "No: this is not what we sealed",
            "No: there is no seal on this",
            "We could not read this as a PDF",
        }

    def test_none_too_large_or_empty_gets_a_sentence(self, client):
        url = reverse("verify")
        assert "Choose a file first." in client.post(url, {}).content.decode()
        assert "Choose a file first." in client.post(url, {"file": "no file"}).content.decode()
        assert "larger than 10 MB" in ask(client, b"x" * (MOST + 1)).content.decode()
        assert heading(ask(client, b"x" * 1_000_000)) == "We could not read this as a PDF"
        assert heading(ask(client, b"%PDF-1.7", name="ü\u202e\n.pdf")) == "We could not read this as a PDF"

    def test_nothing_is_kept_or_written_down(self, client, pdf, copy):
        before = (AuditEvent.objects.count(), SealedFile.objects.count())
        ask(client, pdf)
        ask(client, pdf + b" ")
        assert (AuditEvent.objects.count(), SealedFile.objects.count()) == before

    def test_too_often_is_refused_softly(self, client):
        answers = [client.get(reverse("verify_fingerprint", args=["a" * 64])).status_code for _again in range(31)]
        assert answers == [200] * 30 + [429]
        assert ask(client, b"").status_code == 429

    def test_a_newer_version_is_in_force(self, client, pdf, in_force):
        amend(in_force, time="19:00")
        assert verifying.verify(pdf).standing is Standing.SUPERSEDED
        assert "No longer: both have signed a newer version" in ask(client, pdf).content.decode()

    def test_after_the_end_and_after_one_has_left(self, ada, ben, pdf, in_force):
        ending.part(by=ada, contract_id=in_force.pk)
        assert verifying.verify(pdf).standing is Standing.ENDED
        erase(by=ben, site_url="http://testserver")
        answer = verifying.verify(pdf)
        assert (answer.verdict, answer.names) == (Verdict.WHOLE, ("Ada Bright", "Ben Carter"))

    def test_after_both_have_left_the_file_speaks_for_itself(self, ada, ben, pdf, in_force, client):
        before = verifying.verify(pdf)
        erase(by=ben, site_url="http://testserver")
        erase(by=ada, site_url="http://testserver")
        after = verifying.verify(pdf)
        assert after.verdict is Verdict.OURS
        assert (after.names, after.sha256) == (before.names, before.sha256)
        assert [each.name for each in after.signed] == [each.name for each in before.signed]
        for one, other in zip(after.signed, before.signed, strict=True):
            assert abs((one.at - other.at).total_seconds()) < 5
        assert after.standing is None
        assert "both have left Peermentor" in ask(client, pdf).content.decode()
        assert verifying.verify(pdf + b"\n").verdict is Verdict.ALTERED

    def test_a_new_certificate_knows_what_the_one_before_has_sealed(self, ada, ben, pdf, settings, tmp_path):
        before = settings.SEAL_CERT
        settings.SEAL_KEY, settings.SEAL_CERT = str(tmp_path / "key"), str(tmp_path / "cert")
        call_command("make_seal_cert", earlier=before)
        erase(by=ben, site_url="http://testserver")
        erase(by=ada, site_url="http://testserver")
        assert verifying.verify(pdf).verdict is Verdict.OURS
        keys.write(keys.make("Without the earlier"), tmp_path / "key2", tmp_path / "cert2")
        settings.SEAL_KEY, settings.SEAL_CERT = str(tmp_path / "key2"), str(tmp_path / "cert2")
        assert verifying.verify(pdf).verdict is Verdict.FOREIGN

    def test_the_command_says_the_same(self, pdf, copy, tmp_path, capsys):
        call_command("verify_pdf", write(tmp_path, pdf))
        said = capsys.readouterr().out
        assert "whole, between Ada Bright and Ben Carter." in said
        assert f"Fingerprint {copy.version.sha256}: in force." in said
        with pytest.raises(CommandError, match="altered"):
            call_command("verify_pdf", write(tmp_path, pdf + b"\n"))
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("verify_pdf", str(tmp_path / "nowhere.pdf"))

    def test_it_takes_about_a_second_at_the_most(self, pdf):
        began = time.perf_counter()
        verifying.verify(pdf)
        assert time.perf_counter() - began < 1


class TestAFingerprint:
    def page(self, client, fingerprint: str) -> str:
        return client.get(reverse("verify_fingerprint", args=[fingerprint])).content.decode()

    def test_known_and_how_it_stands_and_no_more(self, client, ada, in_force):
        digest = in_force.version_in_force.sha256
        shown = self.page(client, digest)
        assert "This fingerprint is known here" in shown
        assert "Yes, it is in force." in shown
        assert "Ada" not in shown
        ending.part(by=ada, contract_id=in_force.pk)
        assert "No longer: the contract has ended." in self.page(client, digest)

    def test_the_hash_of_the_file_is_a_fingerprint_too(self, copy):
        assert verifying.standing(copy.sha256) is Standing.IN_FORCE

    def test_what_one_alone_has_signed_is_unknown(self, client, signed_by_ada):
        assert "unknown here" in self.page(client, signed_by_ada.open_version.sha256)

    @pytest.mark.parametrize("fingerprint", ["a" * 64, "A" * 64, "abc", "x" * 300])
    def test_an_unknown_one(self, client, fingerprint):
        assert "This fingerprint is unknown here" in self.page(client, fingerprint)

    def test_the_qr_code_leads_there(self, in_force, settings):
        from contracts.sealing.copies import verification

        digest = in_force.version_in_force.sha256
        assert verification(digest)["url"] == f"{settings.SITE_URL}/verify/{digest}/"


class TestWithToolsOfOthers:
    """The very commands that the page shows."""

    def test_the_commands_of_the_page(self, client, pdf, copy, tmp_path):
        import html
        import shutil

        if not (shutil.which("pdfsig") and shutil.which("openssl") and shutil.which("pdfdetach")):
            pytest.skip("poppler-utils and openssl are not installed")
        write(tmp_path, pdf)
        write(tmp_path, client.get(reverse("verify_certificate")).content, "peermentor-seal.pem")
        page = client.get(reverse("verify")).content.decode()
        blocks = [html.unescape(block) for block in re.findall(r"<code>(.*?)</code>", page, re.DOTALL)]
        valid, ours, text = (run("bash", "-c", f"cd {tmp_path} && {block}", check=False) for block in blocks)
        assert "Signature is Valid" in valid
        assert "Total document signed" in valid
        assert "Verification successful" in ours
        assert "covers all: True" in ours
        assert copy.version.sha256 in text

    def test_the_certificate_is_there_to_take(self, client):
        response = client.get(reverse("verify_certificate"))
        assert response.content.startswith(b"-----BEGIN CERTIFICATE-----")
        assert b"PRIVATE" not in response.content
