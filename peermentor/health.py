"""Whether this installation works, for whoever watches it: one word, or a sentence for each part."""

import asyncio
import time
from collections.abc import Awaitable
from typing import TypeVar

import psycopg
import redis.asyncio
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.meaning.resolving import READY
from accounts.notices.watching import STANDING, Standing
from peermentor.heartbeats import BEAT, DRAIN, KEPT, WORK, WORKER

Answer = TypeVar("Answer")

PATIENCE = 1.5  # seconds that PostgreSQL and Redis have to answer
LATE = 30  # seconds after which a heartbeat is missed; they come every few seconds
WORK_LATE = 60  # the same for the task that beat asks for every ten seconds
MAIL_LATE = 900  # seconds that a mail may be due before something is wrong: a mail server may be away for a while

# The last answer: however often a stranger asks, the services are asked once a second.
_last: tuple[float, str, int] = (-1.0, "", 503)


@login_not_required
@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process lives. Answered by HealthMiddleware already, so that no host check stands in its way."""
    return _plain("ok\n", 200)


@login_not_required
@require_safe
@never_cache
async def readyz(request: HttpRequest) -> HttpResponse:
    """Whether database, Redis, worker and beat answer: 200 when all do, else 503; within two seconds."""
    global _last
    asked_at, text, status = _last
    if time.monotonic() - asked_at > 1 or asked_at < 0:
        notices, ages = await asyncio.gather(_in_time(_ask_database()), _in_time(ask_redis()))
        sentences = [
            _about_database(notices),
            *_about_heartbeats(ages),
            _about_notices(notices, ages),
            _about_topics(ages),
        ]
        text = "".join(f"{sentence}\n" for _fine, sentence in sentences)
        status = 200 if all(fine for fine, _sentence in sentences) else 503
        _last = (time.monotonic(), text, status)
    return _plain(text, status)


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(
        text, status=status, content_type="text/plain; charset=utf-8", headers={"X-Robots-Tag": "noindex"}
    )


async def _in_time(question: Awaitable[Answer]) -> Answer | None:
    """The answer, or None when there is none in time. Why stays in the log of the service: strangers read this page."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await question
    except (TimeoutError, OSError, psycopg.Error, redis.RedisError):
        return None


async def _ask_database() -> Standing | None:
    # A connection of its own: one from the pool would say that the pool answers.
    wanted = {"host", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "options"}
    parameters = {key: value for key, value in connection.get_connection_params().items() if key in wanted}
    async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as own:
        found = await (await own.execute(STANDING)).fetchone()
    return Standing(*found) if found else None


async def ask_redis() -> dict[str, int | None]:
    """The age of each heartbeat in seconds, None for one that is not known."""
    keys = (BEAT, WORKER, WORK, DRAIN, READY)
    async with redis.asyncio.Redis.from_url(settings.CELERY_BROKER_URL) as client:
        left = [await client.ttl(key) for key in keys]
    return {key: KEPT - seconds if seconds >= 0 else None for key, seconds in zip(keys, left, strict=True)}


def _about_database(answer: Standing | None) -> tuple[bool, str]:
    return (True, _("Database: answers.")) if answer else (False, _("Database: does not answer."))


def _about_heartbeats(ages: dict[str, int | None] | None) -> list[tuple[bool, str]]:
    if ages is None:
        return [
            (False, _("Redis: does not answer.")),
            (False, _("Worker: not known, since Redis does not answer.")),
            (False, _("Beat: not known, since Redis does not answer.")),
        ]
    beat_lives, worker_lives = _is_recent(ages[BEAT], LATE), _is_recent(ages[WORKER], LATE)
    works = _is_recent(ages[WORK], WORK_LATE)
    worker = _("Worker: %(answer)s.") % {"answer": last_answered(ages[WORKER])}
    # Without beat nobody asks the worker for anything, so that its silence about work says nothing.
    if worker_lives and beat_lives and not works:
        worker = _("Worker: lives, but does not work.") if ages[WORK] else _("Worker: lives, and has done nothing yet.")
    return [
        (True, _("Redis: answers.")),
        (worker_lives and (works or not beat_lives), worker),
        (beat_lives, _("Beat: %(answer)s.") % {"answer": last_answered(ages[BEAT])}),
    ]


def _about_notices(notices: Standing | None, ages: dict[str, int | None] | None) -> tuple[bool, str]:
    """How the mails stand. Late ones are a fault; those that failed are for staff to look at."""
    if notices is None:
        return False, _("Mail: not known, since the database does not answer.")
    late = notices.oldest_due_seconds or 0
    oldest = _("the oldest that is due has waited for %(age)s") % {"age": in_time_words(late)}
    said = [
        oldest if late > LATE else _("none is late"),
        _("leases run out: %(count)d") % {"count": notices.stale_leases},
        _("failed: %(count)d") % {"count": notices.failed},
    ]
    if ages is not None:
        said.append(_("last looked: %(ago)s") % {"ago": ago(ages[DRAIN])})
    return late <= MAIL_LATE, _("Mail: %(said)s.") % {"said": "; ".join(said)}


def _about_topics(ages: dict[str, int | None] | None) -> tuple[bool, str]:
    """How phrases find topics. That the process `meaning` is away is no fault: spelling answers in its place."""
    if settings.TOPIC_ENGINE == "none":
        return True, _("Topics: found by spelling, as is set.")
    if ages is None or ages[READY] is None:
        return True, _("Topics: found by spelling, since the process `meaning` does not answer, or not yet.")
    return True, _("Topics: found by meaning.")


def in_time_words(seconds: int) -> str:
    """Return so many seconds as people say them."""
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = seconds // 60
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}


def _is_recent(age: int | None, limit: int) -> bool:
    return age is not None and age <= limit


def last_answered(age: int | None) -> str:
    """Say when a heartbeat came last."""
    if age is None:
        return _("has not answered yet, or not for a day")
    if age < 120:
        return ngettext("last answered %(n)d second ago", "last answered %(n)d seconds ago", age) % {"n": age}
    return ngettext("last answered %(n)d minute ago", "last answered %(n)d minutes ago", age // 60) % {"n": age // 60}


def ago(age: int | None) -> str:
    """Say how long ago something was done."""
    if age is None:
        return _("not yet, or not for a day")
    return _("%(time)s ago") % {"time": in_time_words(age)}
