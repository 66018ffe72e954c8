"""What Peermentor takes from a machine: time to the first page, memory, bytes on the wire."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
from playwright.sync_api import BrowserContext, sync_playwright

from bench.rows import Row
from tests.browser import chromium
from tools.places import ROOT, free_port, remove

COLD_START = 150  # seconds
SECOND_START = 10  # seconds
WEB_MEMORY = 180  # MB
ALL_MEMORY = 1000  # MB
PAGE_WEIGHT = 70  # kB

# A machine where nothing of ours was ever installed: a home of its own, and none of our settings.
OURS = {
    "DATABASE_URL",
    "REDIS_URL",
    "DEBUG",
    "MAKELEVEL",
    "MAKEFLAGS",
    "MFLAGS",
    "VIRTUAL_ENV",
    "DATA_DIR",
    "PYTHONPATH",
}
CACHES = {"XDG_CACHE_HOME", "PIP_CACHE_DIR", "NPM_CONFIG_CACHE", "npm_config_cache"}


class Clone:
    """A fresh clone of the last commit, and `make run` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "clone", free_port()
        (folder / "home").mkdir()
        self.log = folder / "log"
        inherited = {key: value for key, value in os.environ.items() if key not in OURS | CACHES}
        venv = str(Path(sys.executable).parent)
        path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != venv)
        self.environment = {**inherited, "PATH": path, "HOME": str(folder / "home"), "PORT": str(self.port)}
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(self.folder)], check=True)

    def start(self) -> float:
        """`make run` until the first page is served; the seconds that it took."""
        begun = time.monotonic()
        with self.log.open("a") as log:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self.serves():
            if self.make.poll() is not None or time.monotonic() - begun > 900:
                raise RuntimeError(f"`make run` did not serve a page:\n{self.log.read_text()}")
            time.sleep(0.1)
        took = time.monotonic() - begun
        while "Ctrl-C stops it." not in self.log.read_text():
            time.sleep(0.1)
        return took

    def serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/", timeout=5) as answer:
                return b"</html>" in answer.read()
        except OSError:
            return False

    def login(self) -> tuple[str, str]:
        """Address and password of a demo member, as they were printed."""
        said = self.log.read_text()
        password = re.search(r"password (\S+)", said)
        address = re.search(r"(\S+@\S+)", said)
        assert password
        assert address
        return address[1], password[1]

    def stop(self) -> None:
        os.killpg(self.make.pid, signal.SIGINT)
        self.make.wait(60)
        self.log.write_text("")


def rows() -> Iterator[Row]:
    """The figures of one fresh clone, started twice."""
    folder = Path(tempfile.mkdtemp(prefix="peermentor-bench-"))
    folder.chmod(0o755)  # root's PostgreSQL is another user, who has to get there
    clone = Clone(folder)
    try:
        yield Row("clone to first page, cold caches", clone.start(), "s", target=COLD_START)
        clone.stop()
        yield Row("second start to first page", clone.start(), "s", target=SECOND_START)
        weights = list(pages(clone))
        yield from memory(clone)
        yield from weights
    finally:
        if clone.make.poll() is None:
            clone.stop()
        remove(clone.folder / ".data")
        shutil.rmtree(folder, ignore_errors=True)


def memory(clone: Clone) -> Iterator[Row]:
    """Memory after every page was asked for. Shared memory counts once (PSS) where the system tells it."""
    supervisor = psutil.Process(clone.make.pid).children()[0]
    total = _megabytes(supervisor)
    for child in supervisor.children():
        arguments = " ".join(child.cmdline())
        names = {
            "uvicorn": "web",
            " worker ": "worker",
            " beat ": "beat",
            "manage.py meaning": "meaning",
            "postgres": "PostgreSQL",
            "valkey": "Valkey",
        }
        name = next((name for sign, name in names.items() if sign in arguments), child.name())
        size = sum(_megabytes(process) for process in [child, *child.children(recursive=True)])
        total += size
        yield Row(f"memory, {name}", size, "MB", target=WEB_MEMORY if name == "web" else None)
    yield Row("memory, everything together", total, "MB", target=ALL_MEMORY)


def _megabytes(process: psutil.Process) -> float:
    full = process.memory_full_info()
    return float(getattr(full, "pss", full.rss)) / 1e6


def pages(clone: Clone) -> Iterator[Row]:
    """The bytes of each page with all that it fetches, for somebody who comes for the first time."""
    path = chromium.find()
    if path is None:
        raise RuntimeError(chromium.HOW_TO_GET_ONE)
    address, password = clone.login()
    base = f"http://localhost:{clone.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        stranger = browser.new_context()
        member = browser.new_context()
        page = member.new_page()
        page.goto(f"{base}/accounts/login/")
        page.fill("input[name=login]", address)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(f"{base}/partners/")
        partner = page.locator("main a[href^='/partners/']").first.get_attribute("href")
        page.close()
        state = member.storage_state()
        stranger.close()
        member.close()
        for who, storage in (("stranger", None), ("member", state)):
            for where in [*addresses(), partner or ""]:
                context = browser.new_context(storage_state=storage)  # of its own: nothing is cached
                weight = weigh(context, base, where)
                context.close()
                if weight is not None:
                    yield Row(f"{where}, {who}", weight / 1000, "kB", target=PAGE_WEIGHT)
        browser.close()


def addresses() -> list[str]:
    """Every address of the site that needs no key, from the resolver."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peermentor.settings")
    django.setup()
    from django.urls import URLPattern, get_resolver

    def walk(patterns: list, prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern).removeprefix("^").removesuffix("$")
            if isinstance(pattern, URLPattern):
                yield "/" + route
            else:
                yield from walk(pattern.url_patterns, route)

    ignored = ("/admin/", "/dev/", "/healthz", "/readyz", "/robots.txt", "/accounts/logout/")
    found = [one for one in walk(get_resolver().url_patterns, "") if not re.search(r"[<(\\?*]", one)]
    return sorted({one for one in found if not one.startswith(ignored)})


def weigh(context: BrowserContext, base: str, where: str) -> int | None:
    """The bytes that came over the wire for a page; None if there is no page there for this visitor."""
    asked = context.request.get(base + where, max_redirects=0)
    if asked.status != 200 or "text/html" not in asked.headers.get("content-type", ""):
        return None
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    page.goto(base + where, wait_until="networkidle")
    return sum(received)
