import datetime as dt
import os
import subprocess
import sys

import pytest
from django.db import connection

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
