#!/usr/bin/env python3
"""Make this clone ready, with nothing but Python: the virtual environment, the locked packages, the front end.

    python3 tools/setup.py laptop|develop [-- ARGUMENTS OF PYTHON ...]

Each step is done only when what it is made from has changed. Then the new environment's Python runs the arguments.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
DATA = ROOT / ".data"
STAMPS = DATA / "stamps"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18


class Trouble(Exception):
    """Something that a person has to know or do, said in a sentence."""


@dataclass
class Step:
    """One step: what it says, what it is made from, what it leaves, and how."""

    name: str
    says: str
    inputs: list[Path | str]
    leaves: list[Path]
    commands: list[list[str]]
    help: str
    env: dict[str, str] = field(default_factory=dict)

    @property
    def stamp(self) -> Path:
        return STAMPS / self.name

    def fingerprint(self) -> str:
        found = hashlib.sha256()
        for one in self.inputs:
            if isinstance(one, str):
                found.update(b"text\0" + os.fsencode(one) + b"\0")
                continue
            files = sorted(path for path in one.rglob("*") if path.is_file()) if one.is_dir() else [one]
            for file in files:
                found.update(b"file\0" + os.fsencode(file.relative_to(ROOT)) + b"\0" + file.read_bytes() + b"\0")
        return found.hexdigest()

    def is_done(self) -> bool:
        return (
            all(path.exists() for path in self.leaves)
            and self.stamp.exists()
            and self.stamp.read_text() == self.fingerprint()
        )

    def do(self) -> None:
        if self.is_done():
            return
        print(self.says, flush=True)
        begun = time.monotonic()
        self.stamp.unlink(missing_ok=True)
        fingerprint = self.fingerprint()
        for command in self.commands:
            run(command, help=self.help, env=self.env)
        STAMPS.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(fingerprint)
        print(f"  done in {time.monotonic() - begun:.0f} seconds.", flush=True)


def run(command: list[str], *, help: str, env: dict[str, str]) -> None:
    """Run a tool, and show what it said if it fails. It gets our environment, where proxies and certificates stand."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise Trouble(f"{help}\nThe command was: {' '.join(command)}\n{error}") from error
    if done.returncode != 0:
        output = done.stdout.decode(errors="replace").strip()
        raise Trouble(f"{help}\nThe command was: {' '.join(command)}\nIt said:\n\n{output}\n")


def virtual_environment() -> Step:
    return Step(
        name="venv",
        says="Making the virtual environment .venv (about 5 seconds) …",
        # Not which Python made it: people have several, and the packages need not be installed again for each.
        inputs=[str(ROOT), python_inside()],
        leaves=[PYTHON],
        # Debian keeps ensurepip in a package of its own; where it is missing, pip of the machine installs from outside.
        commands=[
            [
                sys.executable,
                "-m",
                "venv",
                "--clear",
                *([] if has_module("ensurepip") else ["--without-pip"]),
                str(VENV),
            ]
        ],
        help="The virtual environment could not be made. On Debian and Ubuntu: sudo apt install python3-venv",
    )


def python_inside() -> str:
    """The version of the Python in .venv; nothing when there is none that works, or it is too old by now."""
    ask = "import sys; print(sys.prefix, *sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))"
    try:
        said = subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
    version = "python" + ".".join(said.split()[-2:])
    return version if (VENV / "lib" / version).is_dir() else ""


def has_module(name: str) -> bool:
    """Whether this Python has it; in a Python of its own, since importing some of them has effects."""
    return subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0


def pip() -> list[str]:
    """The pip to install with: the virtual environment's, or this machine's pointed at it."""
    if next(VENV.glob("lib/python*/site-packages/pip"), None):
        return [str(PYTHON), "-m", "pip"]
    if has_module("pip"):
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    raise Trouble(
        f"{sys.executable} comes without ensurepip and without pip, so nothing can be installed. "
        "On Debian and Ubuntu: sudo apt install python3-venv"
    )


