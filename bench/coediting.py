"""Two people type in one draft before two web processes: how soon it is on the other's screen, and safe.

Keys are pressed in Chromium, on the page of the draft; the rest is measured by clients in Node, with a plain
y-websocket. The reference is the plain y-websocket server in the same run, with the same clients: one process that
keeps documents in its memory, asks nobody who they are and writes nothing down. It acknowledges nothing; there an
update counts as acknowledged when it comes back to its author. PostgreSQL waits for the disk, as in `make run`.
Milliseconds of the wall clock; servers, clients and browser share the cores.
"""

import base64
import os
import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

from bench.database import own_database
from bench.live import Clients, Plain, address_of, plain_server, rows_of_own_process, two_processes, write_rows
from bench.rows import Row, percentile

KEYS = 200
KEYS_A_SECOND = 8
PAIRS = 10
UPDATES = 5_000
OPENED = 20
SECONDS = 15
RESTARTS, TABS_CLOSED = 5, 10
FIELD = "goal-first.short"

# In the page: when each letter of ours was pressed, and when each of theirs was painted, on the clock of the machine.
WATCH = """([name, theirs]) => {
    const box = document.querySelector(`[name="${name}"]`);
    const count = () => [...box.value].filter((letter) => theirs.includes(letter)).length;
    const now = () => performance.timeOrigin + performance.now();
    window.pressed = [];
    window.painted = [];
    let seen = count();
    box.addEventListener("keydown", (event) => window.pressed.push(performance.timeOrigin + event.timeStamp), true);
    const paint = new MessageChannel();
    paint.port1.onmessage = ({ data }) => {
        for (; seen < data; seen += 1) window.painted.push(now());
    };
    const look = () => {
        // What stands in the box as a frame begins is painted with it; the message comes after.
        if (count() > seen) paint.port2.postMessage(count());
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
# In the page: when the other was last said to be here.
WATCH_HERE = """() => {
    const sign = document.querySelector("[data-bar] [data-here]");
    window.gone = 0;
    new MutationObserver(() => {
        if (sign.textContent === "") window.gone = performance.timeOrigin + performance.now();
    }).observe(sign, { childList: true, characterData: true, subtree: true });
}"""


def rows() -> Iterator[Row]:
    """Measure in a process and in a database of our own."""
    yield from rows_of_own_process("bench.coediting")


def measure() -> Iterator[Row]:
    long, clean, *contracts = drafts(PAIRS + 2)
    with two_processes() as webs, plain_server() as plain:
        yield from across(contracts[0], webs, plain)
        yield from load(contracts, webs, plain)
        yield from opening(long, webs, plain)
        yield from screens(clean, webs)


def drafts(count: int) -> list[Any]:
    """As many drafts, each of two people."""
    from contracts.actions import drafting
    from tests.pairs import introduce
    from tests.people import member, settle

    found = []
    for number in range(count):
        ada = settle(member(f"ada{number}@bench.example", "Ada"), offers={"Writing": 3}, needs={"Bookkeeping": 3})
        ben = settle(member(f"ben{number}@bench.example", "Ben"), offers={"Bookkeeping": 2}, needs={"Writing": 2})
        found.append(drafting.start(by=ada, introduction_id=introduce(ada, ben).pk))
    return found


# --- Clients in Node --------------------------------------------------------------------------------------------------


def seat(contract: Any, web: Any, person: Any) -> dict[str, Any]:
    """Where a client of ours connects to, and as whom."""
    from tests.contracts.live.tabs import cookie_of

    address = address_of(web)
    return {
        "address": address,
        "addresses": [address],
        "room": f"{contract.pk}/",
        "cookie": cookie_of(person),
        "acknowledges": True,
    }


def seat_at(plain: Plain, room: str) -> dict[str, Any]:
    return {
        "address": plain.address,
        "addresses": [plain.address],
        "room": room,
        "cookie": "",
        "acknowledges": False,
    }


def across(contract: Any, webs: list[Any], plain: Plain) -> Iterator[Row]:
    ends = {"from": seat(contract, webs[0], contract.first), "to": seat(contract, webs[1], contract.second)}
    with Clients("load.mjs") as clients:
        ours = clients("across", letters=KEYS, rate=KEYS_A_SECOND * 2, **ends)["times"]
        there = seat_at(plain, "across")
        theirs = clients("across", letters=KEYS, rate=KEYS_A_SECOND * 2, **{"from": there, "to": there})["times"]
    yield Row("typed here and not there, without a browser", KEYS - len(ours), "letters", target=0)
    yield from shares("typed here to known there, without a browser", ours, theirs)


def load(contracts: list[Any], webs: list[Any], plain: Plain) -> Iterator[Row]:
    """Twenty people on ten drafts, two on each."""
    both = [
        seat(contract, web, person)
        for contract in contracts
        for web, person in ((webs[0], contract.first), (webs[1], contract.second))
    ]
    at_one = [seat(c, webs[0], person) for c in contracts for person in (c.first, c.second)]
    there = [seat_at(plain, f"load{number}") for number in range(PAIRS) for _each in range(2)]
    before = size_of_the_log()
    with Clients("load.mjs") as clients:
        ours = clients("steady", sockets=both, rate=100, seconds=SECONDS)["times"]
        theirs = clients("steady", sockets=there, rate=100, seconds=SECONDS)["times"]
        yield from shares("committed and acknowledged, 100 updates a second", ours, theirs, p95=50)
        theirs = clients("full", sockets=there, seconds=SECONDS, window=4)
        for name, sockets in (("20 people on 10 drafts", at_one), ("2 people on 1 draft", at_one[:2])):
            spent = cpu_of(webs[0])
            ours = clients("full", sockets=sockets, seconds=SECONDS, window=4)
            spent = cpu_of(webs[0]) - spent
            if len(sockets) == 2:
                theirs = clients("full", sockets=there[:2], seconds=SECONDS, window=4)
            a_second, theirs_a_second = (said["count"] / SECONDS for said in (ours, theirs))
            target = 1000 / 300 if len(sockets) > 2 else None
            yield Row(f"one process, {name}: updates a second", a_second, "updates", theirs_a_second)
            name = f"one process, {name}: time for each (300 a second: 3.33)"
            yield Row(name, 1000 / a_second, "ms", 1000 / theirs_a_second, target)
            yield Row(f"one process, {len(sockets)} people: its own CPU for each", spent / len(ours["times"]), "ms")
            yield Row(
                f"one process, {len(sockets)} people: acknowledged, p95 under full load",
                percentile(ours["times"], 0.95),
                "ms",
                percentile(theirs["times"], 0.95),
            )
    yield from storage(before)


def cpu_of(web: Any) -> float:
    """Return the milliseconds that a web process has spent computing."""
    import psutil

    times = psutil.Process(web.pid).cpu_times()
    return float(times.user + times.system) * 1000


def size_of_the_log() -> tuple[int, int, int]:
    """Return how many updates there are, their own bytes, and those of the table with its indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(sum(octet_length(data)), 0) FROM contracts_draftupdate")
        rows, raw = cursor.fetchone()
        cursor.execute("SELECT pg_total_relation_size('contracts_draftupdate')")
        return int(rows), int(raw), int(cursor.fetchone()[0])


