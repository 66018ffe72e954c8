"""Every address of the resolver, with every kind of visitor and method, and what they must get.

A URL without a row fails. The visitors: anonymous; a stranger to the object; its owner; a member whom the owner has
blocked; staff (without the second factor that the admin asks for). The methods: GET, POST (an empty form), PUT, DELETE.
`login` is the way to the login page, `away` any other redirect.
"""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import clock, stopping
from accounts.actions.blocks import block
from accounts.models import Goal, Listing, User
from checkins import books, series
from checkins.actions import feeds, help as helping, meetings
from contracts.actions import drafting
from contracts.actions.commenting import comment
from contracts.models import Contract
from matching import refusal
from matching.actions.cards import hash_of, make_card
from matching.actions.conversations import send_message
from matching.actions.introductions import invite
from matching.actions.proposals import propose
from tests.pairs import draft_of, fill, introduce, put_name
from tests.people import member, settle

METHODS = ("get", "post", "put", "delete")
VISITORS = ("anonymous", "stranger", "owner", "blocked", "staff")

NO, NONE, GO = 405, 404, "away"
LOGIN = ("login", "login", "login", "login")

# What each of the four methods gives.
READ = (200, NO, NO, NO)
FORM = (200, 200, NO, NO)
VERB = (NO, GO, NO, NO)
GONE = (NONE, NONE, NONE, NONE)
GONE_VERB = (NO, NONE, NO, NO)
GONE_FORM = (NONE, NONE, NO, NO)


def everybody(answer: tuple) -> dict:
    return dict.fromkeys(VISITORS, answer)


def members(answer: tuple, **others: tuple) -> dict:
    """The same for all who are logged in, but for those named; the login page for the rest."""
    return {**dict.fromkeys(VISITORS, answer), "anonymous": LOGIN, **others}


def owner_only(answer: tuple, refused: tuple) -> dict:
    return members(refused, owner=answer)


def entrance(anonymous: tuple) -> dict:
    """A page for those who are not logged in; the others are led home."""
    return {**dict.fromkeys(VISITORS, (GO, GO, GO, GO)), "anonymous": anonymous}


