"""`make check`: everything about the code that can be said without running the tests."""

import os
import secrets
import subprocess
import sys
import time

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
    "SEAL_KEY": "/run/secrets/seal.key",
    "SEAL_CERT": "/run/secrets/seal.crt",
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
    if failed:
        raise Trouble(f"Not in order: {', '.join(failed)}.")


if __name__ == "__main__":
    try:
        main()
    except Trouble as trouble:
        die(trouble)
