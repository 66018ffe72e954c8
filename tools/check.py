"""`make check`: everything about the code that can be said without running the tests."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.places import ROOT, Trouble, die, say

PYTHON = [sys.executable, "-m"]
MANAGE = [sys.executable, "manage.py"]
TEMPLATES = ["templates"]

# What `check --deploy` is asked with: an installation as docker-compose.yml describes it. Nothing is connected to.
PRODUCTION = {
    "DEBUG": "",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ALLOWED_HOSTS": "mentors.example.org",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    # The pair that `manage.py make_seal_cert` makes for this run, see seal_of_our_own.
    "SEAL_KEY": "",
    "SEAL_CERT": "",
    "TRUSTED_PROXIES": "1",
    "CLOCK_OFFSET": "",
}

CHECKS: dict[str, tuple[list[str], dict[str, str]]] = {
    "formatting": ([*PYTHON, "ruff", "format", "--check", "."], {}),
    "lint": ([*PYTHON, "ruff", "check", "."], {}),
    "types": ([*PYTHON, "mypy"], {}),
    "templates": ([*PYTHON, "djlint", "--lint", "--quiet", *TEMPLATES], {}),
    "layers": ([sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"], {}),
    "migrations": ([*MANAGE, "makemigrations", "--check", "--dry-run"], {}),
    "deployment": ([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    "locks": ([*PYTHON, "tools.lock", "--check"], {}),
}


def main() -> None:
    """Run all of them, one after the other, also after one has failed. Raises Trouble that names those that failed."""
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        PRODUCTION.update(seal_of_our_own(Path(folder)))
        failed = run_all()
    if failed:
        raise Trouble(f"Not in order: {', '.join(failed)}.")


def seal_of_our_own(folder: Path) -> dict[str, str]:
    """Make a key and a certificate as an installation does, and return the settings that name them."""
    files = {"SEAL_KEY": folder / "seal.key", "SEAL_CERT": folder / "seal.crt"}
    argv = [*MANAGE, "make_seal_cert", "--key", str(files["SEAL_KEY"]), "--cert", str(files["SEAL_CERT"])]
    subprocess.run(argv, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return {name: str(file) for name, file in files.items()}


def run_all() -> list[str]:
    """Run the checks, and return the names of those that failed."""
    failed = []
    for name, (argv, environment) in CHECKS.items():
        begun = time.monotonic()
        done = subprocess.run(
            argv,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        say(f"{'ok  ' if done.returncode == 0 else 'FAIL'}  {name}  ({time.monotonic() - begun:.1f} s)")
        if done.returncode != 0:
            failed.append(name)
            say(done.stdout)
    return failed


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        die(trouble)