ROWS = {
    # The public pages. Opening one is a visible change here.
    "home": everybody(READ),
    "how_it_works": everybody(READ),
    "sample_contract": everybody(READ),
    "principles": everybody(READ),
    "help": everybody(READ),
    "privacy": everybody(READ),
    "method": everybody(READ),
    "method_page": everybody(READ),
    "verify": everybody(FORM),
    "verify_fingerprint": everybody(READ),
    "verify_certificate": everybody(READ),
    "robots": everybody(READ),
    "favicon": everybody((GO, NO, NO, NO)),
    "healthz": everybody((200, 200, 200, 200)),
    "readyz": everybody((503, NO, NO, NO)),  # in tests no worker and no beat run
    # The links of mails, for whoever has the mail
    "emails_stop": everybody(FORM),
    "emails_again": everybody((NO, 200, NO, NO)),
    # The local inbox: only where there is no mail server, never in production.
    "inbox": everybody(READ),
    "inbox_empty": everybody(VERB),
    "inbox_mail": everybody((NONE, NO, NO, NO)),
    "inbox_mail_html": everybody((NONE, NO, NO, NO)),
    # allauth: the way in
    "account_login": entrance((200, 200, 200, NO)),
    "account_signup": entrance((200, 200, 200, NO)),
    "account_logout": {**members((200, GO, NO, NO)), "anonymous": (GO, GO, NO, NO)},
    "account_inactive": everybody(READ),
    "account_reset_password": everybody((200, 200, 200, NO)),
    "account_reset_password_done": everybody(READ),
    "account_reset_password_from_key": everybody((200, 200, 200, 200)),  # a wrong key: the page says so
    "account_reset_password_from_key_done": everybody(READ),
    "account_email_verification_sent": members((GO, GO, GO, GO)),
    "account_confirm_login_code": members((GO, GO, GO, GO)),
    "mfa_authenticate": members((GO, GO, GO, GO)),
    "mfa_login_webauthn": entrance(("login", "login", "login", NO)),
    # allauth: my account. Each sees their own; there is no address with somebody else's.
    "account_email": members((200, GO, GO, NO)),
    "account_change_password": members((200, 200, 200, NO)),
    "account_set_password": members((GO, GO, GO, GO)),
    "account_reauthenticate": members((200, 200, 200, NO)),
    "usersessions_list": members((200, GO, GO, NO)),
    "mfa_index": members(READ),
    "mfa_reauthenticate": members((GO, GO, GO, GO)),
    "mfa_reauthenticate_webauthn": members((GO, GO, GO, GO)),
    "mfa_activate_totp": members((GO, GO, GO, GO)),  # the password again, first
    "mfa_deactivate_totp": members(GONE),
    "mfa_view_recovery_codes": members((NONE, NO, NO, NO)),
    "mfa_generate_recovery_codes": members((GO, GO, GO, GO)),
    "mfa_download_recovery_codes": members(GONE),
    "mfa_list_webauthn": members(READ),
    "mfa_add_webauthn": members((GO, GO, GO, GO)),
    "mfa_edit_webauthn": members((GO, GO, GO, GO)),
    "mfa_remove_webauthn": members((GO, GO, GO, GO)),
    # Welcome, profile, goals, listings
    "welcome": members(READ),
    "welcome_goal": members(FORM),
    "welcome_offers": members(FORM),
    "welcome_needs": members(FORM),
    "welcome_rhythm": members(FORM),
    "profile": members(READ),
    "profile_edit": members(FORM),
    "rhythm_edit": members(FORM),
    "goals": members(READ),
    "goal_edit": members(FORM),
    "goal_end": owner_only(VERB, GONE_VERB),
    "goal_reopen": owner_only(VERB, GONE_VERB),
    "listings": members(READ),
    "listing_add": members(FORM),
    "listing_edit": owner_only(FORM, GONE_FORM),
    "listing_topic": owner_only(FORM, GONE_FORM),
    "listing_move": owner_only(VERB, GONE_VERB),
    "listing_remove": owner_only(VERB, GONE_VERB),
    "listing_restore": owner_only(VERB, GONE_VERB),
    "topics": members(READ),
    "draft_save": members((NO, 204, NO, NO)),
    "draft_discard": members(VERB),
    # Settings: each their own
    "settings": members(READ),
    "preferences": members(FORM),
    "emails": members(FORM),
    "pause": members((200, GO, NO, NO)),
    "resume": members(VERB),
    "blocked": members(READ),
    "totp_qr": members((GO, NO, NO, NO)),  # the password again, first
    "download": members((GO, NO, NO, NO)),
    "download_zip": members((GO, NO, NO, NO)),
    "delete_account": members((200, GO, NO, NO)),
    # Partners: the address is the owner's page
    "partners": members(READ),
    "partner": members(READ, owner=(GO, NO, NO, NO), blocked=(NONE, NO, NO, NO)),
    "partner_mark": members(VERB, owner=GONE_VERB, blocked=GONE_VERB),
    "partner_unmark": members(GONE_VERB),
    "marked": members(READ),
    "watch": members(FORM),
    "showing": members(FORM),
    "presence_say": members((NO, NONE, NO, NO)),  # an answer that is none
    "partner_block": members(VERB, blocked=GONE_VERB),
    "partner_unblock": members(GONE_VERB),
    "introduction_invite": members(FORM, owner=GONE_FORM, blocked=GONE_FORM),
    # Introductions: Ada is one of the two
    "introductions": members(READ),
    "introduction": owner_only(READ, (NONE, NO, NO, NO)),
    "introduction_accept": owner_only(VERB, GONE_VERB),
    "introduction_ask": owner_only((NO, 200, NO, NO), GONE_VERB),
    "introduction_answer": owner_only((NO, 200, NO, NO), GONE_VERB),
    "introduction_propose": owner_only((NO, 200, NO, NO), GONE_VERB),
    "introduction_decline": owner_only((NO, 200, NO, NO), GONE_VERB),
    "introduction_withdraw": owner_only(VERB, GONE_VERB),
    "introduction_close": owner_only(VERB, GONE_VERB),
    "message_send": owner_only((NO, 200, NO, NO), GONE_VERB),
    "agenda_tick": owner_only(GONE_VERB, GONE_VERB),
    # Cards: the owner's pages, and what stands behind the link, which is the key
    "cards": members(READ),
    "card_new": members(FORM),
    "card": owner_only(READ, (NONE, NO, NO, NO)),
    "card_edit": owner_only(FORM, GONE_FORM),
    "card_send": owner_only((NO, 200, NO, NO), GONE_VERB),
    "card_renew": owner_only(VERB, GONE_VERB),
    "card_revoke": owner_only(VERB, GONE_VERB),
    "card_restore": owner_only(VERB, GONE_VERB),
    "card_open": {**everybody(READ), "blocked": (NONE, NO, NO, NO)},
    "card_talk": {**everybody(VERB), **dict.fromkeys(["anonymous", "owner", "blocked"], GONE_VERB)},
    "card_answer": {**everybody((GO, NO, NO, NO)), "blocked": (NONE, NO, NO, NO)},
    # What a guest types belongs to their browser; the number of the card opens nothing.
    "answer": everybody(GONE_FORM),
    "answer_side": everybody(GONE_FORM),
    "answer_remove": everybody(GONE_VERB),
    "answer_meet": everybody(GONE_FORM),
    "address_refuse": everybody(FORM),
    # Ada is asked whether she would like to meet somebody
    "proposal_new": members(FORM),
    "proposal_choice": members(FORM),
    "proposal": owner_only(READ, (NONE, NO, NO, NO)),
    "proposal_yes": owner_only(VERB, GONE_VERB),
    "proposal_no": owner_only(VERB, GONE_VERB),
    "proposal_withdraw": members(GONE_VERB),
    # Reports to staff: the page of Ada, an invitation of hers, and a message of the other
    "reports": members(READ),
    "report_member": members(FORM, owner=GONE_FORM, blocked=GONE_FORM),
    "report_conversation": owner_only(FORM, GONE_FORM),
    "report_message": owner_only(FORM, GONE_FORM),
    # Contracts: Ada is a party of a draft that she has signed
    "contracts": members(READ),
    "contract_with": owner_only((GO, GO, NO, NO), GONE_FORM),
    "contract": owner_only(READ, (NONE, NO, NO, NO)),
    "contract_seen": owner_only(VERB, GONE_VERB),
    "contract_standing": owner_only(READ, (NONE, NO, NO, NO)),
    "contract_history": owner_only(READ, (NONE, NO, NO, NO)),
    "history_state": owner_only(READ, (NONE, NO, NO, NO)),
    "part_add": owner_only(FORM, GONE_FORM),
    "part_edit": owner_only(FORM, GONE_FORM),
    "part_remove": owner_only(VERB, GONE_VERB),
    "part_restore": owner_only(VERB, GONE_VERB),
    "need_elsewhere": owner_only(VERB, GONE_VERB),
    "comments": owner_only(FORM, GONE_FORM),
    "comment_resolve": owner_only(VERB, GONE_VERB),
    "comment_reopen": owner_only(VERB, GONE_VERB),
    "comment_take_back": owner_only(VERB, GONE_VERB),
    "comment_put_back": owner_only(VERB, GONE_VERB),
    "contract_sign": owner_only((GO, GO, NO, NO), GONE_FORM),
    "signature_take_back": owner_only(VERB, GONE_VERB),
    "contract_take_back": owner_only(VERB, GONE_VERB),
    "contract_amend": owner_only(VERB, GONE_VERB),
    "contract_done": owner_only(VERB, GONE_VERB),
    "contract_not_done": owner_only(VERB, GONE_VERB),
    "contract_part": owner_only(VERB, GONE_VERB),
    "contract_review": owner_only((GO, GO, NO, NO), GONE_FORM),  # nothing is in force yet
    "contract_renew": owner_only(VERB, GONE_VERB),
    "version": owner_only(READ, (NONE, NO, NO, NO)),
    "version_changes": owner_only((NONE, NO, NO, NO), (NONE, NO, NO, NO)),  # it is the first
    "version_text": owner_only(READ, (NONE, NO, NO, NO)),
    "version_pdf": owner_only((GO, NO, NO, NO), (NONE, NO, NO, NO)),
    # Meetings and check-ins: Ada is one of a pair whose contract is in force
    "meetings": members(READ),
    "calendar": members(READ),
    "calendar_renew": members(VERB),
    "calendar_close": members(VERB),
    "calendar_feed": everybody(READ),  # the address is the key
    "meetings_ics": owner_only(READ, (NONE, NO, NO, NO)),
    "weeks": owner_only(READ, (NONE, NO, NO, NO)),
    "weeks_csv": owner_only(READ, (NONE, NO, NO, NO)),
    "pair_pause": owner_only(FORM, GONE_FORM),
    "pause_lift": owner_only(VERB, GONE_VERB),
    "fit": owner_only((GO, GO, NO, NO), GONE_FORM),  # nothing is asked before the first meeting
    "still_meeting": owner_only((GO, GO, NO, NO), GONE_FORM),
    "meeting": owner_only(READ, (NONE, NO, NO, NO)),
    "meeting_move": owner_only(FORM, GONE_FORM),
    "meeting_cancel": owner_only(FORM, GONE_FORM),
    "meeting_put_back": owner_only(VERB, GONE_VERB),
    "meeting_held": owner_only(VERB, GONE_VERB),
    # This meeting is a week away: the page for the call leads back to it, and its agenda is not asked for again.
    "meeting_call": owner_only((GO, GO, NO, NO), GONE_FORM),
    "meeting_points": owner_only((286, NO, NO, NO), (NONE, NO, NO, NO)),
    "meeting_tick": owner_only(VERB, GONE_VERB),
    "push": owner_only((GO, 200, NO, NO), GONE_FORM),
    "push_leave": owner_only(VERB, GONE_VERB),
    "check_in_reply": owner_only((NO, 200, NO, NO), GONE_VERB),
    "check_in": owner_only(FORM, GONE_FORM),
    "check_in_skip": owner_only(VERB, GONE_VERB),
    "check_in_unskip": owner_only(VERB, GONE_VERB),
    "check_in_note": owner_only((NO, 200, NO, NO), GONE_VERB),
    # Help: Ada has said that she gave some; whether it reached the other is not hers to say
    "pair_help": owner_only(READ, (NONE, NO, NO, NO)),
    "help_csv": owner_only(READ, (NONE, NO, NO, NO)),
    "help_say": owner_only(FORM, GONE_FORM),
    "help_confirm": owner_only((GO, 200, NO, NO), GONE_FORM),
    "help_not_yet": owner_only(VERB, GONE_VERB),
    "help_let_wait": owner_only(VERB, GONE_VERB),
    "help_take_back": owner_only(VERB, GONE_VERB),
    "help_fine": owner_only(VERB, GONE_VERB),
    "help_ask_again": owner_only(VERB, GONE_VERB),
    # Stories: that of a contract is told at its end
    "contract_story": owner_only((GO, NO, NO, NO), (NONE, NO, NO, NO)),
    "my_story": members(READ),
    "my_story_name": owner_only(VERB, GONE_VERB),
}


