"""Setting a clone up: each step once, again when what it is made from changes, and a sentence when it fails."""

import subprocess
import sys

import pytest

from tools import setup
from tools.places import ROOT


@pytest.fixture
def step(tmp_path, monkeypatch):
    """Make a step that writes how often it ran into `made`, from the file `source`."""
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    (tmp_path / "source").write_text("one")
    count = "from pathlib import Path; made = Path('made'); made.open('a').write('.')"

    def make(command=count):
        return setup.Step(
            name="step",
            says="Doing it …",
            inputs=[tmp_path / "source"],
            leaves=[tmp_path / "made"],
            commands=[[sys.executable, "-c", command]],
            help="It could not be done.",
        )

    return make


def test_a_step_is_done_once(step, tmp_path, capsys):
    step().do()
    step().do()
    assert (tmp_path / "made").read_text() == "."
    assert capsys.readouterr().out.count("Doing it …") == 1


def test_a_step_is_done_again_when_what_it_is_made_from_changes(step, tmp_path):
    step().do()
    (tmp_path / "source").write_text("two")
    step().do()
    assert (tmp_path / "made").read_text() == ".."


def test_a_step_is_done_again_when_what_it_left_is_gone(step, tmp_path):
    step().do()
    (tmp_path / "made").unlink()
    step().do()
    assert (tmp_path / "made").read_text() == "."


def test_a_failing_step_shows_a_sentence_and_what_the_tool_said_and_is_tried_again(step, tmp_path):
    step().do()
    (tmp_path / "source").write_text("two")
    with pytest.raises(setup.Trouble) as trouble:
        step("import sys; print('no network'); sys.exit(1)").do()
    assert str(trouble.value).startswith("It could not be done.\n")
    assert "no network" in str(trouble.value)
    assert not step().is_done()


def test_a_tool_that_is_not_there_is_said(step):
    missing = step()
    missing.commands = [["no-such-tool-at-all"]]
    with pytest.raises(setup.Trouble, match=r"It could not be done\.\nThe command was: no-such-tool-at-all"):
        missing.do()


def test_without_a_python_that_is_new_enough_make_says_so():
    done = subprocess.run(["make", "run", "PYTHON="], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "Peermentor needs Python 3.11 or newer, and none is in PATH." in done.stdout


def test_an_unknown_lock_is_refused():
    done = subprocess.run(
        [sys.executable, "tools/setup.py", "nothing"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "laptop|develop" in done.stderr
