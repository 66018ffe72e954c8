"""What both have signed becomes a PDF that both keep: all that they agreed, byte for byte, and sealed."""

import datetime as dt
import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import Error, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from accounts import clock
from accounts.actions.erasing import erase
from accounts.models import Notice
from contracts import chain, trail
from contracts.actions import drafting, ending, sealing
from contracts.canonical import canonical
from contracts.checks import check_seal
from contracts.models import AuditEvent, Contract, SealedFile, Version
from contracts.sealing import copies, keys, typeset
from tests.contracts.sealed import attached, by_hand, fold, run, sealed, text_of, words_of, write
from tests.pairs import amend, change, draft_of, in_force as make_in_force, put_name
from tests.together import at_once

pytestmark = pytest.mark.django_db

ODD = (
    '#let x = 1; #panic("no") $a^2$ *bold* _it_ `raw` <label> @ref // no comment /* nor here */ \\ ~ = Heading',
    "- a list\n+ another\n/ term: said\n\n= No heading",
    '#sys.inputs #read("/etc/passwd") [x](y) {{ user }} {% now %} <b>bold</b> &amp; "quoted"',
    "Élise & Łukasz, naïve façade, œuvre – “déjà vu”, ﬁn, ½",
    "Γειά σου Κόσμε, ὁ ἄνθρωπος",
    "Привет мир, ёжик",
    "我们的契约：每周见面一次",
    "日本語と한국어도",
    "Party 🎉 together 👍🏽",
)


def draw(version: Version) -> bytes:
    return typeset.typeset(copies.copy_of(version))


def with_words(contract: Contract, by, texts) -> Contract:
    for text in texts:
        soon = (clock.local().date() + dt.timedelta(days=60)).isoformat()
        content = {"giver": "first", "what": text, "measure": "fact", "fact": f"Seen: {text}"[:200], "by": soon}
        drafting.add_part(by=by, contract_id=contract.pk, kind="commitment", content=content)
    return contract


class TestWhatItHolds:
    def test_its_text_is_what_was_signed_in_whatever_script(self, ada, ben, ready):
        with_words(ready, ada, ODD)
        copy = sealed(put_name(put_name(ready, ada), ben))
        drawn = fold(text_of(bytes(copy.pdf)))
        assert [words for words in words_of(copy.version.text) if fold(words) not in drawn] == []

    def test_the_files_that_go_with_it_are_byte_for_byte_what_we_keep(self, in_force):
        copy = sealed(in_force)
        files = attached(bytes(copy.pdf))
        assert files["contract.json"] == copy.version.text.encode()
        record = json.loads(files["trail.json"])
        assert canonical(record).encode() == files["trail.json"]
        links = [chain.link_of(link) for link in record["links"]]
        assert links == trail.read(in_force).links[: copy.trail_number]
        assert chain.fault_in(links, length=copy.trail_number, head=copy.trail_head) is None
        assert (links[-1].kind, json.loads(links[-1].payload)["in_force"]) == ("signed", "yes")

    def test_it_says_who_what_and_when(self, in_force):
        first = first_page_of(bytes(sealed(in_force).pdf))
        for words in ("Contract between Ada Bright and Ben Carter", "Version 1", "Ada finishes", "18:00", "signed on"):
            assert fold(words) in first

    @pytest.mark.slow
    def test_two_hundred_commitments(self, ada, ben, ready):
        with_words(ready, ada, [f"Thing number {number} of many" for number in range(195)])
        copy = sealed(put_name(put_name(ready, ada), ben))
        drawn = fold(text_of(bytes(copy.pdf)))
        assert all(fold(f"Thing number {number} of many") in drawn for number in range(195))

    def test_what_no_font_has_is_marked_and_stays_whole_in_the_attached_text(self, ada, ben, ready):
        with_words(ready, ada, ["Cuneiform \U00012000\U00012001 ends", "private \ue000 use"])
        copy = sealed(put_name(put_name(ready, ada), ben))
        assert fold("Cuneiform \ufffd\ufffd ends") in fold(text_of(bytes(copy.pdf)))
        assert "\U00012000\U00012001".encode() in attached(bytes(copy.pdf))["contract.json"]

    def test_a_word_without_an_end_stays_on_the_page(self, ada, ben, ready):
        with_words(ready, ada, ["https://example.org/" + "a" * 380, "W" * 300])
        copy = sealed(put_name(put_name(ready, ada), ben))
        assert "W" * 300 in fold(text_of(bytes(copy.pdf)))

    def test_it_is_tagged_and_says_its_language_and_its_standards(self, in_force):
        from io import BytesIO

        root = PdfReader(BytesIO(bytes(sealed(in_force).pdf))).trailer["/Root"]
        assert root["/Lang"] == "en"
        assert root["/MarkInfo"]["/Marked"]
        assert "/StructTreeRoot" in root
        meta = root["/Metadata"].get_data().decode()
        for said in ('pdfaid:part="3"', 'pdfaid:conformance="A"', 'pdfuaid:part="1"'):
            assert said in meta

    def test_the_same_rows_give_the_same_bytes(self, ada, ben, in_force):
        version = in_force.version_in_force
        before = draw(version)
        sealed(in_force)
        ending.part(by=ada, contract_id=in_force.pk)
        version = Version.objects.get(pk=version.pk)
        assert draw(version) == before
        assert bytes(SealedFile.objects.get().pdf).startswith(before)