def urls() -> Iterator[str]:
    """Yield the name of every URL but the admin's, which have a test of their own."""

    def walk(patterns: list) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                if pattern.namespace != "admin":
                    yield from walk(pattern.url_patterns)
            else:
                assert isinstance(pattern, URLPattern)
                yield pattern.name or str(pattern.pattern)

    return walk(get_resolver().url_patterns)


@pytest.fixture
def addresses(ada, chloe, yuki, zoe) -> dict[str, dict]:
    """The arguments of the addresses that have some; what belongs to somebody is Ada's."""
    listing = Listing.objects.filter(member=ada).first()
    goal = Goal.objects.get(member=ada)
    authenticator = {"pk": 1}
    note = {"note": "Hello", "every_weeks": 1, "minutes": 60, "weeks": 8}
    introduction = {"introduction_id": invite(by=chloe, member_id=ada.pk, **note).pk}
    draft = fill(drafting.start(by=ada, introduction_id=introduce(ada, yuki).pk), ada)
    put_name(draft, ada)
    said_of = comment(by=ada, contract_id=draft.pk, key="rhythm", text="Mondays are full")
    message = send_message(by=yuki, introduction_id=draft.introduction_id, text="Hello", token=uuid.uuid4())
    contract = {"contract_id": draft.pk}
    held = fill(drafting.start(by=ada, introduction_id=introduce(ada, zoe).pk), ada)
    put_name(held, ada)
    put_name(held, zoe)
    eve = member("eva@example.org", "Eva Third")
    introduce(yuki, eve)
    asked = {"proposal_id": propose(by=yuki, one_id=ada.pk, other_id=eve.pk, note="You two should meet.").pk}
    pair = {"contract_id": held.pk}
    found = series.of(Contract.objects.get(pk=held.pk))
    assert found is not None
    meeting = {**pair, "on": found.all()[0].on}
    said = meetings.pause(by=ada, **pair, from_on=found.all()[-1].on, until_on=found.all()[-1].on, note="")
    [mine] = [row for row in books.of(Contract.objects.get(pk=held.pk)).rows if row.giver == "first"]
    on_mine = {"version": mine.version, "key": mine.key}
    given = helping.say(by=ada, **pair, **on_mine, amount=Decimal(1), on=clock.now().date())
    of_meetings = [name for name in ROWS if name.startswith(("meeting_", "check_in"))]
    of_contracts = [
        name for name in ROWS if name.startswith("contract_") and name not in {"contract_with", "contract_story"}
    ]
    need = next(key for key in draft_of(draft) if key.startswith("need"))
    of_introductions = [name for name in ROWS if name.startswith("introduction_") and name != "introduction_invite"]
    card = make_card(by=ada, note="Shall we?", goal_id=goal.pk, listing_ids=[listing.pk])
    of_cards = ["card_edit", "card_send", "card_renew", "card_revoke", "card_restore"]
    return {
        "account_reset_password_from_key": {"uidb36": "1", "key": "x"},
        "mfa_edit_webauthn": authenticator,
        "mfa_remove_webauthn": authenticator,
        "method_page": {"slug": "measures"},
        "goal_edit": {"horizon": "short"},
        "goal_end": {"goal_id": goal.pk, "outcome": "reached"},
        "goal_reopen": {"goal_id": goal.pk},
        "listing_add": {"side": "offer"},
        "listing_edit": {"listing_id": listing.pk},
        "listing_topic": {"listing_id": listing.pk},
        "listing_move": {"listing_id": listing.pk, "direction": "up"},
        "listing_remove": {"listing_id": listing.pk},
        "listing_restore": {"listing_id": listing.pk},
        "draft_save": {"form": "goal"},
        "emails_stop": {"token": stopping.token_for(ada.pk, ["meetings"])},
        "emails_again": {"token": stopping.undo_token_for(ada.pk, {"meetings": "now"})},
        "draft_discard": {"form": "goal"},
        "partner": {"member_id": ada.pk},
        "partner_mark": {"member_id": ada.pk, "kind": "kept"},
        "partner_unmark": {"member_id": ada.pk},
        "partner_block": {"member_id": ada.pk},
        "partner_unblock": {"member_id": ada.pk},
        "introduction_invite": {"member_id": ada.pk},
        **dict.fromkeys(["introduction", *of_introductions, "message_send", "agenda_tick"], introduction),
        **dict.fromkeys(["contract", *of_contracts, "signature_take_back"], contract),
        **dict.fromkeys(["proposal", "proposal_yes", "proposal_no", "proposal_withdraw"], asked),
        "report_member": {"member_id": ada.pk},
        "report_conversation": introduction,
        "report_message": {"introduction_id": draft.introduction_id, "message_id": message.pk},
        "contract_with": {"introduction_id": draft.introduction_id},
        "part_add": {**contract, "kind": "need", "side": "first"},
        **{key: {**contract, "key": need} for key in ["part_edit", "part_remove", "part_restore", "need_elsewhere"]},
        "comments": {**contract, "key": need},
        "history_state": {**contract, "number": draft_of(draft)["goal-first"].number},
        **{key: {**contract, "comment_id": said_of.pk} for key in ROWS if key.startswith("comment_")},
        "verify_fingerprint": {"fingerprint": "a" * 64},
        **{key: {**contract, "number": 1} for key in ["version", "version_changes", "version_text", "version_pdf"]},
        **dict.fromkeys(["weeks", "weeks_csv", "meetings_ics", "pair_pause", "fit", "still_meeting"], pair),
        **dict.fromkeys(["push", "push_leave"], pair),
        **dict.fromkeys(["meeting", *of_meetings], meeting),
        **dict.fromkeys(["pair_help", "help_csv", "contract_story", "my_story_name"], pair),
        "help_say": {**pair, **on_mine},
        **{f"help_{verb}": {**pair, "help_id": given.pk} for verb in ("confirm", "not_yet", "let_wait", "take_back")},
        **{key: {**pair, "upto": meeting["on"]} for key in ("help_fine", "help_ask_again")},
        "calendar_feed": {"token": feeds.renew(by=ada).token},
        **{key: {"card_id": card.pk} for key in ["card", *of_cards, "answer", "answer_meet"]},
        **{key: {"card_id": card.pk, "side": "offer"} for key in ["answer_side", "answer_remove"]},
        **{key: {"token": card.token} for key in ["card_open", "card_talk", "card_answer"]},
        "address_refuse": {"token": refusal.token_for(hash_of("eve@example.org"))},
        "pause_lift": {**pair, "pause_id": said.pk},
        "inbox_mail": {"key": "x"},
        "inbox_mail_html": {"key": "x"},
    }


