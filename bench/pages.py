"""Server time and queries of every page, with the demo community and with 20,000 members.

Each page is asked for in this process, through every middleware, by a demo member who has filled in everything; beside
it a view of Django's that answers with one word and nothing around it. Milliseconds of the wall clock.
"""

import math
import os
import time
from collections.abc import Iterator, Sequence
from io import StringIO

from bench.community import populate, settle
from bench.rows import Row

ASKED = 20
MEMBERS = 20_000
MOST_P95 = 100
# Pages that do more than answer (they send, end or draw something), and those with an answer of another kind.
NOT_A_PAGE = {"healthz", "readyz", "robots", "topics", "download_zip", "totp_qr"}


def rows() -> Iterator[Row]:
    """Measure in a database of our own, which is removed at the end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peermentor.settings")
    import django

    django.setup()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield from measure()
    finally:
        connection.close()
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


def measure() -> Iterator[Row]:
    from django.core.management import call_command

    from accounts.models import User

    call_command("demo", stdout=StringIO())
    settle()
    amara = User.objects.get(email="amara.okafor@demo.example")
    reference = bare_view()
    small = {name: ask(client_of(amara), url) for name, url in pages(amara)}
    populate(MEMBERS)
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

    from accounts.models import Listing
    from matching.ranking import rank

    arguments = {
        "partner": {"member_id": rank(member)[0].member_id},
        "goal_edit": {"horizon": "short"},
        "listing_add": {"side": "offer"},
        "listing_edit": {"listing_id": Listing.objects.owned_by(member).standing()[0].pk},
    }
    client = client_of(member)
    found = []
    for pattern in walk(get_resolver().url_patterns, URLResolver):
        name = pattern.name or ""
        if name in NOT_A_PAGE:
            continue
        try:
            url = reverse(name, kwargs=arguments.get(name, {}))
        except NoReverseMatch:  # an address of something that this member does not have
            continue
        response = client.get(url)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            found.append((name, url))
    return found


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


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]
