"""The members whom the browser meets, in rows that are committed, since the server under test is another process."""

import datetime as dt
import secrets
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts import clock
from accounts.actions.blocks import block
from accounts.actions.drafts import save_draft
from accounts.actions.goals import end_goal, set_goal
from accounts.actions.listings import add_listing
from accounts.actions.pausing import pause
from accounts.models import Listing, User
from tests.people import PASSWORD, member, settle

# As long as the forms allow, and nowhere a place to break the line.
LONGEST_NAME = "W" * 80
LONGEST_PHRASE = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" + "smitglied" * 4


@dataclass
class Community:
    """Who is there. The names say what each has to show."""

    nina: User  # new: confirmed, and has said nothing yet
    ada: User  # has filled in everything, and has partners who fit
    ben: User  # fits Ada
    wanda: User  # fits Ada; everything about her is as long as can be
    yuki: User  # fits Ada, from Tokyo
    lou: User  # has filled in everything, and fits nobody
    petra: User  # pauses
    mia: User  # logs in in two steps
    pia: User  # has no password
    totp_secret: str  # Mia's

    def offer_of(self, name: str) -> Listing:
        return Listing.objects.owned_by(getattr(self, name)).filter(side="offer").first()

    def passkey_of_mia(self) -> Authenticator:
        return Authenticator.objects.get(user=self.mia, type=Authenticator.Type.WEBAUTHN)


def settle_community() -> Community:
    """Make all members. The topics are those of the application."""
    call_command("load_topics", verbosity=0)
    ada = _ada()
    _those_who_fit_one_way()
    for number in range(12):  # enough for a second page
        settle(member(f"extra{number}@example.org", f"Extra {number}"), offers={"Bookkeeping": 1}, needs={"Writing": 1})
    ben = settle(
        member("ben@example.org", "Ben Carter"),
        offers={"Bookkeeping": 3},
        needs={"Writing": 3, "Writing fiction": 2},
        headline="Accountant, Leeds",
    )
    lou = settle(member("lou@example.org", "Lou Alone"), offers={"Falconry": 1}, needs={"Glass blowing": 3})
    petra = settle(member("petra@example.org", "Petra Pausing"), offers={"Writing": 1}, needs={"Bookkeeping": 1})
    pause(by=petra, until=None)
    mia = settle(member("mia@example.org", "Mia Careful"), offers={"Falconry": 2}, needs={"Falconry gloves": 2})
    # The other tests hash passwords in a way that the server does not take.
    mia.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    mia.save(update_fields=["password"])
    pia = member("pia@example.org", "Pia Passkey")
    pia.set_unusable_password()
    pia.save(update_fields=["password"])
    return Community(
        nina=member("nina@example.org", "Nina New"),
        ada=ada,
        ben=ben,
        wanda=_wanda(),
        yuki=_yuki(),
        lou=lou,
        petra=petra,
        mia=mia,
        pia=pia,
        totp_secret=_second_steps(mia),
    )


def empty_database() -> None:
    """Leave no row, and no count of what somebody tried too often."""
    assert connection.settings_dict["NAME"].startswith("test_")
    call_command("flush", interactive=False, verbosity=0)
    cache.clear()


def _ada() -> User:
    ada = settle(
        member("ada@example.org", "Ada Bright"),
        offers={"Writing": 3, "Proofreading": 2, "Public speaking": 1},
        needs={"Bookkeeping": 3, "Web design": 2},
        headline="Novelist, London",
    )
    year = clock.now().date() + dt.timedelta(days=300)
    set_goal(by=ada, horizon="long", text="My second novel is with a publisher.", indicator="A contract", due_on=year)
    set_goal(
        by=ada,
        horizon="short",
        text="Three chapters are with two readers.",
        indicator="Both have written back",
        due_on=clock.now().date() + dt.timedelta(days=30),
        is_bite=True,
    )
    save_draft(by=ada, form="profile", values={"name": ["Ada Bright"], "about": ["I write at night and"]})
    dan = settle(member("dan@example.org", "Dan Stranger"), offers={"Bookkeeping": 1}, needs={"Writing": 1})
    block(by=ada, member=dan)
    return ada


def _those_who_fit_one_way() -> None:
    settle(member("hana@example.org", "Hana Helper"), offers={"Bookkeeping": 2}, needs={"Sailing": 2})
    settle(member("hugo@example.org", "Hugo Helped"), offers={"Knitting": 2}, needs={"Writing": 3})


def _wanda() -> User:
    wanda = settle(
        member("wanda@example.org", LONGEST_NAME),
        offers={"Bookkeeping": 3, LONGEST_PHRASE: 3},
        needs={"Writing": 3, LONGEST_PHRASE[::-1]: 3},
        hours=tuple(range(168)),
        languages=("en", "fr"),
        headline=LONGEST_PHRASE,
    )
    wanda.profile.about = LONGEST_PHRASE * 9
    wanda.profile.save(update_fields=["about"])
    past = set_goal(by=wanda, horizon="short", text=LONGEST_PHRASE * 4, indicator=LONGEST_PHRASE * 2, due_on=None)
    end_goal(by=wanda, goal_id=past.pk, outcome="reached")
    for horizon in ("long", "short"):
        set_goal(by=wanda, horizon=horizon, text=LONGEST_PHRASE * 4, indicator=LONGEST_PHRASE * 2, due_on=None)
    add_listing(
        by=wanda,
        side="need",
        kind="contact",
        phrase="A publisher",
        words=LONGEST_PHRASE * 4,
        importance=3,
        difference=LONGEST_PHRASE * 4,
    )
    return wanda


def _yuki() -> User:
    """Free in the small hours of Tuesday, which is Monday evening in London."""
    return settle(
        member("yuki@example.org", "Yuki Mori", time_zone="Asia/Tokyo"),
        offers={"Bookkeeping": 2},
        needs={"Writing": 2},
        hours=tuple(range(24, 24 + 8)),
        languages=("en", "ja"),
        time_zone="Asia/Tokyo",
    )


def _second_steps(person: User) -> str:
    """Turn on all ways of two-step login. Returns the secret of the app."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "My laptop", "credential": _passkey()},
    )
    return secret


def _passkey() -> dict:
    """A passkey as a browser hands it over when it is made."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(Aaguid.NONE, secrets.token_bytes(16), key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    proof = AttestationObject.create("none", AuthenticatorData.create(secrets.token_bytes(32), flags, 0, made), {})
    asked = CollectedClientData.create(CollectedClientData.TYPE.CREATE, secrets.token_bytes(16), "http://localhost")
    return {
        "type": "public-key",
        "id": websafe_encode(made.credential_id),
        "rawId": websafe_encode(made.credential_id),
        "response": {"clientDataJSON": websafe_encode(asked), "attestationObject": websafe_encode(proof)},
        "clientExtensionResults": {"credProps": {"rk": True}},
    }