@pytest.fixture
def yuki(db) -> User:
    person = member("yuki@example.org", "Yuki Mori")
    return settle(person, offers={"Bookkeeping": 1}, needs={"Writing": 1})


@pytest.fixture
def zoe(db) -> User:
    person = member("zoe@example.org", "Zoe Held")
    return settle(person, offers={"Bookkeeping": 1}, needs={"Writing": 1})


@pytest.fixture
def visitors(ada, ben, dan, olga, client_of) -> dict[str, User | None]:
    block(by=ada, member=ben)
    return {"anonymous": None, "stranger": dan, "owner": ada, "blocked": ben, "staff": olga}


def answer(response) -> int | str:
    if response.status_code in {301, 302}:
        return "login" if response.url.startswith(reverse("account_login")) else "away"
    return response.status_code


def test_every_url_has_a_row_and_every_row_a_url():
    assert sorted(set(urls())) == sorted(ROWS)


@pytest.mark.parametrize("visitor", VISITORS)
def test_everybody_gets_what_is_theirs(visitor, addresses, visitors, client_of):
    person = visitors[visitor]
    client = client_of(person) if person else Client()
    cookies = client.cookies.output(header="")

    def ask(method: str, url: str) -> int | str:
        """Ask in a transaction that is taken back: the next question finds everything as it was."""
        client.cookies = SimpleCookie(cookies)
        with transaction.atomic():
            found = answer(getattr(client, method)(url))
            transaction.set_rollback(True)
        return found

    found = {}
    for name in ROWS:
        url = reverse(name, kwargs=addresses.get(name, {}))
        found[name] = tuple(ask(method, url) for method in METHODS)
    assert found == {name: row[visitor] for name, row in ROWS.items()}