def first_page_of(pdf: bytes) -> str:
    from io import BytesIO

    return fold(PdfReader(BytesIO(pdf)).pages[0].extract_text())


class TestTheSeal:
    def test_tools_of_others_call_it_valid(self, in_force, tmp_path):
        if not shutil.which("pdfsig"):
            pytest.skip("poppler-utils is not installed")
        said = run("pdfsig", write(tmp_path, bytes(sealed(in_force).pdf)), check=False)
        assert "Signature is Valid" in said
        assert "Total document signed" in said
        assert "ETSI.CAdES.detached" in said

    def test_nothing_is_sealed_before_the_second_signature(self, signed_by_ada):
        assert sealing.seal(signed_by_ada.open_version_id) is False
        assert sealing.sweep() == 0
        with pytest.raises(LookupError):
            copies.copy_of(signed_by_ada.open_version)

    def test_it_is_asked_for_when_the_second_signature_is_through(
        self, ada, ben, ready, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks() as asked:
            put_name(ready, ada)
        assert [each for each in asked if isinstance(each, partial)] == []
        with django_capture_on_commit_callbacks() as asked:
            contract = put_name(ready, ben)
        assert [(each.args, each.func.__name__) for each in asked if isinstance(each, partial)] == [
            ((sealing.TASK, [contract.version_in_force_id]), "send_task")
        ]

    def test_once_is_once(self, in_force):
        first = sealed(in_force)
        assert sealing.seal(first.version_id) is False
        assert sealing.sweep() == 0
        assert AuditEvent.objects.filter(kind="sealed").count() == 1

    def test_at_once_by_four_workers_it_is_one_file(self, transactional_db, in_force):
        outcomes = at_once(*[lambda: sealing.seal(in_force.version_in_force_id)] * 4)
        assert sorted(outcomes) == [False, False, False, True]
        assert SealedFile.objects.count() == 1
        assert AuditEvent.objects.filter(kind__in=["sealed", "sent"]).count() == 3
        assert trail.read(in_force).fault is None

    def test_killed_before_its_commit_it_is_made_again(self, in_force):
        class Killed(BaseException):
            pass

        def be_killed() -> None:
            with transaction.atomic():
                sealing.seal(in_force.version_in_force_id)
                raise Killed

        with pytest.raises(Killed):
            be_killed()
        assert not SealedFile.objects.exists()
        assert not AuditEvent.objects.filter(kind__in=["sealed", "sent"]).exists()
        assert sealing.sweep() == 1
        assert SealedFile.objects.count() == 1

    def test_one_that_fails_holds_up_none(self, ada, ben, chloe, yuki, in_force, caplog):
        other = make_in_force(chloe, yuki)
        sql = "UPDATE contracts_version SET text = 'no JSON', sha256 = encode(sha256('no JSON'), 'hex') WHERE id = %s"
        by_hand(sql, other.version_in_force_id)
        assert sealing.sweep() == 1
        assert SealedFile.objects.get().version_id == in_force.version_in_force_id
        assert f"Version {other.version_in_force_id} could not be sealed" in caplog.text

    def test_each_version_has_its_own(self, ada, ben, in_force):
        sealed(in_force)
        amended = amend(in_force, time="19:00")
        assert sealing.sweep() == 1
        assert SealedFile.objects.filter(version__contract=amended).count() == 2

    def test_a_trail_made_anew_does_not_fit_it(self, in_force):
        sealed(in_force)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("CREATE TEMP TABLE old ON COMMIT DROP AS SELECT * FROM contracts_auditevent ORDER BY number")
            cursor.execute("DELETE FROM contracts_auditevent")
            cursor.execute("UPDATE contracts_contract SET trail_length = 0, trail_head = ''")
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute(
                "INSERT INTO contracts_auditevent (contract_id, number, kind, by, version, head, at, payload)"
                " SELECT contract_id, 0, kind, by, version, head, at, payload FROM old ORDER BY number"
            )
        fault = trail.read(in_force).fault
        assert fault is not None
        assert "sealed copy" in fault.sentence

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE contracts_sealedfile SET sealed_at = now()",
            "UPDATE contracts_sealedfile SET pdf = '\\x00', sha256 = encode(sha256('\\x00'), 'hex')",
            "DELETE FROM contracts_sealedfile",
        ],
    )
    def test_a_hand_on_the_database_is_refused(self, in_force, sql):
        sealed(in_force)
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)

    def test_what_one_alone_signed_is_not_sealed_by_hand(self, signed_by_ada):
        with pytest.raises(Error, match="not signed by both"), transaction.atomic():
            SealedFile.objects.create(
                version=signed_by_ada.open_version,
                pdf=b"x",
                sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
                certificate="a" * 64,
                trail_number=1,
                trail_head="a" * 64,
            )


