"""No route without an entry in tests/pages.py, and no entry that is not so."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from tests.pages import NOT_OURS, NOT_PAGES, PAGES, Why

# What stands in the address of the routes that take something.
ARGUMENTS = {
    "goal_end": [1, "reached"],
    "goal_reopen": [1],
    "listing_move": [1, "up"],
    "listing_remove": [1],
    "listing_restore": [1],
    "draft_save": ["goal"],
    "draft_discard": ["goal"],
    "partner_mark": [1, "kept"],
    "partner_unmark": [1],
    "partner_block": [1],
    "partner_unblock": [1],
    "introduction_accept": [1],
    "introduction_ask": [1],
    "introduction_answer": [1],
    "introduction_propose": [1],
    "introduction_decline": [1],
    "introduction_withdraw": [1],
    "introduction_close": [1],
    "message_send": [1],
    "agenda_tick": [1],
    **{key: [1] for key in ["card_send", "card_renew", "card_revoke", "card_restore"]},
    "card_talk": ["token"],
    "answer_remove": [1, "offer"],
    "proposal_yes": [1],
    "proposal_no": [1],
    "proposal_withdraw": [1],
    "contract_seen": [1],
    "pause_lift": [1, 1],
    "meeting_put_back": [1, "2026-11-24"],
    "meeting_held": [1, "2026-11-24"],
    "meeting_tick": [1, "2026-11-24"],
    "push_leave": [1],
    "check_in_reply": [1, "2026-11-24"],
    "help_not_yet": [1, 1],
    "help_let_wait": [1, 1],
    "help_take_back": [1, 1],
    "help_fine": [1, "2026-11-24"],
    "help_ask_again": [1, "2026-11-24"],
    "my_story_name": [1],
    "check_in_skip": [1, "2026-11-24"],
    "check_in_unskip": [1, "2026-11-24"],
    "check_in_note": [1, "2026-11-24"],
    "contract_take_back": [1],
    "contract_amend": [1],
    "contract_done": [1],
    "contract_not_done": [1],
    "contract_part": [1],
    "contract_renew": [1],
    **{key: [1, 1] for key in ["comment_resolve", "comment_reopen", "comment_take_back", "comment_put_back"]},
    "signature_take_back": [1],
    "part_remove": [1, "rhythm"],
    "part_restore": [1, "rhythm"],
    "need_elsewhere": [1, "rhythm"],
    "emails_again": ["token"],
}


def routes(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Yield every route of ours."""
    for route in (resolver or get_resolver()).url_patterns:
        if not isinstance(route, URLResolver):
            yield route
        elif route.namespace not in NOT_OURS:
            yield from routes(route)


def test_every_route_stands_in_the_registry_once() -> None:
    names = [route.name for route in routes()]
    assert None not in names
    assert {name: (name in PAGES) + (name in NOT_PAGES) for name in names} == dict.fromkeys(names, 1)


def test_the_registry_names_no_route_that_is_gone() -> None:
    assert PAGES.keys() | NOT_PAGES.keys() == {route.name for route in routes()}


def test_the_states_of_a_page_have_names_of_their_own() -> None:
    for name, states in PAGES.items():
        assert len({state.name for state in states}) == len(states), name


def test_what_members_see_is_looked_at_empty_and_filled() -> None:
    ours = ("accounts.views", "matching.views", "peermentor.views")
    lacking = {}
    for route in routes():
        view = route.callback
        if route.name in PAGES and view.__module__.startswith(ours) and getattr(view, "login_required", True):
            # What an address names is there already: a listing that is changed, a member who is looked at.
            is_there = {"listing_edit", "listing_topic", "card", "card_edit", "proposal"}
            wanted = {"filled"} if route.name in is_there else {"empty", "filled"}
            lacking[route.name] = wanted - {state.name for state in PAGES[route.name]}
    assert len(lacking) > 15
    assert {name: states for name, states in lacking.items() if states} == {}


@pytest.mark.parametrize("name", [name for name, why in NOT_PAGES.items() if why is Why.POST_ONLY])
def test_a_route_for_post_refuses_get(name: str, ada: User, client_of) -> None:
    assert client_of(ada).get(reverse(name, args=ARGUMENTS.get(name, []))).status_code == 405


@pytest.mark.parametrize("name", [name for name, why in NOT_PAGES.items() if why is Why.REDIRECT])
def test_a_route_that_leads_elsewhere_does_so_for_everybody(name: str, ada: User, client_of) -> None:
    for client in (Client(), client_of(ada)):
        assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["topics", "mfa_login_webauthn", "healthz", "readyz", "robots"])
def test_what_is_no_html_says_so(name: str, ada: User, client_of) -> None:
    assert NOT_PAGES[name] is Why.NOT_HTML
    for client in (Client(), client_of(ada)):
        answer = client.get(reverse(name), headers={"Accept": "application/json"})
        assert not answer.headers.get("Content-Type", "").startswith("text/html") or answer.status_code == 302
