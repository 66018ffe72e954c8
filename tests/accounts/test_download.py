"""A member takes everything with them."""

import csv
import io
import json
import zipfile

import pytest
from django.urls import reverse

from accounts import export
from accounts.actions.blocks import block
from accounts.actions.drafts import save_draft
from accounts.actions.listings import add_listing
from accounts.actions.profiles import save_profile
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def insider(client, ada):
    client.post(reverse("account_login"), {"login": "ada@example.org", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def unpacked(client) -> tuple[dict, dict[str, list[dict]]]:
    """Return what the JSON and the CSV files hold."""
    response = client.get(reverse("download_zip"))
    assert response["Content-Disposition"] == 'attachment; filename="peermentor.zip"'
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    tables = {
        name.removeprefix("peermentor/").removesuffix(".csv"): list(
            csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"), newline=""))
        )
        for name in archive.namelist()
        if name.endswith(".csv")
    }
    return json.loads(archive.read("peermentor/everything.json")), tables


def test_it_holds_everything_as_it_was_typed(insider, ada, ben, delivered):
    save_profile(by=ada, name="Ada “the first” Byron", headline="=1+1", about="Zwei\nZeilen, と日本語 🌱")
    block(by=ada, member=ben)
    save_draft(by=ada, form="goal", values={"text": ["half a"]})
    everything, tables = unpacked(insider)
    assert everything["user"][0]["email"] == "ada@example.org"
    assert everything["profile"][0]["about"] == "Zwei\nZeilen, と日本語 🌱"
    assert everything["profile"][0]["headline"] == "=1+1"
    assert [goal["text"] for goal in everything["goal"]] == ["Ada Bright finishes a draft"]
    assert {row["topic"] for row in everything["listing"]} == {"Writing", "Bookkeeping"}
    assert [row["blocked"] for row in everything["block"]] == ["Ben Carter"]
    assert everything["draft"][0]["values"] == {"text": ["half a"]}
    assert everything["emailaddress"] == [{"email": "ada@example.org", "verified": True, "primary": True}]
    assert everything["usersession"][0]["ip"] == "127.0.0.1"
    assert tables.keys() == everything.keys()
    assert tables["profile"][0]["about"] == "Zwei\nZeilen, と日本語 🌱"
    assert tables["profile"][0]["headline"] == "'=1+1"
    assert {name: len(rows) for name, rows in tables.items()} == {name: len(rows) for name, rows in everything.items()}


def test_it_holds_nothing_of_others(insider, ada, ben):
    add_listing(by=ben, side="offer", kind="skill", phrase="Juggling", words="With five clubs.", level=2)
    block(by=ben, member=ada)
    everything, _tables = unpacked(insider)
    assert "Juggling" not in json.dumps(everything)
    assert everything["block"] == []


def test_no_secret_is_in_it(insider, ada):
    ada.refresh_from_db()
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(ada, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(ada)
    packed = json.dumps(unpacked(insider)[0])
    assert "JBSWY3DPEHPK3PXP" not in packed
    assert codes.instance.data["seed"] not in packed
    assert ada.password not in packed
    assert insider.session.session_key not in packed
    assert '"type": "totp"' in packed


def test_the_password_is_asked_for_first(client_of, ada):
    for name in ("download", "download_zip"):
        assert client_of(ada).get(reverse(name)).url.startswith(reverse("account_reauthenticate"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(start):
    value = f"{start}HYPERLINK(1)"
    written = export.as_csv(["words"], [{"words": value}]).removeprefix("\ufeff")
    assert list(csv.DictReader(io.StringIO(written, newline=""))) == [{"words": f"'{value}"}]
    assert export.cell([value, "more"]) == f"'{value}, more"


@pytest.mark.parametrize("value", [-5, 3.5, None, True, "plain", "a=b", ""])
def test_other_cells_stay_as_they_are(value):
    assert export.cell(value) == value
