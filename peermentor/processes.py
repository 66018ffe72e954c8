"""The processes that Peermentor consists of, and the commands that start them: the only place that says so.

    python -m peermentor.processes web|worker|beat|meaning|migrate

The supervisor of `make run`, the container image and docker-compose.yml all start them from here.
"""

import os
import sys


def web() -> list[str]:
    """Serves pages. Holds no state: any number of them may run. Listens on HOST:PORT."""
    return [
        *("-m", "uvicorn", "peermentor.asgi:application"),
        *("--host", os.environ.get("HOST") or "127.0.0.1", "--port", os.environ.get("PORT") or "8000"),
        # Django reads X-Forwarded-*, from as many proxies as TRUSTED_PROXIES says; uvicorn must not rewrite it first.
        "--no-proxy-headers",
        "--no-server-header",
        # Addresses hold one-time keys (a link to reset a password), which have no place in a log.
        "--no-access-log",
        # Sockets are for drafts alone; a single message on one is an update of a text.
        *("--lifespan", "off", "--ws", "websockets-sansio", "--ws-max-size", str(1024 * 1024)),
        # Longer than the proxy keeps an idle connection, so that it never writes to one that we have just closed.
        *("--timeout-keep-alive", "75", "--timeout-graceful-shutdown", "8"),
    ]


def worker() -> list[str]:
    """Does what must not hold up a page: sends notices, keeps house. Any number of them may run."""
    return [
        *("-m", "celery", "--quiet", "--app", "peermentor.celery", "worker"),
        *("--loglevel", "WARNING", "--concurrency", os.environ.get("WORKER_CONCURRENCY") or "2"),
        *("--without-gossip", "--without-mingle", "--hostname", "worker@%h"),
    ]


def beat() -> list[str]:
    """Ticks: asks the workers for the periodic tasks of peermentor.celery. One is enough; a second does no harm."""
    return [
        *("-m", "celery", "--quiet", "--app", "peermentor.celery", "beat"),
        *("--loglevel", "WARNING", "--scheduler", "peermentor.celery:Ticker"),
    ]


def meaning() -> list[str]:
    """Finds topics by what is meant. Alone holds the models (TOPIC_ENGINE); one is enough, more do no harm."""
    return ["manage.py", "meaning"]


def migrate() -> list[str]:
    """Ends by itself: brings the database to this version, before any process of this version starts."""
    return ["manage.py", "release"]


COMMANDS = {"web": web, "worker": worker, "beat": beat, "meaning": meaning, "migrate": migrate}


def command(name: str) -> list[str]:
    """The full command of a process, with this very Python."""
    return [sys.executable, *COMMANDS[name]()]


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        raise SystemExit(f"Which one? python -m peermentor.processes {'|'.join(COMMANDS)}")
    argv = command(sys.argv[1])
    os.execv(argv[0], argv)  # noqa: S606 - one of ours, and no shell is wanted
