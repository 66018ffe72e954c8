"""The locks hold what was asked for, with hashes, and name no registry."""

import json
import re
import shutil

import pytest

from tools.lock import LOCKS, faults
from tools.places import ROOT


@pytest.fixture
def locks(tmp_path):
    """A copy of requirements/ that may be spoilt."""
    return shutil.copytree(ROOT / "requirements", tmp_path / "requirements")


def spoil(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_locks_are_in_order():
    assert faults() == []


def test_a_package_asked_for_and_not_locked_is_found(locks):
    (locks / "app.in").write_text((locks / "app.in").read_text() + "left-pad\n")
    assert "app.txt lacks left-pad." in faults(locks)


def test_a_version_that_no_longer_fits_is_found(locks):
    spoil(locks / "app.in", "Django>=5.2,<5.3", "Django>=6")
    assert any(fault.startswith("app.txt holds django 5.2") for fault in faults(locks))


def test_a_package_nobody_asks_for_any_more_is_found(locks):
    spoil(locks / "app.in", "css-inline\n", "")
    assert "app.txt holds css-inline, which nobody asks for." in faults(locks)


def test_locks_that_disagree_are_found(locks):
    version = re.search(r"^celery(?:\[redis\])?==(\S+)", (locks / "laptop.txt").read_text(), re.MULTILINE)[1]
    spoil(locks / "laptop.txt", f"=={version} ", "==0.1 ")
    assert any("holds another celery" in fault for fault in faults(locks))


def test_a_registry_in_a_lock_is_found(locks):
    path = locks / "app.txt"
    path.write_text("--index-url https://packages.example.org/simple\n" + path.read_text())
    assert "app.txt names a registry; whoever installs chooses theirs." in faults(locks)


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_is_locked_with_hashes(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text().replace("\\\n", "")
    pins = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert pins
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_the_lock_of_npm_names_no_registry_and_has_hashes():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    assert [name for name, package in installed.items() if "resolved" in package] == []
    assert [name for name, package in installed.items() if not package.get("integrity")] == []