class TestGettingIt:
    def url(self, contract: Contract) -> str:
        return reverse("version_pdf", args=[contract.pk, contract.version_in_force.number])

    def test_both_get_it_by_mail(self, ada, ben, in_force, delivered):
        delivered()
        copy = sealed(in_force)
        mails = delivered()
        assert sorted(mail.to[0] for mail in mails) == ["ada@example.org", "ben@example.org"]
        for mail in mails:
            assert "Your signed copy" in mail.subject
            [(name, content, _kind)] = [each for each in mail.attachments if each[2] == "application/pdf"]
            assert (name, content) == (f"contract-{in_force.pk}-version-1.pdf", bytes(copy.pdf))
        assert list(AuditEvent.objects.filter(kind="sent").values_list("by", flat=True)) == ["first", "second"]

    def test_what_was_signed_long_ago_is_no_news(self, in_force):
        by_hand("UPDATE contracts_signature SET signed_at = signed_at - interval '8 days'")
        sealed(in_force)
        assert not Notice.objects.filter(kind="contract:sealed").exists()
        assert not AuditEvent.objects.filter(kind="sent").exists()

    def test_the_page_has_it_and_taking_it_is_written_down(self, ada, ben, in_force, client_of):
        browser = client_of(ada)
        assert "is being made" in browser.get(in_force.get_absolute_url()).content.decode()
        assert browser.get(self.url(in_force)).status_code == 302
        copy = sealed(in_force)
        assert self.url(in_force) in browser.get(in_force.get_absolute_url()).content.decode()
        browser.head(self.url(in_force))
        assert not AuditEvent.objects.filter(kind="downloaded").exists()
        for _twice in range(2):
            response = browser.get(self.url(in_force))
        assert (response.content, response["Content-Type"]) == (bytes(copy.pdf), "application/pdf")
        assert response["Content-Disposition"] == f'attachment; filename="contract-{in_force.pk}-version-1.pdf"'
        noted = AuditEvent.objects.filter(kind="downloaded")
        assert list(noted.values_list("by", "version")) == [("first", 1)]

    def test_only_the_two_parties(self, in_force, dan, olga, client, client_of):
        sealed(in_force)
        assert [client_of(who).get(self.url(in_force)).status_code for who in (dan, olga)] == [404, 404]
        assert reverse("account_login") in client.get(self.url(in_force)).url

    def test_a_draft_has_none_and_says_so(self, ada, signed_by_ada, client_of):
        response = client_of(ada).get(reverse("version_pdf", args=[signed_by_ada.pk, 1]), follow=True)
        assert "There is a signed copy when you have both signed." in response.content.decode()

    def test_after_the_end_and_after_the_other_has_left(self, ada, ben, in_force, client_of):
        copy = sealed(in_force)
        ending.part(by=ada, contract_id=in_force.pk)
        assert client_of(ben).get(self.url(in_force)).content == bytes(copy.pdf)
        erase(by=ben, site_url="http://testserver")
        assert client_of(ada).get(self.url(in_force)).content == bytes(copy.pdf)
        assert trail.read(in_force).fault is None
        erase(by=ada, site_url="http://testserver")
        assert not SealedFile.objects.exists()