def storage(before: tuple[int, int, int]) -> Iterator[Row]:
    rows, raw, size = (after - was for after, was in zip(size_of_the_log(), before, strict=True))
    yield Row(
        f"stored a keystroke, table and indexes, of {rows:,} (reference: the update itself)",
        size / rows,
        "bytes",
        raw / rows,
    )


def opening(contract: Any, webs: list[Any], plain: Plain) -> Iterator[Row]:
    """From connecting to synced, with a log of many updates: as it was typed, and after the first page has read it."""
    from contracts.actions import drafting
    from contracts.models import Contract

    with Clients("load.mjs") as stays, Clients("load.mjs") as clients:
        said = stays("updates", count=UPDATES)
        there = seat_at(plain, "opening")
        stays("fill", at=there, updates=said["updates"])
        theirs = clients("open", at=there, times=OPENED, characters=said["characters"])["times"]

        held = Contract.objects.get(pk=contract.pk)
        write_log(held, said["updates"])
        ours = seat(held, webs[0], held.first)
        for words in (
            f"a draft of {UPDATES:,} updates opened, nothing merged yet",
            "the same after a page has read it",
        ):
            times = clients("open", at=ours, times=OPENED, characters=said["characters"])["times"]
            yield from shares(words, times, theirs, p95=500)
            began = time.perf_counter()
            drafting.catch_up(held.pk)
            if "nothing" in words:
                spent = time.perf_counter() - began
                yield Row(f"the first page reads {UPDATES:,} updates that nobody has read", spent * 1000, "ms")


def write_log(contract: Any, updates: Sequence[str]) -> None:
    """Put into a draft what somebody typed, as if each letter had come over a socket."""
    from django.db import transaction

    from contracts import draft
    from contracts.lifecycle import Side

    with transaction.atomic():
        for update in updates:
            draft.append(contract, base64.b64decode(update), by=Side.FIRST)


