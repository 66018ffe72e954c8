"""Server time and queries of every page, with the demo community and with 20,000 members.

Each page is asked for in this process, through every middleware, by a demo member who has filled in everything; beside
it a view of Django's that answers with one word and nothing around it. Milliseconds of the wall clock.
"""

import time
from collections.abc import Iterator
from io import StringIO

from bench.database import own_database
from bench.rows import Row, percentile

ASKED = 20
MEMBERS = 20_000
MOST_P95 = 100
# Pages that do more than answer (they send, end or draw something), and those with an answer of another kind.
NOT_A_PAGE = {"healthz", "readyz", "robots", "topics", "download_zip", "totp_qr"}


def rows() -> Iterator[Row]:
    """Measure in a database of our own."""
    with own_database():
        yield from measure()


def measure() -> Iterator[Row]:
    from django.core.management import call_command

    from accounts.models import User
    from peermentor.communities.made_up import Rule, populate
    from peermentor.communities.people import settle
    from peermentor.memory import settle_memory

    call_command("demo", stdout=StringIO())
    settle_memory()  # as in the process that serves them
    settle()
    amara = User.objects.get(email="amara.okafor@demo.example")
    reference = bare_view()
    small = {name: ask(client_of(amara), url) for name, url in pages(amara)}
    populate(Rule(MEMBERS))
    settle()
    large = {name: ask(client_of(amara), url) for name, url in pages(amara)}
    for name, (times, _queries) in small.items():
        yield Row(f"{name}, demo: p50", percentile(times, 0.5), "ms", reference)
        yield Row(f"{name}, demo: p95", percentile(times, 0.95), "ms", reference, MOST_P95)
    for name, (times, queries) in large.items():
        yield Row(f"{name}, {MEMBERS:,} members: p50", percentile(times, 0.5), "ms", reference)
        yield Row(f"{name}, {MEMBERS:,} members: p95", percentile(times, 0.95), "ms", reference, MOST_P95)
        few = small[name][1]
        yield Row(f"{name}, {MEMBERS:,} members: queries (reference: demo)", queries, "queries", few, few)


def bare_view() -> float:
    """Return the median time of a view without anything around it, in milliseconds."""
    from django.http import HttpResponse
    from django.test import Client, override_settings
    from django.urls import path

    class Bare:
        urlpatterns = [path("", lambda request: HttpResponse("ok"))]

    with override_settings(ROOT_URLCONF=Bare, MIDDLEWARE=[]):
        times, _queries = ask(Client(), "/")
    return percentile(times, 0.5)


def client_of(member):
    from django.test import Client

    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(member, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def pages(member) -> list[tuple[str, str]]:
    """Return the name and address of every page that answers this member with HTML."""
    from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse

    client = client_of(member)

    def is_page(url: str) -> bool:
        response = client.get(url)
        return response.status_code == 200 and response["Content-Type"].startswith("text/html")

    named = {name: reverse(name.partition(",")[0], kwargs=asked) for name, asked in arguments(member).items()}
    missed = [name for name, url in named.items() if not is_page(url)]
    assert not missed, f"No page of the demo community: {', '.join(missed)}"
    found = []
    for pattern in walk(get_resolver().url_patterns, URLResolver):
        name = pattern.name or ""
        try:
            url = reverse(name)
        except NoReverseMatch:  # an address of one thing: those above
            continue
        if name not in NOT_A_PAGE and is_page(url):
            found.append((name, url))
    return [*found, *named.items()]


def arguments(member) -> dict[str, dict[str, object]]:
    """Return what the addresses of one thing ask for, by the name of the address and, after a comma, which thing."""
    from accounts import clock
    from accounts.models import Listing
    from checkins import series
    from contracts.lifecycle import State
    from contracts.models import Contract
    from matching.models import Introduction
    from matching.ranking import rank

    introductions = Introduction.objects.visible_to(member)
    met = {pk for pair in introductions.values_list("inviter", "invited") for pk in pair}
    partners = [place.member_id for place in rank(member)]
    contracts = Contract.objects.visible_to(member)
    draft, signed = contracts.get(state=State.DRAFT), contracts.get(state=State.SIGNED_BY_ONE)
    in_draft, side = {"contract_id": draft.pk}, draft.side_of(member)
    talk = introductions.filter(state="accepted", contracts=None).get()
    held = contracts.get(state=State.IN_FORCE)
    found = series.of(held)
    assert found is not None
    past = [one for one in found.all() if one.at <= clock.now()]
    to_come = found.between(clock.now(), clock.now().replace(year=9000))
    next_meeting = {"contract_id": held.pk, "on": next(one.on for one in to_come if one.takes_place)}
    return {
        "contract, in force": {"contract_id": held.pk},
        "weeks": {"contract_id": held.pk},
        "pair_pause": {"contract_id": held.pk},
        "meeting, past": {"contract_id": held.pk, "on": past[0].on},
        **dict.fromkeys(["meeting, next", "meeting_move", "meeting_cancel", "check_in"], next_meeting),
        "partner": {"member_id": partners[0]},
        "goal_edit": {"horizon": "short"},
        "listing_add": {"side": "offer"},
        "listing_edit": {"listing_id": Listing.objects.owned_by(member).standing()[0].pk},
        "introduction_invite": {"member_id": next(pk for pk in partners if pk not in met)},
        "introduction, a conversation": {"introduction_id": talk.pk},
        "introduction, to answer": {"introduction_id": introductions.get(state="sent", invited=member).pk},
        "introduction, asked for more": {"introduction_id": introductions.get(state="sent", inviter=member).pk},
        "contract_with": {"introduction_id": talk.pk},
        "contract, a draft": in_draft,
        "contract, signed by the other": {"contract_id": signed.pk},
        "contract_history": {"contract_id": signed.pk},
        "contract_sign": {"contract_id": signed.pk},
        "version": {"contract_id": signed.pk, "number": 1},
        **{f"part_edit, {kind}": in_draft | {"key": key} for kind, key in parts(draft, side).items()},
        **{
            f"part_add, {kind}": in_draft | {"kind": kind, "side": side.value}
            for kind in ("have", "need", "commitment")
        },
    }


def parts(contract, side) -> dict[str, str]:
    """Return one part of each kind that the contract has, by its kind."""
    from contracts.document import parse_key
    from contracts.draft import contents

    keys = sorted(contents(contract))
    return {key.kind: str(key) for key in map(parse_key, keys) if key.side in {side, None}}


def walk(patterns, resolver_class):
    for pattern in patterns:
        if not isinstance(pattern, resolver_class):
            yield pattern
        elif pattern.namespace != "admin":
            yield from walk(pattern.url_patterns, resolver_class)


def ask(client, url: str) -> tuple[list[float], int]:
    """Ask for a page again and again; return the milliseconds of each time and the number of queries of the last."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(url)  # templates are compiled at the first
    times = []
    for _time in range(ASKED):
        began = time.perf_counter()
        response = client.get(url)
        times.append((time.perf_counter() - began) * 1000)
        assert response.status_code == 200, (url, response.status_code)
    with CaptureQueriesContext(connection) as queries:
        client.get(url)
    return times, len(queries)
