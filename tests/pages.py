"""Every page, and every state in which a test has to look at it.

A page is a url name that answers GET with HTML. It stands in PAGES with its states; any other route stands in NOT_PAGES
with the reason. tests/test_pages.py fails on a route that stands in neither, so a new page begins here:

    "goal_edit": [
        State("empty", "nina", args=["short"]),
        State("filled", "ada", args=["short"]),
        State("errors", "ada", args=["short"], send={"text": ""}),
    ],

What members see is looked at `empty` (Nina has said nothing yet) and `filled` (Ada has); a page with a form to fill in
also with `errors`. Wanda's words are as long as they can be. tests/browser/community.py says who they all are.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PASSWORD = "a-password-for-tests"
# Words that are near to several topics, and to none so much that they are linked to it.
BETWEEN_TOPICS = "Editing novels for people"


@dataclass(frozen=True)
class State:
    """One state of a page.

    `who` is a member of the community by name, "" somebody who is logged out. `args` are those of the address, or a
    function of the community that returns them. With `send` a form is filled in and sent, and the answer is what is
    looked at; `form` and `button` say which one (see tests.browser.visits.send). `arrive` is for pages that only a path
    through others leads to: it is called with the visit and ends on the page, before anything is sent.
    """

    name: str
    who: str = ""
    args: Sequence[Any] | Callable[[Any], Sequence[Any]] = ()
    query: str = ""
    send: Mapping[str, str | list[str]] | None = None
    form: str = ""
    button: str = ""
    arrive: Callable[[Any], None] | None = None
    # The url name on which one ends, where that is another: a refused form of a page with several.
    ends_on: str = ""
    # Whether the password was given a moment ago.
    is_recent: bool = True
    # One more of a page whose empty, filled and refused states are looked at already: in `make test-slow` alone.
    is_further: bool = False


class Why(StrEnum):
    """Why a route is no page. tests/test_pages.py tries whether it is so."""

    POST_ONLY = "answers POST only"
    NOT_HTML = "answers something else than HTML"
    REDIRECT = "leads elsewhere, whoever asks"
    LEADS_ON = "leads elsewhere, with what its address says"
    FRAME = "is the inside of a frame, and looked at in its page"
    FRAGMENT = "is a part of a page, which asks for it again"


# --- Paths that lead to a page ---------------------------------------------------------------------------------------


def sign_up(visit: Any) -> None:
    """End before the code that the mail brings."""
    visit.go("account_signup")
    # A new address each time: of mails to the same one there is a limit.
    address = f"sam-{secrets.token_hex(4)}@example.org"
    visit.send({"name": "Sam Newcomer", "email": address, "password1": "a-password-for-sam"})


def log_in_half(visit: Any) -> None:
    """End before the second step."""
    visit.go("account_login")
    visit.send({"login": "mia@example.org", "password": PASSWORD})


def follow_reset_link(visit: Any) -> None:
    visit.page.goto(visit.reset_link("ben"))


def receive_a_mail(visit: Any) -> None:
    """End on the list of mails, which has one."""
    visit.go("inbox")
    if visit.page.locator("main table").count() == 0:
        visit.go("account_reset_password")
        visit.send({"email": "ben@example.org"})
        visit.server.send_due()
        visit.go("inbox")


def open_newest_mail(visit: Any) -> None:
    receive_a_mail(visit)
    visit.page.locator("main table a").first.click()


def ask_which_topic(visit: Any) -> None:
    """End on the question which topic some words mean."""
    visit.go("listing_add", "offer")
    visit.send({"phrase": BETWEEN_TOPICS, "words": "Ten of them, and a choir"})


def offer_of(name: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [community.offer_of(name).pk]


def own_words_of(name: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [community.own_words_of(name).pk]


def page_of(name: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [getattr(community, name).pk]


def contract_of(first: str, second: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [community.contract_of(first, second).pk]


def part_of(first: str, second: str, kind: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: community.part_of(first, second, kind)


def change_of(first: str, second: str, kind: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: community.change_of(first, second, kind)


def with_more(contract: Callable[[Any], Sequence[Any]], *more: Any) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [*contract(community), *more]


def meeting_of(first: str, second: str, number: int) -> Callable[[Any], Sequence[Any]]:
    return lambda community: community.meeting_of(first, second, number)


def promise_of(first: str, second: str, giver: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: community.promise_of(first, second, giver)


def help_that_waits(first: str, second: str) -> Callable[[Any], Sequence[Any]]:
    """Help that the second has said, and the first has not answered."""
    return lambda community: community.help_that_waits(first, second)


def introduction_of(inviter: str, invited: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [community.introduction_of(inviter, invited).pk]


def card_of(name: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [community.card_of(name).pk]


def token_of(name: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [community.card_of(name).token]


def refusal_token(community: Any) -> Sequence[Any]:
    from matching.actions.cards import hash_of
    from matching.refusal import token_for

    return [token_for(hash_of("somebody@example.org"))]


def answer_card_of(name: str) -> Callable[[Any], None]:
    """End on the first page of an answer to a card."""

    def arrive(visit: Any) -> None:
        visit.go("card_open", visit.community.card_of(name).token)
        visit.page.get_by_role("link", name="your side").or_(visit.page.get_by_role("link", name="your answer")).click()

    return arrive


def say_goal_to(name: str) -> Callable[[Any], None]:
    """End on what the guest has to offer."""

    def arrive(visit: Any) -> None:
        answer_card_of(name)(visit)
        visit.send({"name": "Gus Guest", "goal": "My books are in order"})

    return arrive


def say_offer_to(name: str) -> Callable[[Any], None]:
    def arrive(visit: Any) -> None:
        say_goal_to(name)(visit)
        visit.send({"phrase": "Bookkeeping"}, form="form:has([name=level])")

    return arrive


def meet(name: str) -> Callable[[Any], None]:
    """End on how the guest's side meets the card."""

    def arrive(visit: Any) -> None:
        say_offer_to(name)(visit)
        visit.go("answer_meet", visit.community.card_of(name).pk)

    return arrive


