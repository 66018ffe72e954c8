import datetime as dt
import os
import subprocess
import sys

import pytest
from django.db import connection
from django.urls import reverse

from accounts import clock
from accounts.models import Block
from tests.people import member


def seen_with(offset: str) -> tuple[str, str]:
    """Ask another process, started with this CLOCK_OFFSET, for its clock and for the true time."""
    program = (
        "import django; django.setup()\n"
        "from accounts import clock; from django.db import connection\n"
        "connection.ensure_connection()\n"
        "print((clock.now() - connection.cursor().execute('select now()').fetchone()[0]).total_seconds())\n"
    )
    settings = connection.settings_dict
    url = (
        f"postgres://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    )
    environment = {**os.environ, "DATABASE_URL": url, "CLOCK_OFFSET": offset}
    environment["DJANGO_SETTINGS_MODULE"] = "peermentor.settings"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip(), done.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("offset", "seconds"), [("", 0), ("3 04:00:00", 273600), ("P1D", 86400), ("-3600", -3600)])
def test_the_offset_moves_the_clock(offset, seconds):
    printed, errors = seen_with(offset)
    assert printed, errors
    assert abs(float(printed) - seconds) < 1


def test_an_offset_that_is_no_duration_is_refused_in_words():
    _printed, errors = seen_with("tomorrow")
    assert "CLOCK_OFFSET is a duration, such as `3 04:00:00` or `P3DT4H`." in errors


@pytest.mark.django_db
def test_a_default_of_a_column_reads_the_same_clock():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL peermentor.clock_offset = 86400")
    ada, ben = member("ada@example.org", "Ada"), member("ben@example.org", "Ben")
    block = Block.objects.create(blocker=ada, blocked=ben)
    block.refresh_from_db()
    assert abs(block.blocked_at - clock.now()) < dt.timedelta(minutes=1)
    assert clock.now() > dt.datetime.now(dt.UTC) + dt.timedelta(hours=23)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["goal_edit", "welcome_goal"])
def test_a_goal_is_due_by_the_one_clock(client_of, name):
    """A day that is to come on the machine's clock, and has passed on ours."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL peermentor.clock_offset = 2592000")
    client = client_of(member("ada@example.org", "Ada"))
    address = reverse(name, args=["short"] if name == "goal_edit" else [])
    in_ten_days = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=10)
    page = client.post(address, {"text": "A draft", "due_on": in_ten_days.isoformat()}).content.decode()
    assert "That day has passed." in page


@pytest.mark.django_db
def test_home_shows_the_day_of_the_one_clock(client_of):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL peermentor.clock_offset = 2592000")
    page = client_of(member("ada@example.org", "Ada")).get(reverse("home")).content.decode()
    assert f"{clock.now():%A} {clock.now().day} {clock.now():%B}" in page