def packages(lock: str, says: str) -> Step:
    path = ROOT / "requirements" / f"{lock}.txt"
    return Step(
        name=f"packages-{lock}",
        says=says,
        inputs=[path],
        leaves=[PYTHON],
        commands=[
            # The lock is whole: what packages ask for beyond it is left out on purpose (requirements/left_out.txt).
            [
                *(*pip(), "install", "--require-hashes", "--no-deps", "--no-input", "--disable-pip-version-check"),
                *("-r", str(path)),
            ]
        ],
        help="The Python packages could not be installed. Is this machine connected? The same command goes on here.",
        env={"PIP_USER": "0"},
    )


def install(lock: str) -> None:
    """Install a lock; develop.txt holds all of laptop.txt, in the same versions."""
    develop = packages("develop", "Installing the Python packages, also those for developing (1 to 3 minutes) …")
    if lock == "develop":
        develop.do()
    elif not develop.is_done():
        packages("laptop", "Installing the Python packages (about a minute) …").do()


def node_on_this_machine() -> dict[str, str] | None:
    """The environment in which `node` and `npm` are found, when the machine has them and they are new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return {} if int(said.lstrip("v").split(".")[0]) >= OLDEST_NODE else None
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None


def front_end() -> None:
    env = node_on_this_machine()
    if env is None:
        packages("node", "Installing Node, which this machine does not have (about 20 seconds) …").do()
        env = {"PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    npm = shutil.which("npm", path=env.get("PATH")) or "npm"
    # Believe whom the machine believes: behind a proxy with a certificate of its own, Node's own list is not enough.
    env = {**env, "NODE_USE_SYSTEM_CA": "1"}
    lock = [ROOT / "package.json", ROOT / "package-lock.json"]
    Step(
        name="npm",
        says="Fetching what the front end is built from (about 10 seconds) …",
        inputs=[str(ROOT), *lock],
        leaves=[ROOT / "node_modules"],
        commands=[[npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]],
        help="The npm packages could not be installed. Is this machine connected? The same command goes on from here.",
        env=env,
    ).do()
    Step(
        name="build",
        says="Building the front end (a few seconds) …",
        inputs=[str(ROOT), *lock, ROOT / "frontend"],
        leaves=[ROOT / "static" / "build"],
        commands=[[npm, "run", "build"]],
        help="The front end could not be built.",
        env=env,
    ).do()


def static_files() -> None:
    Step(
        name="static",
        says="Hashing and compressing the static files (a few seconds) …",
        inputs=[str(ROOT), ROOT / "static", ROOT / "requirements" / "app.txt", ROOT / "peermentor" / "settings.py"],
        leaves=[ROOT / "staticfiles" / "staticfiles.json"],
        commands=[[str(PYTHON), "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]],
        help="The static files could not be collected.",
        # Nothing is connected to; the settings only insist on an address.
        env={"DEBUG": "1", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"},
    ).do()


def set_up(lock: str) -> None:
    """Do what is not done yet. Raises Trouble."""
    DATA.mkdir(exist_ok=True)
    with (DATA / "setup.lock").open("w") as ours:
        try:
            fcntl.flock(ours, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command is setting this folder up; waiting for it …", flush=True)
            fcntl.flock(ours, fcntl.LOCK_EX)
        if not python_inside() or not virtual_environment().is_done():
            virtual_environment().do()
            # It is made from its own Python, which is there only now.
            virtual_environment().stamp.write_text(virtual_environment().fingerprint())
            for stamp in STAMPS.glob("packages-*"):
                stamp.unlink()
        install(lock)
        front_end()
        static_files()


def main(arguments: list[str]) -> None:
    """See the top of this file."""
    if sys.version_info < OLDEST_PYTHON:
        raise Trouble(
            f"Peermentor needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer; "
            f"{sys.executable} is {sys.version.split()[0]}."
        )
    if sys.platform == "win32":
        raise Trouble("Peermentor runs on Linux and macOS; on Windows use WSL.")
    lock, rest = arguments[0], arguments[2:]
    set_up(lock)
    if rest:
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), *rest])  # noqa: S606 - ours, and no shell is wanted


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in {"laptop", "develop"} or sys.argv[2:3] not in ([], ["--"]):
        raise SystemExit(__doc__)
    try:
        main(sys.argv[1:])
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print("\nStopped. The next start goes on from here.", file=sys.stderr)
        raise SystemExit(130) from None
