"""`make run`: servers, web, worker, beat and meaning, started in order, watched, and stopped in order by one Ctrl-C."""

import http.client
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

import psutil

from peermentor import processes
from tools.child import Child, end_with_my_parent, ended_with_its_parent
from tools.places import DATA, ROOT, Trouble, die, hold, make_private, say
from tools.services import STOPS, Postgres, Services, Valkey

LOGS = DATA / "logs"
SHOWN = 20  # lines of a log shown at once; the rest is in the file
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before a process that died is started again
STEADY = 60.0  # seconds after which a process counts as well again


class Stopped(BaseException):
    """Somebody asked us to stop while we were starting."""


class Watched:
    """A child that is started again when it dies, after a pause that doubles while it keeps dying."""

    def __init__(self, child: Child, server: Postgres | Valkey | None = None) -> None:
        self.child, self.server = child, server
        self.pause = FIRST_PAUSE
        self.again_at: float | None = None
        self.read = child.log.stat().st_size if child.log.exists() else 0

    def watch(self) -> None:
        """Start it again if it is dead and its pause is over; say so."""
        now = time.monotonic()
        name = self.child.name
        if self.again_at is None:
            if self.child.is_running():
                if now - self.child.started_at > STEADY:
                    self.pause = FIRST_PAUSE
                return
            say(f"{name} {self.child.how_it_ended()}; starting it again in {self.pause:g} seconds.")
            if self.child.ended_by_itself() or self.pause > FIRST_PAUSE:
                say(f"  Its last words, from {self.child.log}:\n{self.child.last_words()}")
            self.child.clear()
            self.again_at = now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        elif now >= self.again_at:
            self.again_at = None
            if self.server is None:
                self.child.start()
                return
            self.server.start_again()
            try:
                self.server.wait(20)
            except Trouble as trouble:
                say(str(trouble))
            else:
                say(f"{name} runs again.")

    def show_log(self) -> None:
        """Print what its log has got since we last looked, a line a line."""
        self.child.trim_log()
        size = self.child.log.stat().st_size if self.child.log.exists() else 0
        if size < self.read:
            self.read = 0
        if size == self.read:
            return
        with self.child.log.open("rb") as log:
            log.seek(self.read)
            new = log.read(size - self.read)
        whole = new.rfind(b"\n") + 1
        self.read += whole
        lines = [line for line in new[:whole].decode(errors="replace").splitlines() if line.strip()]
        width = max(60, shutil.get_terminal_size((160, 24)).columns) - 10
        for line in lines[:SHOWN]:
            say(f"{self.child.name:>8} │ {line if len(line) <= width else line[: width - 1] + '…'}")
        if len(lines) > SHOWN:
            say(f"{self.child.name:>8} │ … {len(lines) - SHOWN} lines more in {self.child.log}")


class Terminal:
    """The terminal that we were started in.

    The kernel tells only the first process of a terminal's session that it was closed. Where that is make (as in
    `ssh -t HOST make run`), make tells nobody, so we look ourselves.
    """

    def __init__(self) -> None:
        self.poll = select.poll()
        if sys.stdin is not None and sys.stdin.isatty() and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            self.poll.register(sys.stdin.fileno(), 0)

    def is_gone(self) -> bool:
        return any(event & (select.POLLHUP | select.POLLERR) for _, event in self.poll.poll(0))