def proposal_of(proposer: str, asked: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: [community.proposal_of(proposer, asked).pk]


def message_to(reader: str, author: str) -> Callable[[Any], Sequence[Any]]:
    return lambda community: community.message_to(reader, author)


def stop_token_of(name: str) -> Callable[[Any], Sequence[Any]]:
    from accounts.stopping import token_for

    return lambda community: [token_for(getattr(community, name).pk, ["introductions", "meetings"])]


def passkey_of_mia(community: Any) -> Sequence[Any]:
    return [community.passkey_of_mia().pk]


# --- The pages -------------------------------------------------------------------------------------------------------

PAGES: dict[str, list[State]] = {
    "home": [
        State("visitor"),
        State("empty", "nina"),
        State("filled", "ada"),
        State("longest", "wanda"),
        State("nobody fits", "lou", is_further=True),
        State("paused", "petra"),
        State("as many partners as one can keep", "vera", is_further=True),
    ],
    "how_it_works": [State("visitor"), State("member", "ada", is_further=True)],
    "sample_contract": [State("visitor")],
    "principles": [State("visitor")],
    "help": [State("visitor"), State("member", "ada", is_further=True)],
    "privacy": [State("visitor")],
    "method": [State("visitor")],
    "method_page": [
        State("visitor", args=["giving-help"]),
        *(
            State(slug, args=[slug], is_further=True)
            for slug in ("choosing", "realistic-goals", "measures", "first-conversation", "when-it-stalls")
        ),
    ],
    "verify": [State("visitor"), State("errors", send={}, form="main form")],
    "verify_fingerprint": [State("unknown", args=["a" * 64])],
    # Account
    "account_login": [State("visitor"), State("errors", send={"login": "nobody@example.org", "password": "wrong"})],
    "account_logout": [State("member", "ada")],
    "account_inactive": [State("visitor")],
    "account_signup": [
        State("visitor"),
        State("errors", send={"name": "", "email": "no address", "password1": "short"}),
    ],
    "account_email_verification_sent": [
        State("signed up", arrive=sign_up),
        State("errors", arrive=sign_up, send={"code": "WRONG1"}),
    ],
    "account_reauthenticate": [
        State("member", "ada", is_recent=False),
        State("errors", "ada", is_recent=False, send={"password": "wrong"}),
    ],
    "account_email": [
        State("member", "ada"),
        State("errors", "ada", send={"email": "x"}, button="action_add", is_further=True),
    ],
    "account_change_password": [
        State("member", "ada"),
        State("errors", "ada", send={"oldpassword": "wrong", "password1": "short"}),
    ],
    "account_set_password": [
        State("member", "pia"),
        State("errors", "pia", send={"password1": "short"}, is_further=True),
    ],
    "account_reset_password": [State("visitor"), State("errors", send={"email": "x"})],
    "account_reset_password_done": [State("visitor")],
    "account_reset_password_from_key": [
        State("used up", args=["1", "a-key"]),
        State("visitor", arrive=follow_reset_link),
        State("errors", arrive=follow_reset_link, send={"password1": "short"}),
    ],
    "account_reset_password_from_key_done": [State("visitor")],
    "usersessions_list": [State("member", "ada")],
    # Two-step login
    "mfa_index": [State("off", "ada"), State("on", "mia")],
    "mfa_authenticate": [
        State("half logged in", arrive=log_in_half),
        State("errors", arrive=log_in_half, send={"code": "000"}),
    ],
    "mfa_reauthenticate": [
        State("member", "mia", is_recent=False),
        State("errors", "mia", is_recent=False, send={"code": "000"}),
    ],
    "mfa_reauthenticate_webauthn": [State("member", "mia", is_recent=False)],
    "mfa_activate_totp": [State("member", "ada"), State("errors", "ada", send={"code": "000"}, is_further=True)],
    "mfa_deactivate_totp": [State("member", "mia")],
    "mfa_view_recovery_codes": [State("member", "mia")],
    "mfa_generate_recovery_codes": [State("member", "mia")],
    "mfa_list_webauthn": [State("none", "ada", is_further=True), State("some", "mia")],
    "mfa_add_webauthn": [
        State("member", "ada"),
        State("errors", "ada", send={"name": "", "credential": ""}, is_further=True),
    ],
    "mfa_edit_webauthn": [
        State("member", "mia", args=passkey_of_mia),
        State("errors", "mia", args=passkey_of_mia, send={"name": ""}),
    ],
    "mfa_remove_webauthn": [State("member", "mia", args=passkey_of_mia)],
    # The welcome
    "welcome": [State("empty", "nina"), State("filled", "ada")],
    "welcome_goal": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("errors", "nina", send={"text": "", "due_on": "2001-01-01"}),
    ],
    "welcome_offers": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("errors", "nina", send={"phrase": ""}),
        State("asked which topic", "nina", send={"phrase": BETWEEN_TOPICS}, is_further=True),
    ],
    "welcome_needs": [State("empty", "nina"), State("filled", "ada"), State("errors", "nina", send={"phrase": ""})],
    "welcome_rhythm": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("errors", "nina", send={"hours_per_week": "99", "time_zone": "Mars/Olympus"}),
    ],
    # Profile, goals, offers and needs
    "profile": [State("empty", "nina"), State("filled", "ada"), State("longest", "wanda", is_further=True)],
    "profile_edit": [
        State("empty", "nina"),
        State("filled", "ben"),
        State("draft", "ada"),
        State("errors", "ada", send={"name": "", "headline": "h" * 200}),
    ],
    "rhythm_edit": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("errors", "ada", send={"hours_per_week": "99", "time_zone": "Mars/Olympus"}),
    ],
    "goals": [State("empty", "nina"), State("filled", "ada"), State("longest", "wanda", is_further=True)],
    "goal_edit": [
        State("empty", "nina", args=["short"]),
        State("filled", "ada", args=["short"]),
        State("year", "ada", args=["long"]),
        State("errors", "ada", args=["short"], send={"text": "", "due_on": "2001-01-01"}),
    ],
    "listings": [State("empty", "nina"), State("filled", "ada"), State("longest", "wanda", is_further=True)],
    "listing_add": [
        State("empty", "nina", args=["offer"]),
        State("filled", "ada", args=["offer"]),
        State("need", "ada", args=["need"], is_further=True),
        State("errors", "ada", args=["need"], send={"phrase": "", "importance": []}),
        State("asked which topic", "ada", args=["need"], send={"phrase": BETWEEN_TOPICS}),
        State("errors in the answer", "ada", args=["offer"], arrive=ask_which_topic, send={"topic": []}),
    ],
    "listing_topic": [
        State("own words", "lou", args=offer_of("lou")),
        State("filled", "ada", args=offer_of("ada")),
        State("longest", "wanda", args=own_words_of("wanda"), is_further=True),
        State("errors", "ada", args=offer_of("ada"), send={"topic": []}),
    ],
    "listing_edit": [
        State("filled", "ada", args=offer_of("ada")),
        State("longest", "wanda", args=offer_of("wanda")),
        State("errors", "ada", args=offer_of("ada"), send={"phrase": ""}),
    ],
    # Partners
    "partners": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("second page", "ada", query="page=2", is_further=True),
        State("filtered to none", "ada", query="medium=phone"),
        State("filtered", "ada", query="help=Bookkeeping&words=says&day=0&part=evening", is_further=True),
        State("errors", "ada", query="language=tlh"),
        State("longest", "wanda"),
        State("nobody fits", "lou", is_further=True),
    ],
    "showing": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("errors", "ada", send={"about": ""}),
        State("longest", "wanda", is_further=True),
    ],
    "watch": [
        State("empty", "nina"),
        State("filled", "lou"),
        State("errors", "ada", send={"often": "hour"}),
    ],
    "partner": [
        State("empty", "nina", args=page_of("ben")),
        State("filled", "ada", args=page_of("ben")),
        State("longest", "ada", args=page_of("wanda"), is_further=True),
        State("nothing to exchange", "ada", args=page_of("lou")),
        State("has said nothing", "ada", args=page_of("nina")),
    ],
    # Introductions: Ben has asked Ada, Ada has asked Wanda, Yuki and Ada talk, Wanda and Ben talk at length
    "introduction_invite": [
        State("empty", "nina", args=page_of("ben")),
        State("filled", "ada", args=page_of("hana")),
        State("shown", "ada", args=page_of("hana"), send={"note": "Hello Hana"}),
        State("longest", "wanda", args=page_of("hana"), send={"note": "W" * 2000}),
        State("errors", "ada", args=page_of("hana"), send={"note": "", "minutes": "5", "weeks": ""}),
    ],
    "introductions": [State("empty", "nina"), State("filled", "ada"), State("longest", "wanda", is_further=True)],
    "introduction": [
        State("empty", "yuki", args=introduction_of("yuki", "lou")),
        State("filled", "ada", args=introduction_of("ben", "ada")),
        State("their turn", "ben", args=introduction_of("ben", "ada"), is_further=True),
        State("a question", "ben", args=introduction_of("ben", "hana"), is_further=True),
        State("another rhythm", "ben", args=introduction_of("ben", "hugo"), is_further=True),
        State("declined", "hana", args=introduction_of("ada", "hana"), is_further=True),
        State("longest", "ada", args=introduction_of("ada", "wanda")),
        State("conversation", "ada", args=introduction_of("ada", "yuki")),
        State("long conversation", "ben", args=introduction_of("wanda", "ben"), is_further=True),
        State("closed", "lou", args=introduction_of("lou", "hana"), is_further=True),
        State(
            *("errors", "ada"),
            args=introduction_of("ben", "ada"),
            send={"text": ""},
            form="#ask form",
            ends_on="introduction_ask",
        ),
        State(
            *("errors in a proposal", "ada"),
            args=introduction_of("ben", "ada"),
            send={"minutes": "5", "weeks": ""},
            form="#propose form",
            ends_on="introduction_propose",
        ),
        State(
            *("errors in a message", "ada"),
            args=introduction_of("ada", "yuki"),
            send={"text": ""},
            form="#write",
            ends_on="message_send",
        ),
    ],
    # Cards
    "cards": [State("empty", "nina"), State("filled", "ada"), State("longest", "wanda", is_further=True)],
    "card_new": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("errors", "ada", send={"note": ""}),
    ],
    "card": [
        State("filled", "ada", args=card_of("ada")),
        State("longest", "wanda", args=card_of("wanda"), is_further=True),
        State("taken back", "lou", args=card_of("lou"), is_further=True),
        State(
            *("errors", "ada"),
            args=card_of("ada"),
            send={"address": "no address"},
            form="#send form",
            ends_on="card_send",
        ),
    ],
    "card_edit": [
        State("filled", "ada", args=card_of("ada")),
        State("errors", "ada", args=card_of("ada"), send={"note": ""}),
    ],
    "card_open": [
        State("visitor", args=token_of("ada")),
        State("member", "ben", args=token_of("ada"), is_further=True),
        State("owner", "ada", args=token_of("ada"), is_further=True),
        State("longest", args=token_of("wanda")),
        State("not valid", args=token_of("lou")),
    ],
    "answer": [
        State("visitor", arrive=answer_card_of("ada")),
        State("errors", arrive=answer_card_of("ada"), send={"name": "", "goal": ""}),
    ],
    "answer_side": [
        State("visitor", arrive=say_goal_to("ada")),
        State("some", arrive=say_offer_to("ada"), is_further=True),
        State("longest", arrive=say_goal_to("wanda"), is_further=True),
        State("errors", arrive=say_goal_to("ada"), send={"phrase": ""}),
    ],
    "answer_meet": [State("visitor", arrive=meet("ada")), State("longest", arrive=meet("wanda"), is_further=True)],
    "address_refuse": [
        State("visitor", args=refusal_token),
        State("refused", args=refusal_token, send={}, form="main form", is_further=True),
    ],
    # Two others: Hugo asks Ada and Hana; Ada asks Pia, who says yes, and Mia, who does not, at length
    "proposal_new": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("errors", "ada", send={"one": "", "note": ""}),
    ],
    "proposal": [
        State("filled", "ada", args=proposal_of("hugo", "ada")),
        State("said yes", "pia", args=proposal_of("ada", "pia"), is_further=True),
        State("said not now", "mia", args=proposal_of("ada", "mia"), is_further=True),
        State("made", "ada", args=proposal_of("ada", "pia")),
    ],
    "proposal_choice": [
        State("empty", "nina"),
        State("filled", "petra", is_further=True),
        State("errors", "ada", send={"may_be_proposed": []}),
    ],
    # Reports to staff: Ada has reported Wanda, which was answered, and Yuki
    "report_member": [
        State("filled", "ada", args=page_of("ben")),
        State("longest", "ada", args=page_of("wanda"), is_further=True),
        State("errors", "ada", args=page_of("ben"), send={"reason": []}),
    ],
    "report_conversation": [
        State("filled", "ada", args=introduction_of("ben", "ada"), is_further=True),
        State("errors", "ada", args=introduction_of("ben", "ada"), send={"reason": ["other"]}),
    ],
    "report_message": [
        State("filled", "ada", args=message_to("ada", "yuki")),
        State("errors", "ada", args=message_to("ada", "yuki"), send={"reason": ["other"]}, is_further=True),
    ],
    "reports": [State("empty", "nina"), State("filled", "ada")],
    # Contracts
    "contracts": [State("empty", "nina"), State("filled", "ada"), State("longest", "wanda", is_further=True)],
    "contract_with": [
        State("to begin", "ada", args=introduction_of("ada", "hugo")),
    ],
    "contract": [
        State("gaps, and changes of the other", "ada", args=contract_of("ada", "yuki")),
        State("in force", "hana", args=contract_of("hana", "hugo")),
        State("amended", "ada", args=contract_of("mia", "ada")),
        State("longest", "ben", args=contract_of("wanda", "ben")),
        State("signed by me", "wanda", args=contract_of("wanda", "ben"), is_further=True),
        State("parted", "ada", args=contract_of("pia", "ada"), is_further=True),
        State("taken back", "hugo", args=contract_of("ada", "hugo"), is_further=True),
    ],
    "contract_review": [
        State("early", "vera", args=contract_of("vera", "max"), is_further=True),
        State("parted", "ada", args=contract_of("pia", "ada"), is_further=True),
        State("errors", "hana", args=contract_of("hana", "hugo"), send={"learned": "x" * 601}),
    ],
    "contract_history": [
        State("filled", "ada", args=contract_of("mia", "ada")),
        State("longest", "ben", args=contract_of("wanda", "ben"), is_further=True),
    ],
    "history_state": [
        State("filled", "ada", args=change_of("mia", "ada", "goal-first")),
        State("until now", "ada", args=change_of("mia", "ada", "goal-first"), query="to=now", is_further=True),
        State("longest", "ben", args=change_of("wanda", "ben", "commitment"), is_further=True),
    ],
    "part_add": [
        State("have", "ada", args=with_more(contract_of("ada", "yuki"), "have", "first"), is_further=True),
        State("need", "ada", args=with_more(contract_of("ada", "yuki"), "need", "second"), is_further=True),
        State("commitment", "ada", args=with_more(contract_of("ada", "yuki"), "commitment", "first")),
        State(
            "errors",
            "ada",
            args=with_more(contract_of("ada", "yuki"), "commitment", "first"),
            send={"what": "", "amount": "-3", "by": "2001-01-01"},
        ),
    ],
    "part_edit": [
        State("goal", "ada", args=with_more(contract_of("ada", "yuki"), "goal-first")),
        State("rhythm", "ada", args=with_more(contract_of("ada", "yuki"), "rhythm"), is_further=True),
        State("push", "ada", args=with_more(contract_of("mia", "ada"), "push-second")),
        State(
            "changed meanwhile",
            "ada",
            args=with_more(contract_of("ada", "yuki"), "goal-second"),
            send={"base": "1", "short": "Mine"},
        ),
        State("longest", "ben", args=part_of("wanda", "ben", "commitment"), is_further=True),
        State(
            "errors",
            "ada",
            args=with_more(contract_of("ada", "yuki"), "rhythm"),
            send={"minutes": "5", "first_on": "2001-01-01", "zone": "Mars/Olympus"},
        ),
    ],
    "comments": [
        State("empty", "ada", args=with_more(contract_of("ada", "yuki"), "rhythm")),
        State("filled", "ada", args=with_more(contract_of("ada", "yuki"), "goal-first")),
        State("longest", "ben", args=part_of("wanda", "ben", "commitment"), is_further=True),
        State("on the whole text", "wanda", args=with_more(contract_of("wanda", "ben"), "text"), is_further=True),
        State("errors", "ada", args=with_more(contract_of("ada", "yuki"), "rhythm"), send={"text": ""}),
    ],
    "contract_sign": [
        State("second", "ben", args=contract_of("wanda", "ben"), is_further=True),
        State("errors", "ben", args=contract_of("wanda", "ben"), send={"typed_name": "Somebody"}),
    ],
    "version": [
        State("in force", "hana", args=with_more(contract_of("hana", "hugo"), 1)),
        State("half signed", "ben", args=with_more(contract_of("wanda", "ben"), 1), is_further=True),
        State("parted", "ada", args=with_more(contract_of("pia", "ada"), 1), is_further=True),
    ],
    "version_changes": [State("filled", "ada", args=with_more(contract_of("pia", "ada"), 2))],
    # Meetings and check-ins
    "meetings": [State("empty", "nina"), State("filled", "vera")],
    "calendar": [
        State("no address", "vera"),
        State("without anybody", "nina", is_further=True),
        State("filled", "max"),
    ],
    "weeks": [
        State("before the first", "hana", args=contract_of("hana", "hugo"), is_further=True),
        State("filled", "vera", args=contract_of("vera", "max")),
        State("from the other side", "max", args=contract_of("vera", "max"), is_further=True),
        State("after a silence", "rita", args=contract_of("rita", "sven")),
    ],
    "meeting": [
        State("past", "vera", args=meeting_of("vera", "max", 0)),
        State(
            *("errors in an answer", "vera"),
            args=meeting_of("vera", "max", 0),
            send={"words": "x" * 601},
            form="[action$='/check-in/reply/']",
            ends_on="check_in_reply",
        ),
        State("past and skipped", "max", args=meeting_of("vera", "max", 1), is_further=True),
        State("next", "max", args=meeting_of("vera", "max", 3)),
        State("moved", "vera", args=meeting_of("vera", "max", 4), is_further=True),
        State("cancelled", "max", args=meeting_of("vera", "max", 5), is_further=True),
        State("in a pause", "max", args=meeting_of("vera", "max", 6), is_further=True),
    ],
    "meeting_call": [
        State("filled", "rita", args=meeting_of("rita", "sven", 3)),
        State("from the other side", "sven", args=meeting_of("rita", "sven", 3), is_further=True),
    ],
    "push": [
        State("filled", "rita", args=contract_of("rita", "sven")),
        State("errors", "rita", args=contract_of("rita", "sven"), send={"words": ""}),
    ],
    "meeting_move": [
        State("filled", "vera", args=meeting_of("vera", "max", 3)),
        State("errors", "vera", args=meeting_of("vera", "max", 3), send={"to_on": "", "to_time": ""}),
    ],
    "meeting_cancel": [
        State("filled", "vera", args=meeting_of("vera", "max", 3)),
        State("errors", "vera", args=meeting_of("vera", "max", 3), send={"note": "x" * 301}),
    ],
    "pair_pause": [
        State("filled", "vera", args=contract_of("vera", "max")),
        State("errors", "vera", args=contract_of("vera", "max"), send={"from_on": "", "until_on": "2001-01-01"}),
    ],
    "fit": [
        State("filled", "vera", args=contract_of("vera", "max")),
        State("answered, and longest", "max", args=contract_of("vera", "max"), is_further=True),
        State("errors", "vera", args=contract_of("vera", "max"), send={"says": []}),
    ],
    "still_meeting": [State("asked", "hana", args=contract_of("hana", "hugo"))],
    "check_in": [
        State("filled", "max", args=meeting_of("vera", "max", 3)),
        State("sent", "vera", args=meeting_of("vera", "max", 3), is_further=True),
        State("errors", "max", args=meeting_of("vera", "max", 3), send={"moved": ""}),
    ],
    # Help, and stories
    "pair_help": [
        State("before the first", "hana", args=contract_of("hana", "hugo"), is_further=True),
        State("filled", "vera", args=contract_of("vera", "max")),
        State("from the other side", "max", args=contract_of("vera", "max"), is_further=True),
        State("parted", "ada", args=contract_of("pia", "ada"), is_further=True),
    ],
    "help_say": [
        State("got", "vera", args=promise_of("vera", "max", "second")),
        State("given", "vera", args=promise_of("vera", "max", "first"), is_further=True),
        State("errors", "vera", args=promise_of("vera", "max", "first"), send={"amount": "0", "on": ""}),
    ],
    "help_confirm": [
        State("filled", "vera", args=help_that_waits("vera", "max")),
        State("errors", "vera", args=help_that_waits("vera", "max"), send={"amount": "-1", "words": "x" * 301}),
    ],
    "contract_story": [
        State("filled", "ada", args=contract_of("pia", "ada")),
    ],
    "my_story": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("in force", "vera", is_further=True),
    ],
    # Settings
    "settings": [State("empty", "nina"), State("filled", "ada"), State("two steps", "mia", is_further=True)],
    "preferences": [
        State("empty", "nina"),
        State("filled", "ada"),
        State("errors", "ada", send={"time_zone": "Mars/Olympus"}),
    ],
    "emails": [
        State("empty", "nina"),
        State("filled", "petra"),
        State("errors", "ada", send={"quiet_from": "21:00", "resumes_on": "2001-01-01"}),
    ],
    "emails_stop": [
        State("visitor", args=stop_token_of("ada")),
        State("stopped", args=stop_token_of("petra"), send={}, form="main form"),
    ],
    "pause": [
        State("empty", "nina"),
        State("filled", "petra"),
        State("errors", "ada", send={"until": "2001-01-01"}),
    ],
    "blocked": [State("empty", "nina"), State("filled", "ada")],
    "marked": [State("empty", "nina"), State("filled", "ada")],
    "download": [State("empty", "nina"), State("filled", "ada")],
    "delete_account": [State("empty", "nina"), State("filled", "ada"), State("errors", "ada", send={"word": "no"})],
    # The local inbox
    "inbox": [State("visitor"), State("a mail", arrive=receive_a_mail)],
    "inbox_mail": [State("a mail", arrive=open_newest_mail)],
}

