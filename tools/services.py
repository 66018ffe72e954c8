"""PostgreSQL and Valkey from their Python packages, for a laptop and for tests.

    python -m tools.services -- COMMAND ...          with throw-away servers, as the tests do
    python -m tools.services --keep -- COMMAND ...   with the data of `make run`, joining it if it runs

DATABASE_URL or REDIS_URL, when set, name servers of your own; then none is started in their place.
"""

import locale
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import psutil
import psycopg
import redis

from tools.child import Child, end_orphans, end_session
from tools.places import (
    DATA,
    ROOT,
    Ground,
    Keys,
    Trouble,
    die,
    ground_for,
    hold,
    make_private,
    remove,
    say,
    valkey_server,
)

# What a process of ours inherits: enough to run, and nothing that would send PostgreSQL elsewhere (PGHOST, PGOPTIONS).
PLAIN_ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SAFE: list[str] = []  # PostgreSQL's own defaults: an answered COMMIT is on the disk
FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]


class Postgres:
    """A PostgreSQL server on 127.0.0.1, without a socket file (their paths are limited to about 100 characters)."""

    title = "PostgreSQL"

    def __init__(self, folder: Path, keys: Keys, *, durable: bool) -> None:
        self.folder, self.keys, self.durable = folder, keys, durable
        self.url = keys.database_url

    def start(self) -> None:
        """Make the data folder if there is none, start, and wait until it answers."""
        self.ground = ground_for(self.folder)
        if not (self.ground.folder / "PG_VERSION").exists():
            self._make_cluster(self.ground)
        self._check_version()
        self.child = Child(
            "postgres",
            [
                str(self.ground.programs / "postgres"),
                *("-D", "."),
                *("-c", "listen_addresses=127.0.0.1", "-c", f"port={self.keys.postgres_port}"),
                *("-c", "unix_socket_directories=", "-c", "shared_buffers=64MB", "-c", "timezone=UTC"),
                *(SAFE if self.durable else FAST),
            ],
            log=self.folder / "logs" / "postgres.log",
            notes=self.folder / "running",
            env=PLAIN_ENVIRONMENT,
            cwd=self.ground.folder,
            user=self.ground.user,
            stop_signal=signal.SIGINT,  # "fast": clients are cut off, nothing answered is lost
        )
        self.start_again()
        self.wait(60)
        self._make_database()

    def start_again(self) -> None:
        """Start the server process, after removing the lock file of one that is dead."""
        lock = self.ground.folder / "postmaster.pid"
        if lock.exists() and not self._is_alive(lock):
            lock.unlink()
        self.child.start()

    def wait(self, seconds: float) -> None:
        """Wait until it answers. Raises Trouble when it ends or does not answer in time."""
        deadline = time.monotonic() + seconds
        while not self.answers():
            if not self.child.is_running() or time.monotonic() > deadline:
                raise Trouble(
                    f"PostgreSQL {self.child.how_it_ended() if not self.child.is_running() else 'does not answer'}. "
                    f"Its last words, from {self.child.log}:\n{self.child.last_words()}"
                )
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url.rsplit("/", 1)[0] + "/postgres", connect_timeout=3).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise Trouble(
                    f"PostgreSQL in {self.folder} has another password than {self.keys.path} says. "
                    f"Delete {self.folder} to begin anew."
                ) from error
            return False
        return True

    def _is_alive(self, lock: Path) -> bool:
        """Whether the process that the lock file names is a PostgreSQL of this very folder."""
        try:
            holder = psutil.Process(int(lock.read_text().split("\n", 1)[0]))
            return Path(holder.cwd()) == self.ground.folder.resolve()
        except (ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def _make_cluster(self, ground: Ground) -> None:
        say("Making a database (a few seconds) …")
        unfinished = ground.folder.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        if ground.user:
            os.chown(unfinished, *ground.user)
        # In a file that only PostgreSQL's user reads: arguments are public.
        password = ground.folder.with_name("postgres.password")
        password.touch(mode=0o600)
        password.write_text(self.keys.postgres_password + "\n")
        if ground.user:
            os.chown(password, *ground.user)
        try:
            making = subprocess.Popen(
                [
                    *(str(ground.programs / "initdb"), "-D", ".", "-U", "peermentor", "-E", "UTF8"),
                    *("-A", "scram-sha-256", f"--pwfile=../{password.name}", "--no-instructions"),
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                    f"--lc-ctype={_characters()}",
                    *([] if self.durable else ["--no-sync"]),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=unfinished,
                env=PLAIN_ENVIRONMENT,
                start_new_session=True,
                user=ground.user[0] if ground.user else None,
                group=ground.user[1] if ground.user else None,
                extra_groups=[] if ground.user else None,
            )
            try:
                said, _ = making.communicate()
            except BaseException:
                # Somebody stopped us: initdb goes, and the server that it runs for a while.
                end_session(making.pid, born=None, patience=0)
                making.wait()
                raise
        finally:
            password.unlink()
        if making.returncode != 0:
            raise Trouble(f"PostgreSQL's data folder could not be made:\n{said.decode(errors='replace')}")
        # A rename, so that a start that is interrupted leaves no half-made cluster.
        unfinished.rename(ground.folder)

    def _check_version(self) -> None:
        mine = (self.ground.folder / "PG_VERSION").read_text().strip()
        said = subprocess.run(
            [self.ground.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        if said.stdout.split()[-1].split(".")[0] != mine:
            raise Trouble(
                f"The data in {self.folder} was made by PostgreSQL {mine}; this is {said.stdout.strip()}. "
                f"Take what you need out of it with the older version, then delete {self.folder} to begin anew."
            )

    def _make_database(self) -> None:
        with psycopg.connect(self.url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'peermentor'").fetchone():
                connection.execute("CREATE DATABASE peermentor")


class Valkey:
    """A Valkey server on 127.0.0.1."""

    title = "Valkey"

    def __init__(self, folder: Path, keys: Keys, *, durable: bool) -> None:
        self.folder, self.keys, self.durable = folder, keys, durable
        self.url = keys.redis_url

    def start(self) -> None:
        """Start, and wait until it answers."""
        home = self.folder / "valkey"
        home.mkdir(mode=0o700, exist_ok=True)
        home.chmod(0o700)
        self.child = Child(
            "valkey",
            [str(valkey_server()), "valkey.conf"],
            log=self.folder / "logs" / "valkey.log",
            notes=self.folder / "running",
            env=PLAIN_ENVIRONMENT,
            cwd=home,
        )
        # The password is in a file of a closed folder, since arguments are public.
        (home / "valkey.conf").write_text(
            f"""bind 127.0.0.1
port {self.keys.valkey_port}
requirepass {self.keys.valkey_password}
maxmemory-policy noeviction
appendonly {"yes" if self.durable else "no"}
save ""
dir .
daemonize no
"""
        )
        self.start_again()
        self.wait(30)

    def start_again(self) -> None:
        self.child.start()

    def wait(self, seconds: float) -> None:
        """Wait until it answers. Raises Trouble when it ends or does not answer in time."""
        deadline = time.monotonic() + seconds
        while not self.answers():
            if not self.child.is_running() or time.monotonic() > deadline:
                raise Trouble(
                    f"Valkey {self.child.how_it_ended() if not self.child.is_running() else 'does not answer'}. "
                    f"Its last words, from {self.child.log}:\n{self.child.last_words()}"
                )
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
                return bool(client.ping())
        except redis.AuthenticationError as error:
            raise Trouble(f"Another server than ours answers on port {self.keys.valkey_port}.") from error
        except redis.RedisError:
            return False


class Services:
    """What the application stands on: servers of ours for those that the environment does not name."""

    def __init__(self, folder: Path, *, durable: bool, environment: dict[str, str]) -> None:
        self.folder = folder
        self.servers: list[Postgres | Valkey] = []
        self.environment = dict(environment)
        needed = [name for name in ("DATABASE_URL", "REDIS_URL") if not environment.get(name)]
        if not needed:
            return
        make_private(folder)
        for left in end_orphans(folder / "running"):
            say(f"Ended a {left} that an earlier start had left running.")
        self.keys = Keys.of(folder)
        if "DATABASE_URL" in needed:
            self.servers.append(Postgres(folder, self.keys, durable=durable))
            self.environment["DATABASE_URL"] = self.keys.database_url
        if "REDIS_URL" in needed:
            self.servers.append(Valkey(folder, self.keys, durable=durable))
            self.environment["REDIS_URL"] = self.keys.redis_url

    def start(self) -> None:
        """Start what is ours; look whether what is not ours is there. Raises Trouble."""
        for server in self.servers:
            server.start()
        ours = {type(server) for server in self.servers}
        if Postgres not in ours:
            _try_postgres(self.environment["DATABASE_URL"])
        if Valkey not in ours:
            _try_redis(self.environment["REDIS_URL"])

    def stop(self, *, patience: float = 10) -> None:
        """Stop what was started, in the opposite order."""
        for server in reversed(self.servers):
            if hasattr(server, "child"):
                server.child.stop(patience=patience)


def _characters() -> str:
    """Return the locale by which PostgreSQL tells letters: of every script, where the system has it, else of ASCII."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def _try_postgres(url: str) -> None:
    address = urlsplit(url)
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        raise Trouble(
            f"DATABASE_URL names a PostgreSQL at {address.hostname}:{address.port or 5432} that does not let us in: "
            f"{str(error).strip()}\nStart it, correct DATABASE_URL, or unset it to use a PostgreSQL of our own."
        ) from error


def _try_redis(url: str) -> None:
    address = urlsplit(url)
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except redis.RedisError as error:
        raise Trouble(
            f"REDIS_URL names a Redis at {address.hostname}:{address.port or 6379} that does not let us in: {error}\n"
            "Start it, correct REDIS_URL, or unset it to use a Valkey of our own."
        ) from error


def throw_away() -> tuple[Path, IO[str]]:
    """A fresh data folder under .data/test, held by us; those whose owners are dead are removed."""
    make_private(DATA)
    tests = make_private(DATA / "test")
    for old in tests.iterdir():
        held = hold(old / "owner")
        if held is None:
            continue
        end_orphans(old / "running")
        remove(old)
        held.close()
    folder = make_private(tests / f"{os.getpid()}-{secrets.token_hex(3)}")
    owner = hold(folder / "owner")
    assert owner is not None  # the name is new
    return folder, owner


def run(argv: list[str], environment: dict[str, str]) -> int:
    """Run a command in our terminal and return its exit code, as a shell gives it."""
    command = subprocess.Popen(argv, env=environment, cwd=ROOT)

    def pass_on(number: int, _frame: object) -> None:
        # Ctrl-C reaches the command by itself, being in our terminal; any other signal was meant for us alone.
        if number != signal.SIGINT and command.poll() is None:
            command.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in STOPS}
    try:
        code = command.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def with_throw_away_servers(argv: list[str], environment: dict[str, str]) -> int:
    """Run `argv` with servers that are gone afterwards."""
    if environment.get("DATABASE_URL") and environment.get("REDIS_URL"):
        return run(argv, environment)
    folder, owner = throw_away()
    services = Services(folder, durable=False, environment=environment)
    try:
        services.start()
        return run(argv, services.environment)
    finally:
        _hear_no_signal()
        services.stop(patience=5)
        remove(folder)
        owner.close()


def with_kept_servers(argv: list[str], environment: dict[str, str]) -> int:
    """Run `argv` with the data of `make run`, whose servers are used if they run."""
    make_private(DATA)
    lock = hold(DATA / "lock")
    if lock is None:
        kept = Keys.of(DATA, running=True)
        return run(argv, {"DATABASE_URL": kept.database_url, "REDIS_URL": kept.redis_url, **environment})
    services = Services(DATA, durable=True, environment=environment)
    try:
        services.start()
        return run(argv, services.environment)
    finally:
        _hear_no_signal()
        services.stop()
        lock.close()


def _hear_no_signal() -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def _raise_stop(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def main(arguments: list[str]) -> int:
    """See the top of this file."""
    keep = arguments[:1] == ["--keep"]
    arguments = arguments[1:] if keep else arguments
    if arguments[:1] != ["--"] or len(arguments) < 2:
        raise Trouble("Say what to run: python -m tools.services [--keep] -- COMMAND ...")
    argv = arguments[1:]
    if argv[0] in {"python", "python3"}:
        argv[0] = sys.executable
    environment = {**os.environ, "DEBUG": os.environ.get("DEBUG") or "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
    for number in STOPS:
        signal.signal(number, _raise_stop)
    return (with_kept_servers if keep else with_throw_away_servers)(argv, environment)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except Trouble as trouble:
        die(trouble)
