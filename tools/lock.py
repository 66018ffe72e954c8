"""The locks of the Python packages: requirements/*.txt, made from requirements/*.in.

python -m tools.lock             make them anew, keeping the versions that still fit
python -m tools.lock --upgrade   with the newest versions
python -m tools.lock --check     say whether they hold what the .in files ask for (needs no network)
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.places import DATA, ROOT, Trouble, die, say

LOCKS = ("app", "laptop", "develop", "node")
REQUIREMENTS = ROOT / "requirements"

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^ ;\\]+)")


def asked(path: Path) -> list[Requirement]:
    """What an .in file asks for, with those that it includes by `-r`."""
    found = []
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r"):
            found += asked(path.parent / line.removeprefix("-r").strip())
        elif line:
            found.append(Requirement(line))
    return found


def locked(path: Path) -> dict[str, set[str]]:
    """The versions that a lock holds, by name; more than one where they differ by platform."""
    found: dict[str, set[str]] = {}
    for line in path.read_text().splitlines():
        if pin := PINNED.match(line):
            found.setdefault(canonicalize_name(pin["name"]), set()).add(pin["version"])
    return found


def by_name(path: Path) -> set[str]:
    """The packages of a lock that stand there because an .in file names them, by the notes that uv leaves."""
    found, name = set(), ""
    for line in path.read_text().splitlines():
        if pin := PINNED.match(line):
            name = canonicalize_name(pin["name"])
        elif re.match(r"^    #( via)? +-r ", line):
            found.add(name)
    return found


def faults(folder: Path = REQUIREMENTS) -> list[str]:
    """What is wrong with the locks, a sentence each."""
    found = []
    for lock in LOCKS:
        wanted = {canonicalize_name(one.name): one for one in asked(folder / f"{lock}.in")}
        path = folder / f"{lock}.txt"
        held = locked(path)
        for name, requirement in wanted.items():
            if name not in held:
                found.append(f"{path.name} lacks {name}.")
            elif not all(requirement.specifier.contains(version) for version in held[name]):
                found.append(f"{path.name} holds {name} {', '.join(held[name])}; {requirement} is asked for.")
        found += [f"{path.name} holds {name}, which nobody asks for." for name in sorted(by_name(path) - wanted.keys())]
        if re.search(r"https?://|--(extra-)?index-url|--find-links", path.read_text()):
            found.append(f"{path.name} names a registry; whoever installs chooses theirs.")
    for small, large in (("app", "laptop"), ("laptop", "develop")):
        fewer, more = locked(folder / f"{small}.txt"), locked(folder / f"{large}.txt")
        found += [
            f"{large}.txt holds another {name} than {small}.txt."
            for name, versions in sorted(fewer.items())
            if more.get(name) != versions
        ]
    return found


def make(options: list[str]) -> None:
    """Make the locks anew with uv, which is installed for this alone."""
    venv = DATA / "uv"
    if not (venv / "bin" / "uv").exists():
        say("Installing uv, which makes the locks (a few seconds) …")
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"], check=True)
    for lock in LOCKS:
        say(f"requirements/{lock}.txt …")
        subprocess.run(
            [
                *(str(venv / "bin" / "uv"), "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
                *("--python-version", "3.11", "--no-header", "--override", "requirements/left_out.txt", *options),
                *(f"requirements/{lock}.in", "-o", f"requirements/{lock}.txt"),
            ],
            cwd=ROOT,
            env=dict(os.environ),
            check=True,
        )


def main(arguments: list[str]) -> None:
    """See the top of this file."""
    if "--check" not in arguments:
        make(arguments)
    if found := faults():
        raise Trouble("\n".join(found) + "\n`make lock` makes the locks anew.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Trouble as trouble:
        die(trouble)