NOT_PAGES: dict[str, Why] = {
    "goal_end": Why.POST_ONLY,
    "goal_reopen": Why.POST_ONLY,
    "listing_move": Why.POST_ONLY,
    "listing_remove": Why.POST_ONLY,
    "listing_restore": Why.POST_ONLY,
    "draft_save": Why.POST_ONLY,
    "draft_discard": Why.POST_ONLY,
    "presence_say": Why.POST_ONLY,
    "partner_mark": Why.POST_ONLY,
    "partner_unmark": Why.POST_ONLY,
    "partner_block": Why.POST_ONLY,
    "partner_unblock": Why.POST_ONLY,
    "introduction_accept": Why.POST_ONLY,
    "introduction_ask": Why.POST_ONLY,
    "introduction_answer": Why.POST_ONLY,
    "introduction_propose": Why.POST_ONLY,
    "introduction_decline": Why.POST_ONLY,
    "introduction_withdraw": Why.POST_ONLY,
    "introduction_close": Why.POST_ONLY,
    "message_send": Why.POST_ONLY,
    "proposal_yes": Why.POST_ONLY,
    "proposal_no": Why.POST_ONLY,
    "proposal_withdraw": Why.POST_ONLY,
    "agenda_tick": Why.POST_ONLY,
    "resume": Why.POST_ONLY,
    "emails_again": Why.POST_ONLY,
    "card_send": Why.POST_ONLY,
    "card_renew": Why.POST_ONLY,
    "card_revoke": Why.POST_ONLY,
    "card_restore": Why.POST_ONLY,
    "card_talk": Why.POST_ONLY,
    "answer_remove": Why.POST_ONLY,
    "card_answer": Why.LEADS_ON,
    "contract_seen": Why.POST_ONLY,
    "contract_standing": Why.FRAGMENT,
    "contract_take_back": Why.POST_ONLY,
    "contract_amend": Why.POST_ONLY,
    "contract_done": Why.POST_ONLY,
    "contract_not_done": Why.POST_ONLY,
    "contract_part": Why.POST_ONLY,
    "contract_renew": Why.POST_ONLY,
    "weeks_csv": Why.NOT_HTML,
    "meetings_ics": Why.NOT_HTML,
    "calendar_feed": Why.NOT_HTML,
    "calendar_renew": Why.POST_ONLY,
    "calendar_close": Why.POST_ONLY,
    "pause_lift": Why.POST_ONLY,
    "meeting_put_back": Why.POST_ONLY,
    "meeting_held": Why.POST_ONLY,
    "meeting_points": Why.FRAGMENT,
    "meeting_tick": Why.POST_ONLY,
    "push_leave": Why.POST_ONLY,
    "check_in_reply": Why.POST_ONLY,
    "help_csv": Why.NOT_HTML,
    "help_not_yet": Why.POST_ONLY,
    "help_let_wait": Why.POST_ONLY,
    "help_take_back": Why.POST_ONLY,
    "help_fine": Why.POST_ONLY,
    "help_ask_again": Why.POST_ONLY,
    "my_story_name": Why.POST_ONLY,
    "check_in_skip": Why.POST_ONLY,
    "check_in_unskip": Why.POST_ONLY,
    "check_in_note": Why.POST_ONLY,
    "part_remove": Why.POST_ONLY,
    "part_restore": Why.POST_ONLY,
    "need_elsewhere": Why.POST_ONLY,
    "comment_resolve": Why.POST_ONLY,
    "comment_reopen": Why.POST_ONLY,
    "comment_take_back": Why.POST_ONLY,
    "comment_put_back": Why.POST_ONLY,
    "signature_take_back": Why.POST_ONLY,
    "version_text": Why.NOT_HTML,
    "version_pdf": Why.NOT_HTML,
    "verify_certificate": Why.NOT_HTML,
    "inbox_empty": Why.POST_ONLY,
    "topics": Why.NOT_HTML,
    "totp_qr": Why.NOT_HTML,
    "download_zip": Why.NOT_HTML,
    "mfa_download_recovery_codes": Why.NOT_HTML,
    "mfa_login_webauthn": Why.NOT_HTML,
    "healthz": Why.NOT_HTML,
    "readyz": Why.NOT_HTML,
    "robots": Why.NOT_HTML,
    "favicon": Why.REDIRECT,
    # The login by a code in a mail is off.
    "account_confirm_login_code": Why.REDIRECT,
    "inbox_mail_html": Why.FRAME,
}

# Django's own pages, for staff, with Django's own look.
NOT_OURS = {"admin"}

# The pages of faults, which have no address: what stands in templates/ under the number.
FAULTS = ["400", "403", "403_csrf", "404", "429", "500", "503"]
