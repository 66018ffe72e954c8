"""The members whom the browser meets, in rows that are committed, since the server under test is another process."""

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass, replace
from decimal import Decimal

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from accounts import clock, zones
from accounts.actions import mail
from accounts.actions.blocks import block
from accounts.actions.drafts import save_draft
from accounts.actions.goals import end_goal, set_goal
from accounts.actions.listings import add_listing
from accounts.actions.pausing import pause
from accounts.actions.profiles import save_profile
from accounts.models import Goal, Listing, Profile, User
from checkins import books, series
from checkins.actions import checkins, feeds, fitting, help as helping, meetings
from checkins.actions.checkins import Said
from checkins.fitting import Answer as FitAnswer
from checkins.models import Help, Silence
from checkins.silence import Step
from contracts.actions import closing, commenting, drafting, ending
from contracts.actions.commenting import comment
from contracts.models import Contract, Edit
from contracts.stretches import Outcome
from matching.actions import marks, proposals, reports
from matching.actions.cards import make_card, revoke_card
from matching.actions.conversations import send_message, tick
from matching.actions.introductions import accept, ask, close, decline, invite, propose
from matching.actions.watches import watch
from matching.models import Card, Introduction, Proposal
from matching.proposing import Answer
from peermentor.demo.days import days_ago
from tests.pairs import change, draft_of, fill, introduce, put_name
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
    petra: User  # pauses, and wants few mails
    hana: User  # could help Ada
    hugo: User  # Ada could help him
    mia: User  # logs in in two steps
    pia: User  # has no password
    vera: User  # has met Max for some weeks
    rita: User  # meets Sven today, who has been silent
    sven: User
    max: User
    totp_secret: str  # Mia's

    def read_anew(self) -> "Community":
        """Return the same people as they are in the database, with nothing remembered of them."""
        people = {name: each for name, each in vars(self).items() if isinstance(each, User)}
        return replace(self, **{name: User.objects.get(pk=each.pk) for name, each in people.items()})

    def meeting_of(self, first: str, second: str, number: int) -> list[int | dt.date]:
        """The contract and the name of its meeting so many on from the first, which is 0."""
        contract = self.contract_of(first, second)
        meetings = series.of(contract)
        assert meetings is not None
        return [contract.pk, meetings.all()[number].on]

    def offer_of(self, name: str) -> Listing:
        return Listing.objects.owned_by(getattr(self, name)).filter(side="offer").first()

    def own_words_of(self, name: str) -> Listing:
        """An offer in words that are no topic of the list."""
        return Listing.objects.owned_by(getattr(self, name)).filter(side="offer", topic__is_provisional=True).first()

    def card_of(self, name: str) -> Card:
        return Card.objects.get(owner=getattr(self, name))

    def introduction_of(self, inviter: str, invited: str) -> Introduction:
        return Introduction.objects.get(inviter=getattr(self, inviter), invited=getattr(self, invited))

    def message_to(self, reader: str, author: str) -> list[int]:
        """A conversation and the first message of it that the other wrote."""
        introduction = Introduction.objects.open_between(getattr(self, reader), getattr(self, author))
        assert introduction is not None
        return [introduction.pk, introduction.messages.filter(author=getattr(self, author)).first().pk]

    def proposal_of(self, proposer: str, asked: str) -> Proposal:
        """The one by which a member proposes another to a third."""
        return Proposal.objects.asking(getattr(self, asked)).get(proposer=getattr(self, proposer))

    def contract_of(self, first: str, second: str) -> Contract:
        return Contract.objects.get(first=getattr(self, first), second=getattr(self, second))

    def part_of(self, first: str, second: str, kind: str) -> list[int | str]:
        """The contract and the first part of a kind."""
        contract = self.contract_of(first, second)
        return [contract.pk, next(key for key in sorted(draft_of(contract)) if key.startswith(kind))]

    def promise_of(self, first: str, second: str, giver: str) -> list[int | str]:
        """The contract, and the promise of one of them as its address names it."""
        contract = self.contract_of(first, second)
        row = next(row for row in books.of(contract).rows if row.giver == giver)
        return [contract.pk, row.version, row.key]

    def help_that_waits(self, first: str, second: str) -> list[int]:
        """The contract, and what the second says that they gave."""
        contract = self.contract_of(first, second)
        return [contract.pk, Help.objects.of(contract).waiting().filter(giver="second").first().pk]

    def change_of(self, first: str, second: str, kind: str) -> list[int]:
        """The contract and the newest change of a part of a kind."""
        contract = self.contract_of(first, second)
        edits = Edit.objects.filter(contract=contract, key__startswith=kind).exclude(by="")
        return [contract.pk, edits.latest("number").number]

    def passkey_of_mia(self) -> Authenticator:
        return Authenticator.objects.get(user=self.mia, type=Authenticator.Type.WEBAUTHN)