class Supervisor:
    """All that `make run` starts, in order of dependence."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked = 0  # how often we were asked to stop
        self.starting = True
        self.services: Services | None = None
        self.children: list[Child] = []

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """A signal: the first stops everything in order, a second ends our own processes at once, a third all."""
        self.asked += 1
        if self.asked == 1:
            say("\nStopping …")
            if self.starting:
                raise Stopped
            return
        servers = (
            [server.child for server in self.services.servers if hasattr(server, "child")] if self.services else []
        )
        for child in self.children + (servers if self.asked > 2 else []):
            if child.is_running() and child.process:
                child.process.kill()

    def run(self) -> None:
        """Start everything, then watch it until we are asked to stop."""
        try:
            self.start()
            watched = [Watched(server.child, server) for server in self.services.servers] if self.services else []
            applications = [Watched(child) for child in self.children]
            self.starting = False
            terminal = Terminal()
            while not self.asked and not terminal.is_gone():
                for one in watched + applications:
                    one.watch()
                for one in applications:
                    one.show_log()
                time.sleep(0.2)
        except Stopped:
            pass
        finally:
            self.starting = False
            self.stop()

    def start(self) -> None:
        environment = {**os.environ, "DEBUG": os.environ.get("DEBUG") or "1", "PYTHONUNBUFFERED": "1"}
        environment |= {"HOST": "127.0.0.1", "PORT": str(self.port)}
        self.services = Services(DATA, durable=True, environment=environment)
        if self.services.servers:
            say(f"Starting {' and '.join(server.title for server in self.services.servers)} …")
        self.services.start()
        environment = self.services.environment

        say("Bringing the database up to date …")
        self.once(processes.command("migrate"), environment)
        say("Starting web, worker, beat and meaning, and looking after the demo community (a few seconds) …")
        self.application("web", environment)
        logins = self.once([sys.executable, "manage.py", "demo"], environment)
        self.wait_for_web(self.children[0])
        self.application("worker", environment)
        self.application("beat", environment)
        # Last: it takes a while to learn the topics, and nobody waits for it.
        self.application("meaning", environment)
        address = f"http://localhost:{self.port}"
        inbox = "" if environment.get("EMAIL_URL") else f"Mail that it sends: {address}/dev/inbox/\n"
        say(f"\n{logins.strip()}\n\nPeermentor is at {address}\n{inbox}Logs: {LOGS}\nCtrl-C stops it.\n")

    def application(self, name: str, environment: dict[str, str]) -> None:
        """Start one of the processes that Peermentor consists of."""
        child = Child(
            name,
            processes.command(name),
            log=LOGS / f"{name}.log",
            notes=DATA / "running",
            env=environment,
            cwd=ROOT,
        )
        self.children.append(child)
        child.start()

    def once(self, argv: list[str], environment: dict[str, str]) -> str:
        """Run a command that ends by itself, and return what it printed. Raises Trouble when it fails."""
        done = subprocess.run(
            argv,
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=ended_with_its_parent(signal.SIGTERM),
            check=False,
        )
        if done.returncode != 0:
            raise Trouble(f"`{' '.join(argv[1:])}` failed:\n\n{done.stdout}{done.stderr}")
        return done.stdout

    def wait_for_web(self, web: Child) -> None:
        deadline = time.monotonic() + 60
        while not self.web_answers():
            if not web.is_running() or time.monotonic() > deadline:
                raise Trouble(
                    f"The web process {'does not answer' if web.is_running() else web.how_it_ended()}. "
                    f"Its last words, from {web.log}:\n{web.last_words(40)}"
                )
            time.sleep(0.1)

    def web_answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Web first, so that nobody asks; then beat, so that nothing is due; the worker finishes; the servers last."""
        by_name = {child.name: child for child in self.children}
        for name in ("web", "beat", "meaning", "worker"):
            if name in by_name:
                by_name[name].stop(patience=0.1 if self.asked > 1 else 12)
        if self.services:
            self.services.stop(patience=20)
        say("Stopped. Nothing is left running; `make run` takes up where it was.")


def wanted_port() -> int:
    """The port that PORT asks for, 8000 without it, if nobody has it. Raises Trouble."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Trouble(f"PORT is a number from 1 to 65535, not {text!r}.")
    port = int(text)
    try:
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
    except PermissionError as error:
        raise Trouble(f"Only root may use port {port}. Choose another: PORT=8010 make run") from error
    except OSError as error:
        raise Trouble(_taken(port)) from error
    # Browsers try ::1 first when they are sent to localhost.
    with socket.socket(socket.AF_INET6) as trial:
        if socket.has_ipv6 and trial.connect_ex(("::1", port)) == 0:
            raise Trouble(_taken(port))
    return port


def _taken(port: int) -> str:
    other = port + 10 if port + 10 < 65536 else 8010
    holder = _holder(port)
    by = f" by {holder}" if holder else ""
    return f"Port {port} is taken{by}. Stop that, or choose another port: PORT={other} make run"


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.laddr
                and connection.laddr.port == port
                and connection.status == psutil.CONN_LISTEN
                and connection.pid
            ):
                process = psutil.Process(connection.pid)
                return f"process {process.pid} ({' '.join(process.cmdline())[:80] or process.name()})"
    except psutil.Error:
        return ""  # other people's processes are not ours to see
    return ""


def main() -> None:
    """See the top of this file."""
    os.umask(0o077)  # logs, inbox and data are their owner's alone
    if sys.platform == "linux" and os.environ.get("MAKELEVEL"):
        end_with_my_parent(signal.SIGTERM)
    make_private(DATA)
    lock = hold(DATA / "lock")
    if lock is None:
        holder = (DATA / "lock").read_text().strip()
        raise Trouble(
            f"Peermentor already runs from this folder (process {holder}). Use it, or stop it with Ctrl-C in its own "
            f"terminal (or: kill {holder})."
        )
    supervisor = Supervisor(wanted_port())
    for number in STOPS:
        # Who started us with nohup wants us to outlive the terminal.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, supervisor.hear)
    supervisor.run()


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        die(trouble)