class TestTheKey:
    @pytest.fixture
    def files(self, settings, tmp_path):
        settings.SEAL_KEY, settings.SEAL_CERT = str(tmp_path / "seal.key"), str(tmp_path / "seal.crt")
        return tmp_path

    def said(self) -> list[str]:
        return [message.msg for message in check_seal(None)]

    def test_a_made_pair_is_in_order(self, files, capsys):
        call_command("make_seal_cert")
        assert self.said() == []
        assert (files / "seal.key").stat().st_mode & 0o777 == 0o600
        assert keys.pair().fingerprint in capsys.readouterr().out

    def test_it_does_not_write_over_one(self, files):
        call_command("make_seal_cert")
        with pytest.raises(CommandError, match="is there already"):
            call_command("make_seal_cert")

    def test_a_new_one_knows_the_earlier(self, files):
        call_command("make_seal_cert")
        before = keys.pair().fingerprint
        call_command("make_seal_cert", key=files / "new.key", cert=files / "new.crt", earlier=files / "seal.crt")
        [_new, earlier] = keys.load(files / "new.crt")
        assert keys.fingerprint(earlier) == before

    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (lambda folder: (folder / "seal.key").unlink(), "SEAL_KEY cannot be read"),
            (lambda folder: (folder / "seal.crt").unlink(), "SEAL_CERT cannot be read"),
            (lambda folder: (folder / "seal.key").write_text("no key"), "SEAL_KEY is no private key"),
            (lambda folder: (folder / "seal.crt").write_text("no certificate"), "SEAL_CERT is no certificate"),
            (lambda folder: _write_pair(folder, only="seal.crt"), "does not belong to SEAL_KEY"),
            (lambda folder: _write_pair(folder, lasts=dt.timedelta(minutes=1)), "has expired"),
            (lambda folder: _write_pair(folder, lasts=dt.timedelta(days=40)), "expires in 39 days"),
            (lambda folder: _write_pair(folder, begins=dt.timedelta(days=1)), "not valid yet"),
        ],
    )
    def test_what_is_wrong_is_said_loudly(self, files, spoil, words, caplog, in_force):
        call_command("make_seal_cert")
        spoil(files)
        [said] = self.said()
        assert words in said
        keys.say_faults()
        assert words in caplog.text
        assert sealing.sweep() == (1 if "expires in" in words else 0)

    def test_staff_see_it_and_what_waits_without_a_word_of_it(self, files, in_force, rf, olga):
        from peermentor.seals import seals

        by_hand("UPDATE contracts_signature SET signed_at = signed_at - interval '10 minutes'")
        request = rf.get("/")
        request.user = olga
        shown = seals(request).content.decode()
        assert "SEAL_CERT cannot be read" in shown
        assert f"<td>{in_force.pk}</td><td>1</td>" in shown
        assert "Ada" not in shown
        call_command("make_seal_cert")
        sealing.sweep()
        shown = seals(request).content.decode()
        assert "1 copy is sealed" in shown
        assert "None." in shown


def _write_pair(folder: Path, *, only: str = "", lasts=keys.LASTS, begins: dt.timedelta | None = None) -> None:
    for name in ("seal.key", "seal.crt"):
        if not only or name == only:
            (folder / name).unlink()
    at = dt.datetime.now(dt.UTC) + begins if begins else None
    made = keys.make("Another", lasts=lasts, begins=at)
    if only:
        (folder / only).write_bytes(keys.pem([made.certificate]))
    else:
        keys.write(made, folder / "seal.key", folder / "seal.crt")


def test_a_laptop_makes_its_pair_once_whoever_comes_first(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.SEAL_KEY = str(tmp_path / "seal" / "key.pem")
    settings.SEAL_CERT = str(tmp_path / "seal" / "certificate.pem")
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        made = {each.fingerprint for each in pool.map(lambda _each: keys.pair(), range(8))}
    assert len(made) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seal"]


@pytest.mark.slow
def test_right_to_left_is_drawn(ada, ben, ready, tmp_path):
    """What programs read of Arabic is doubled and turned round; here it is drawn without a gap, and looked at."""
    change(ready, ada, "goal-first", {**draft_of(ready)["goal-first"].content, "short": "أن أكتب كتابا في سنة واحدة"})
    copy = sealed(put_name(put_name(ready, ada), ben))
    assert "\ufffd" not in text_of(bytes(copy.pdf))
