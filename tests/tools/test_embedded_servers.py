"""The servers of a laptop: they start anywhere, let nobody else in, lose nothing, and leave nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import psycopg
import pytest
import redis

from tools.child import Child, end_orphans
from tools.places import ROOT, Keys, Trouble, hold, remove
from tools.services import Services

NAMELESS = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}


@pytest.fixture
def folder(tmp_path):
    """A data folder with a name that servers have trouble with, and a path that is too long for a socket."""
    path = tmp_path / "où l'on va, très loin" / ("deep" * 20) / ("deep" * 20) / ".data"
    path.mkdir(parents=True)
    yield path
    remove(path)


@pytest.fixture
def services(folder):
    running = Services(folder, durable=True, environment=NAMELESS)
    running.start()
    yield running
    running.stop()


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_both_servers_answer_in_a_deep_folder_with_an_odd_name(services):
    with psycopg.connect(services.environment["DATABASE_URL"]) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SELECT upper('é')").fetchone() == ("É",)
    with redis.Redis.from_url(services.environment["REDIS_URL"]) as client:
        assert client.config_get("maxmemory-policy", "appendonly") == {
            "maxmemory-policy": "noeviction",
            "appendonly": "yes",
        }


def test_nobody_gets_in_without_the_password(services):
    keys = services.keys
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(keys.database_url.replace(keys.postgres_password, "guessed"))
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=keys.valkey_port) as client:
        client.ping()


def test_the_passwords_are_their_owners_alone(services, folder):
    assert (folder / "servers.json").stat().st_mode & 0o077 == 0
    assert (folder / "valkey").stat().st_mode & 0o077 == 0
    for server in services.servers:
        arguments = " ".join(psutil.Process(server.child.pid).cmdline())
        assert services.keys.postgres_password not in arguments
        assert services.keys.valkey_password not in arguments


def test_what_was_committed_is_there_after_a_kill_and_under_the_same_address(services):
    postgres, valkey = services.servers
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (what text)")
        connection.execute("INSERT INTO kept VALUES ('yes')")
    with redis.Redis.from_url(valkey.url) as client:
        client.set("kept", "yes")
        time.sleep(1.1)  # appendfsync everysec promises no more
    for server in (postgres, valkey):
        os.kill(server.child.pid, signal.SIGKILL)
        wait_until(lambda server=server: not server.child.is_running())
        server.start_again()
        server.wait(20)
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("SELECT what FROM kept").fetchone() == ("yes",)
    with redis.Redis.from_url(valkey.url) as client:
        assert client.get("kept") == b"yes"


def test_the_lock_of_a_dead_postgresql_whose_number_another_process_has_is_removed(services):
    postgres = services.servers[0]
    os.kill(postgres.child.pid, signal.SIGKILL)
    wait_until(lambda: not postgres.child.is_running())
    lock = postgres.ground.folder / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    postgres.start_again()
    postgres.wait(20)
    assert postgres.answers()


def test_servers_whose_starter_was_killed_end(folder):
    starter = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            "import os, sys, time; from pathlib import Path; from tools.services import Services\n"
            "services = Services(Path(sys.argv[1]), durable=True, environment=dict(os.environ))\n"
            "services.start(); print('started', flush=True); time.sleep(600)",
            str(folder),
        ],
        cwd=ROOT,
        env=NAMELESS,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        wait_until(lambda: starter.stdout.readline() in {"started\n", ""}, 60)
        servers = [psutil.Process(json.loads(note.read_text())["pid"]) for note in (folder / "running").glob("*.json")]
        assert sorted(server.name() for server in servers) == ["postgres", "valkey-server"]
        starter.kill()
    _, alive = psutil.wait_procs(servers, timeout=1 if sys.platform != "linux" else 15)
    if sys.platform == "linux":
        assert alive == []
    # On other systems the next start ends them.
    end_orphans(folder / "running")
    assert [server for server in servers if server.is_running()] == []


def test_an_orphan_is_ended_by_the_next_start_but_not_a_stranger_with_its_number(tmp_path):
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = Child("web", sleeper, log=tmp_path / "web.log", notes=tmp_path, env=NAMELESS, cwd=tmp_path)
    child.start()
    note = json.loads(child.note.read_text())

    child.note.write_text(json.dumps({**note, "born": note["born"] - 1000}))
    assert end_orphans(tmp_path) == []
    assert child.is_running()

    child.note.write_text(json.dumps(note))
    assert end_orphans(tmp_path) == ["web"]
    wait_until(lambda: not child.is_running())


def test_a_data_folder_without_its_passwords_is_said(services, folder):
    services.stop()
    (folder / "servers.json").unlink()
    again = Services(folder, durable=True, environment=NAMELESS)
    try:
        with pytest.raises(Trouble, match="begin anew"):
            again.start()
    finally:
        again.stop()


def test_a_lock_is_free_again_when_its_holder_is_dead(tmp_path):
    lock = tmp_path / "lock"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from tools.places import hold\n"
            "held = hold(Path(sys.argv[1])); print('held', flush=True); time.sleep(600)",
            str(lock),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        assert hold(lock) is None
        assert lock.read_text() == str(holder.pid)
        holder.kill()
    held = hold(lock)
    assert held is not None
    held.close()


def run_with_services(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.services", "--", "python", "-c", code],
        cwd=ROOT,
        env={**NAMELESS, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_exit_code_is_passed_on_and_nothing_is_left(tmp_path):
    done = run_with_services("import os, sys; print(os.environ['DATABASE_URL']); sys.exit(7)", DATA_DIR=str(tmp_path))
    assert done.returncode == 7, done.stderr
    assert "postgres://peermentor:" in done.stdout
    assert list((tmp_path / "test").iterdir()) == []


def test_with_both_addresses_given_nothing_is_started(tmp_path):
    keys = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    done = run_with_services("import os; print(os.environ['DATABASE_URL'])", DATA_DIR=str(tmp_path), **keys)
    assert done.stdout == keys["DATABASE_URL"] + "\n"
    assert list(tmp_path.iterdir()) == []


def test_with_one_address_given_only_the_other_server_is_started(folder):
    services = Services(folder, durable=False, environment={**NAMELESS, "DATABASE_URL": os.environ["DATABASE_URL"]})
    try:
        services.start()
        assert [type(server).__name__ for server in services.servers] == ["Valkey"]
        assert services.environment["DATABASE_URL"] == os.environ["DATABASE_URL"]
        assert not (folder / "postgres").exists()
    finally:
        services.stop()


def test_an_address_where_nobody_answers_is_said_without_its_password(folder):
    keys = Keys.of(folder)
    services = Services(
        folder, durable=False, environment={**NAMELESS, "DATABASE_URL": keys.database_url, "REDIS_URL": keys.redis_url}
    )
    with pytest.raises(Trouble, match=f"DATABASE_URL names a PostgreSQL at 127.0.0.1:{keys.postgres_port}") as trouble:
        services.start()
    assert keys.postgres_password not in str(trouble.value)


def test_leftovers_of_a_killed_test_run_are_removed_by_the_next(tmp_path):
    left = tmp_path / "test" / "123-abc"
    (left / "valkey").mkdir(parents=True)
    assert run_with_services("", DATA_DIR=str(tmp_path)).returncode == 0
    assert not left.exists()


def test_a_start_that_was_broken_off_while_making_the_database_begins_anew(folder):
    (folder / "postgres.unfinished").mkdir()
    (folder / "postgres.unfinished" / "half").write_text("")
    services = Services(folder, durable=False, environment={**NAMELESS, "REDIS_URL": os.environ["REDIS_URL"]})
    try:
        services.start()
        assert services.servers[0].answers()
    finally:
        services.stop()