ADMIN_PAGES = [
    *("admin:index", "admin:mail", "admin:seals", "admin:fits"),
    *("admin:accounts_user_changelist", "admin:accounts_notice_changelist"),
    "admin:matching_report_changelist",
]


@pytest.mark.parametrize("name", ADMIN_PAGES)
def test_the_admin_is_behind_two_step_login_of_staff(name, visitors, client_of):
    url = reverse(name)
    for visitor, person in visitors.items():
        response = (client_of(person) if person else Client()).get(url)
        assert response.status_code != 200, visitor


def test_a_post_without_a_token_is_refused_everywhere(addresses, visitors, ada):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend="allauth.account.auth_backends.AuthenticationBackend")
    accepted = {
        name
        for name in ROWS
        if client.post(reverse(name, kwargs=addresses.get(name, {}))).status_code not in {403, 405}
    }
    # /healthz reads nothing and writes nothing. The links of mails stop them by one POST, from wherever (RFC 8058).
    assert accepted == {"healthz", "emails_stop", "address_refuse"}


def test_only_the_links_that_stop_mails_need_no_token():
    def views(patterns: list) -> Iterator:
        for pattern in patterns:
            yield from views(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern]

    exempt = {pattern.name for pattern in views(get_resolver().url_patterns) if _is_exempt(pattern.callback)}
    assert exempt == {"emails_stop", "address_refuse"}


def _is_exempt(view) -> bool:
    return getattr(view, "csrf_exempt", False)


def test_the_cast_is_complete(visitors):
    assert tuple(visitors) == VISITORS
    assert member("eve@example.org", "Eve").profile.name == "Eve"
