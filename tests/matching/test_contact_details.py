"""How a member is reached is for those with whom they talk, and for nobody else, in no page, mail, export or error."""

import io
import re
import zipfile

import pytest
from django.urls import reverse

from accounts.actions.profiles import save_profile
from accounts.export import zip_of
from matching.actions.introductions import accept, ask, close, propose
from matching.models import Introduction
from tests.days import advance
from tests.matching.conftest import RHYTHM, conversation, invitation, write

pytestmark = pytest.mark.django_db

SECRETS = {"ada": ("+44 20 7946 0001", "ada@example.org"), "ben": ("meet.example.org/ben-room", "ben@example.org")}


@pytest.fixture
def pair(ada, ben):
    for name, person in (("ada", ada), ("ben", ben)):
        profile = person.profile
        save_profile(
            by=person, name=profile.name, headline=profile.headline, about=profile.about, contact=SECRETS[name][0]
        )
    return {"ada": ada, "ben": ben}


def addresses(other, introduction: Introduction | None) -> list[str]:
    # Pages that are the same whatever stands between the two are looked at once.
    same = () if introduction else ("profile", "settings", "blocked")
    found = [reverse(name) for name in ("home", "partners", "introductions", *same)]
    found += [reverse("partner", args=[other.pk]), reverse("introduction_invite", args=[other.pk])]
    return found + ([reverse("introduction", args=[introduction.pk])] if introduction else [])


def seen_by(person, other, introduction: Introduction | None, client_of) -> str:
    """Return everything that a person can see of another: each page, what forms answer, and their own download."""
    client = client_of(person)
    pages = [client.get(address, follow=True).content.decode() for address in addresses(other, introduction)]
    invite = reverse("introduction_invite", args=[other.pk])
    form = {"note": "Hello", **RHYTHM}
    pages += [client.post(invite, {**form, "minutes": 1}, follow=True).content.decode()]
    pages += [client.post(invite, {**form, "step": "show"}, follow=True).content.decode()]
    if introduction:
        for verb in ("accept", "ask", "answer", "propose", "decline", "withdraw", "close"):
            address = reverse(f"introduction_{verb}", args=[introduction.pk])
            pages.append(client.post(address, {"seen_move": 0}, follow=True).content.decode())
        for name in ("message_send", "agenda_tick"):
            pages.append(client.post(reverse(name, args=[introduction.pk]), follow=True).content.decode())
    with zipfile.ZipFile(io.BytesIO(zip_of(person))) as packed:
        pages += [packed.read(name).decode() for name in packed.namelist()]
    return "\n".join(pages)


def leaks(pair, introduction, client_of, delivered) -> set[str]:
    """Return what of either is seen by the other, on pages, in the download and in mails."""
    found = set()
    mails = delivered()
    for name, other in (("ada", "ben"), ("ben", "ada")):
        text = seen_by(pair[name], pair[other], introduction, client_of)
        for mail in mails:
            if mail.to == [pair[name].email]:
                text += f"{mail.subject}{mail.body}{mail.alternatives}{mail.extra_headers}"
        found |= {secret for secret in SECRETS[other] if secret in text}
    return found


def test_the_search_sees_what_there_is_to_see(pair, client_of):
    """Everybody finds their own."""
    text = seen_by(pair["ada"], pair["ben"], None, client_of)
    assert all(secret in text for secret in SECRETS["ada"])


@pytest.mark.parametrize(
    "state",
    [
        "sent",
        "closed",
        *(pytest.param(state, marks=pytest.mark.slow) for state in ("strangers", "asked", "proposed", "lapsed")),
    ],
)
def test_nobody_sees_how_the_other_is_reached_unless_they_talk(pair, client_of, delivered, state):
    ada, ben = pair["ada"], pair["ben"]
    introduction = None if state == "strangers" else invitation(ada, ben)
    if state == "asked":
        ask(by=ben, introduction_id=introduction.pk, seen_move=1, text="What?")
    elif state == "proposed":
        propose(by=ben, introduction_id=introduction.pk, seen_move=1, **RHYTHM)
    elif state == "lapsed":
        advance(days=12)
        delivered()
        advance(days=2)
    elif state == "closed":
        accept(by=ben, introduction_id=introduction.pk, seen_move=1)
        write(introduction, ada)
        advance(minutes=10)
        assert delivered()
        close(by=ada, introduction_id=introduction.pk, seen_move=2)
    assert leaks(pair, introduction, client_of, delivered) == set()


def test_while_they_talk_each_sees_the_others_contact_on_its_page_alone_and_never_the_address(
    pair, client_of, delivered
):
    introduction = conversation(pair["ada"], pair["ben"])
    write(introduction, pair["ada"])
    page = reverse("introduction", args=[introduction.pk])
    for name, other in (("ada", "ben"), ("ben", "ada")):
        client, (contact, address) = client_of(pair[name]), SECRETS[other]
        shown = client.get(page).content.decode()
        assert contact in shown
        assert address not in shown
        for elsewhere in addresses(pair[other], None):
            # An address that leads to the introduction shows what the introduction shows.
            response = client.get(elsewhere, follow=True)
            if not response.redirect_chain:
                assert contact not in response.content.decode(), elsewhere
        with zipfile.ZipFile(io.BytesIO(zip_of(pair[name]))) as packed:
            exported = packed.read("peermentor/everything.json").decode()
        assert contact not in exported
        assert address not in exported
        assert SECRETS[name][0] in exported
    advance(minutes=10)
    for mail in delivered():
        said = f"{mail.subject}{mail.body}{mail.alternatives}"
        assert not [secret for secrets in SECRETS.values() for secret in secrets if secret in said]


def test_a_third_sees_neither(pair, chloe, client_of):
    introduction = conversation(pair["ada"], pair["ben"])
    client = client_of(chloe)
    for person in pair.values():
        for address in addresses(person, introduction):
            shown = client.get(address, follow=True).content.decode()
            assert not [secret for secrets in SECRETS.values() for secret in secrets if secret in shown]


def test_it_is_written_on_the_profile_form(ada, client_of):
    client = client_of(ada)
    form = {"name": "Ada Bright", "contact": "Signal: ada.01\r\nevenings"}
    assert client.post(reverse("profile_edit"), form).status_code == 302
    ada.profile.refresh_from_db()
    assert ada.profile.contact == "Signal: ada.01\nevenings"
    assert re.search(r"Signal: ada\.01\s+evenings", client.get(reverse("profile_edit")).content.decode())
    assert client.post(reverse("profile_edit"), {**form, "contact": "x" * 301}).status_code == 200