def shares(name: str, ours: list[float], theirs: list[float] | None, **targets: float) -> Iterator[Row]:
    """The usual shares of times: p50, p95, p99."""
    for words, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        reference = percentile(theirs, share) if theirs else None
        yield Row(f"{name}: {words}", percentile(ours, share), "ms", reference, targets.get(words))


# --- Two screens ------------------------------------------------------------------------------------------------------


def screens(contract: Any, webs: list[Any]) -> Iterator[Row]:
    """Two browsers on the page of the draft, each before another web process."""
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium
    from tests.contracts.live.tabs import cookie_of

    path = chromium.find()
    assert path, chromium.HOW_TO_GET_ONE
    # Before the browser: while it runs, Django takes its event loop for ours.
    cookies = [cookie_of(contract.first), cookie_of(contract.second)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
        try:
            contexts = []
            for web, cookie in zip(webs, cookies, strict=True):
                name, value = cookie.split("=", 1)
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                context.add_cookies([{"name": name, "value": value, "url": web.server.url, "httpOnly": True}])
                contexts.append(context)
            pages = [open_draft(context, web, contract) for context, web in zip(contexts, webs, strict=True)]
            yield from typing(pages)
            yield from leaving(pages[0], contexts[1], webs[1], contract)
            yield from coming_back(pages[0], webs[0])
        finally:
            browser.close()


def open_draft(context: Any, web: Any, contract: Any) -> Any:
    page = context.new_page()
    page.goto(f"{web.server.url}/contracts/{contract.pk}/")
    page.locator(f'[name="{FIELD}"]').wait_for()
    return page


def typing(pages: list[Any]) -> Iterator[Row]:
    """Both type in the same box: one in capitals, the other in small letters."""
    alphabets = ["ABCDEFGHJK", "abcdefghjk"]
    for page, theirs in zip(pages, reversed(alphabets), strict=True):
        page.evaluate(WATCH, [FIELD, theirs])
        page.locator(f'[name="{FIELD}"]').click()
    for number in range(KEYS):
        for page, ours in zip(pages, alphabets, strict=True):
            page.keyboard.press(ours[number % len(ours)])
            time.sleep(0.5 / KEYS_A_SECOND)
    deadline = time.monotonic() + 10
    while any(len(page.evaluate("window.painted")) < KEYS for page in pages) and time.monotonic() < deadline:
        time.sleep(0.1)
    times, missing = [], 0
    for one, other in (pages, pages[::-1]):
        pressed, painted = one.evaluate("window.pressed"), other.evaluate("window.painted")
        missing += KEYS - len(painted)
        times += [after - before for before, after in zip(pressed, painted, strict=False)]
    yield Row(f"keys pressed and not painted on the other screen, of {2 * KEYS}", missing, "keys", target=0)
    yield from shares("key pressed to painted on the other screen, both in one box", times, None, p95=100, p99=250)


def leaving(page: Any, context: Any, web: Any, contract: Any) -> Iterator[Row]:
    """A tab is closed: how soon the other screen no longer says that somebody is here."""
    page.evaluate(WATCH_HERE)
    times = []
    for other in [*context.pages, *[None] * (TABS_CLOSED - 1)]:
        leaves = other or open_draft(context, web, contract)
        assert wait(lambda: page.locator("[data-bar] [data-here]").text_content() != ""), "Nobody is said to be here."
        page.evaluate("window.gone = 0")
        began = time.time() * 1000
        leaves.close()
        assert wait(lambda: page.evaluate("window.gone") > 0, seconds=60), "The one who left is still said to be here."
        times.append((page.evaluate("window.gone") - began) / 1000)
    yield Row(f"presence gone after a tab was closed: slowest of {TABS_CLOSED}", max(times), "s", target=1)


def coming_back(page: Any, web: Any) -> Iterator[Row]:
    """The web process is killed while one types, and started again: from its first answer until all is saved."""
    times = []
    for number in range(RESTARTS):
        page.locator(f'[name="{FIELD}"]').press_sequentially("typed while it goes ", delay=20)
        web.kill()
        page.locator(f'[name="{FIELD}"]').press_sequentially(f"and without it {number} ", delay=20)
        time.sleep(random.uniform(0, 3))
        assert page.locator("[data-draft-editor]").get_attribute("data-saved") == "no"
        web.start()
        began = time.monotonic()
        assert wait(lambda: page.locator("[data-draft-editor]").get_attribute("data-saved") == "yes", seconds=60)
        times.append(time.monotonic() - began)
    yield Row(f"saved again after the web process was back: slowest of {RESTARTS}", max(times), "s", target=5)


def wait(what: Any, *, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


if __name__ == "__main__":
    os.environ.setdefault("DEBUG", "1")
    with own_database():
        write_rows(measure())