def settle_community() -> Community:
    """Make all members. The topics are those of the application."""
    call_command("load_topics", verbosity=0)
    ada = _ada()
    hana, hugo = _those_who_fit_one_way()
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
    mail.choose(
        by=petra,
        choices={"introductions": "digest", "contracts": "off", "meetings": "now", "checkins": "digest"},
        digest_weekday=6,
        digest_hour=18,
        quiet_from=dt.time(21),
        quiet_until=dt.time(7, 30),
        resumes_on=clock.now().date() + dt.timedelta(days=9),
    )
    mia = settle(member("mia@example.org", "Mia Careful"), offers={"Falconry": 2}, needs={"Falconry gloves": 2})
    # The other tests hash passwords in a way that the server does not take.
    mia.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    mia.save(update_fields=["password"])
    pia = member("pia@example.org", "Pia Passkey")
    pia.set_unusable_password()
    pia.save(update_fields=["password"])
    wanda, yuki = _wanda(), _yuki()
    marks.mark(by=ada, member_id=ben.pk, kind="kept")
    marks.mark(by=ada, member_id=lou.pk, kind="dismissed")
    _introductions(ada, ben, wanda, yuki, lou, hana, hugo)
    _contracts(ada, ben, wanda, yuki, hana, hugo, mia, pia)
    _give_card(ada, "You keep books, and I write. Shall we?")
    _give_card(wanda, LONGEST_PHRASE * 8)
    revoke_card(by=lou, card_id=_give_card(lou, "Falcons?").pk)
    _proposals(ada, hugo, hana, mia, pia, petra)
    _reports(ada, wanda, yuki)
    watch(by=lou, often="week")
    vera, max_ = _weeks()
    rita, sven = _silent()
    # She alone has as many partners as she can keep.
    Profile.objects.filter(member=vera).update(partners_at_once=1)
    return Community(
        nina=member("nina@example.org", "Nina New"),
        ada=ada,
        ben=ben,
        wanda=wanda,
        yuki=yuki,
        lou=lou,
        petra=petra,
        hana=hana,
        hugo=hugo,
        mia=mia,
        pia=pia,
        vera=vera,
        rita=rita,
        sven=sven,
        max=max_,
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


def _those_who_fit_one_way() -> tuple[User, User]:
    hana = settle(member("hana@example.org", "Hana Helper"), offers={"Bookkeeping": 2}, needs={"Sailing": 2})
    hugo = settle(member("hugo@example.org", "Hugo Helped"), offers={"Knitting": 2}, needs={"Writing": 3})
    return hana, hugo


def _introductions(ada: User, ben: User, wanda: User, yuki: User, lou: User, hana: User, hugo: User) -> None:
    """One in each state, a conversation of a few words, and one that is as long as can be."""

    def ask_to_talk(one: User, other: User, note: str = "Shall we talk?") -> int:
        return invite(by=one, member_id=other.pk, note=note, every_weeks=1, minutes=60, weeks=8).pk

    def talk(one: User, other: User, *texts: str) -> int:
        pk = ask_to_talk(one, other)
        accept(by=other, introduction_id=pk, seen_move=1)
        for number, text in enumerate(texts):
            send_message(by=(one, other)[number % 2], introduction_id=pk, text=text, token=uuid.uuid4())
        return pk

    ask_to_talk(yuki, lou)
    ask_to_talk(ben, ada, "Your chapters against my spreadsheets?")
    ask(by=hana, introduction_id=ask_to_talk(ben, hana), seen_move=1, text="What do you keep the books of?")
    rhythm = {"every_weeks": 2, "minutes": 30, "weeks": 12}
    propose(by=hugo, introduction_id=ask_to_talk(ben, hugo), seen_move=1, text="Every week is much", **rhythm)
    ask_to_talk(ada, wanda, LONGEST_PHRASE * 9)
    decline(by=hana, introduction_id=ask_to_talk(ada, hana), seen_move=1, reason="I am ill.", is_private=True)
    save_profile(by=yuki, name="Yuki Mori", headline="", about="", contact="+81 3 1234 5678\nhttps://example.org/yuki")
    few = talk(ada, yuki, "Good evening!", "Good morning! See https://example.org/a-page")
    for by, item in ((ada, "brings"), (yuki, "brings"), (yuki, "time")):
        tick(by=by, introduction_id=few, item=item, is_done=True)
    talk(wanda, ben, *[LONGEST_PHRASE * (30 if number == 53 else 1) for number in range(54)])
    close(by=lou, introduction_id=talk(lou, hana, "Hello"), seen_move=2)


def _contracts(ada: User, ben: User, wanda: User, yuki: User, hana: User, hugo: User, mia: User, pia: User) -> None:
    """One in each state; Wanda's is as long as people write."""

    def begin(one: User, other: User) -> Contract:
        found = Introduction.objects.open_between(one, other) or introduce(one, other)
        return drafting.start(by=one, introduction_id=found.pk)

    talked_over = begin(ada, yuki)
    change(
        talked_over, yuki, "goal-second", {"short": "A garden on the balcony", "by": "", "indicator": "", "long": ""}
    )
    for by, text in ((yuki, "Is a garden one goal, or ten?"), (ada, "One bed is a goal.")):
        comment(by=by, contract_id=talked_over.pk, key="goal-first", field="indicator", text=text)
    done = comment(by=yuki, contract_id=talked_over.pk, key="goal-first", text="By when?")
    commenting.resolve(by=ada, contract_id=talked_over.pk, comment_id=done.pk)
    long = begin(wanda, ben)
    comment(by=wanda, contract_id=long.pk, text="Donau" + "dampf" * 190)
    for number in range(6):
        texts = {"what": f"{number} {LONGEST_PHRASE * 3}", "measure": "fact", "fact": LONGEST_PHRASE, "need": ""}
        giver = ("first", "second")[number % 2]
        drafting.add_part(by=ben, contract_id=long.pk, kind="commitment", content={**texts, "giver": giver})
    comment(by=wanda, contract_id=long.pk, key=_first_commitment(long), field="fact", text=LONGEST_PHRASE * 10)
    for key in draft_of(long):
        if key.startswith("need"):
            drafting.set_elsewhere(by=wanda, contract_id=long.pk, key=key, is_elsewhere=True)
    put_name(fill(long, wanda), wanda)
    held = fill(begin(hana, hugo), hana)
    put_name(held, hana)
    put_name(held, hugo)
    ending.say_done(by=hugo, contract_id=held.pk)
    # Nobody heard of them for some weeks.
    now = clock.now()
    Silence.objects.create(contract=held, step=Step.ASKED, told_at=now, look_at=now + dt.timedelta(days=14))
    amended = fill(begin(mia, ada), mia)
    put_name(amended, mia)
    put_name(amended, ada)
    ending.amend(by=mia, contract_id=amended.pk)
    change(amended, mia, "goal-first", {**draft_of(amended)["goal-first"].content, "short": "Mia climbs instead"})
    push = {"way": "wait", "how": "Ask which page is next", "believe": "Mia climbs where others look up"}
    change(amended, ada, "push-second", {**push, "consent": "yes"})
    past = fill(begin(pia, ada), ada)
    put_name(past, ada)
    put_name(past, pia)
    ending.amend(by=pia, contract_id=past.pk)
    change(past, pia, "goal-first", {**draft_of(past)["goal-first"].content, "short": "Pia finishes by the sea"})
    put_name(past, pia)
    put_name(past, ada)
    for by in (pia, ada):
        said = dict.fromkeys(("learned", "otherwise", "thanks"), LONGEST_PHRASE * 4)
        closing.review(by=by, contract_id=past.pk, version=2, outcome=Outcome.CARRY_OVER, **said)
    ending.part(by=pia, contract_id=past.pk)
    ending.take_back(by=hugo, contract_id=begin(ada, hugo).pk)


def _first_commitment(contract: Contract) -> str:
    return next(key for key in sorted(draft_of(contract)) if key.startswith("commitment"))


def _give_card(by: User, note: str) -> Card:
    """A card with the nearest goal and all offers and needs."""
    goal = Goal.objects.owned_by(by).current().order_by("-horizon").first()
    listings = Listing.objects.owned_by(by).values_list("pk", flat=True)
    return make_card(by=by, note=note, goal_id=goal.pk if goal else None, listing_ids=listings)


def _reports(ada: User, wanda: User, yuki: User) -> None:
    """Ada has told staff of two, of whom one was answered at length."""
    told = reports.report_member(by=ada, member=wanda, reason="other", words=LONGEST_PHRASE * 9)
    reports.answer(by=ada, report=told, text=LONGEST_PHRASE * 9)
    reports.report_member(by=ada, member=yuki, reason="money")


def _proposals(ada: User, hugo: User, hana: User, mia: User, pia: User, petra: User) -> None:
    """Ada is asked by one who knows her, and asks two whom she knows."""
    proposals.propose(by=hugo, one_id=ada.pk, other_id=hana.pk, note="You both keep books, and not alone.")
    long = {"note": LONGEST_PHRASE * 7, "other_note": "A climber, Pia, and as careful as you."}
    asked = proposals.propose(by=ada, one_id=mia.pk, other_id=pia.pk, **long)
    proposals.answer(by=pia, proposal_id=asked.pk, says=Answer.YES)
    proposals.answer(by=mia, proposal_id=asked.pk, says=Answer.NO)
    proposals.choose(by=petra, may_be_proposed=False)


def _weeks() -> tuple[User, User]:
    """Two who have met for some weeks: Max in New York writes as long as can be. The fourth meeting is the next."""
    vera = settle(member("vera@example.org", "Vera Weekly"), offers={"Knitting": 2}, needs={"Sailing": 1})
    other = settle(
        member("max@example.org", "Max Often", time_zone="America/New_York"),
        offers={"Sailing": 2},
        needs={"Knitting": 1},
        hours=(13, 14, 15),
        time_zone="America/New_York",
    )
    with transaction.atomic(), days_ago(27):
        contract = fill(drafting.start(by=vera, introduction_id=introduce(vera, other).pk), vera)
        goal = draft_of(contract)["goal-first"].content
        numbers = {"start": "2", "target": "12", "unit": "chapters", "strategies": "Before breakfast\nWith tea"}
        change(contract, vera, "goal-first", {**goal, **numbers, "long": "A novel"})
        put_name(contract, vera)
        put_name(contract, other)
    found = series.of(Contract.objects.get(pk=contract.pk))
    assert found is not None
    now = clock.now()
    for number, one in enumerate(found.all()[:3]):
        with transaction.atomic(), days_ago((now - one.at).total_seconds() / 86400 + 0.1):
            said = Said(
                moved="A chapter", indicator=Decimal(2 + number), confidence=3 + number % 2, next_step="Read it aloud"
            )
            checkins.send(by=vera, contract_id=contract.pk, on=one.on, said=said)
            if number == 1:
                checkins.skip(by=other, contract_id=contract.pk, on=one.on)
            else:
                long = Said(LONGEST_PHRASE, [LONGEST_PHRASE[:200]], *[LONGEST_PHRASE * 3] * 2, Decimal("12345678.125"))
                checkins.send(by=other, contract_id=contract.pk, on=one.on, said=replace(long, kept="not"))
        if number != 2:
            held = "no" if number else "yes"
            meetings.say_held(by=vera, contract_id=contract.pk, on=one.on, held=held)
    _help_each_other(contract, vera, other)
    to_come = found.all()[3:]
    checkins.send(by=vera, contract_id=contract.pk, on=to_come[0].on, said=Said(moved="Nearly there"))
    meetings.move(
        by=other, contract_id=contract.pk, on=to_come[1].on, to_on=to_come[1].on + dt.timedelta(days=1),
        to_time=dt.time(3), zone="America/New_York", note=LONGEST_PHRASE, seen=0,
    )  # fmt: skip
    meetings.cancel(by=vera, contract_id=contract.pk, on=to_come[2].on, note="A wedding", seen=0)
    pause_on = to_come[3].on
    meetings.pause(by=vera, contract_id=contract.pk, from_on=pause_on, until_on=pause_on, note="The sea")
    feeds.renew(by=other)
    fitting.answer(by=other, contract_id=contract.pk, question=1, says=FitAnswer.NO, words=LONGEST_PHRASE * 3)
    return vera, other


def _silent() -> tuple[User, User]:
    """Two who meet today: Rita has checked in for each meeting, Sven for none."""
    rita = settle(member("rita@example.org", "Rita Ready"), offers={"Knitting": 2}, needs={"Sailing": 1})
    sven = settle(member("sven@example.org", "Sven Silent"), offers={"Sailing": 2}, needs={"Knitting": 1})
    with transaction.atomic(), days_ago(28):
        contract = fill(drafting.start(by=rita, introduction_id=introduce(rita, sven).pk), rita)
        change(contract, sven, "push-second", {"way": "call", "how": "Before nine", "believe": "", "consent": "yes"})
        put_name(contract, rita)
        put_name(contract, sven)
    found = series.of(Contract.objects.get(pk=contract.pk))
    assert found is not None
    now = clock.now()
    for one in found.all()[:3]:
        with transaction.atomic(), days_ago((now - one.at).total_seconds() / 86400 + 0.1):
            said = Said(moved="A chapter", next_step="Another one", time_spent="Mornings", in_the_way="Doubt")
            checkins.send(by=rita, contract_id=contract.pk, on=one.on, said=said)
    return rita, sven


def _help_each_other(contract: Contract, vera: User, other: User) -> None:
    """Something confirmed, something more than said, something that waits, with as many words as can be."""
    rows = {row.giver.value: row for row in books.of(Contract.objects.get(pk=contract.pk)).rows}

    def say(by: User, giver: str, amount: str, words: str = "") -> Help:
        row = rows[giver]
        on = clock.now().astimezone(zones.clock_of("America/New_York")).date()
        said = {"version": row.version, "key": row.key, "amount": Decimal(amount), "on": on, "words": words}
        return helping.say(by=by, contract_id=contract.pk, **said)

    def confirm(by: User, given: Help, amount: str, words: str = "") -> None:
        helping.confirm(by=by, contract_id=contract.pk, help_id=given.pk, amount=Decimal(amount), words=words)

    confirm(other, say(vera, "first", "1.5", LONGEST_PHRASE * 2), "7.125", LONGEST_PHRASE * 2)
    helping.say_not_yet(by=other, contract_id=contract.pk, help_id=say(vera, "first", "2").pk)
    confirm(vera, say(other, "second", "1"), "1")
    say(vera, "second", "0.5")
    say(other, "second", "123456789012.125", LONGEST_PHRASE * 2)
    helping.agree_to_be_named(by=vera, contract_id=contract.pk, agrees=True)
    helping.agree_to_be_named(by=other, contract_id=contract.pk, agrees=True)


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
