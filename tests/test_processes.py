"""The commands, settings and schedule of production are those of `make run`."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from celery.app.task import Task
from django.conf import settings

from peermentor import processes
from peermentor.celery import app

ROOT = Path(settings.BASE_DIR)
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image", "").startswith("peermentor:")}
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", "")


def test_the_image_is_used_for_every_process_and_nothing_else():
    assert OURS.keys() == processes.COMMANDS.keys()


@pytest.mark.parametrize("name", processes.COMMANDS)
def test_a_container_starts_what_make_run_starts(name):
    assert OURS[name]["command"] == ["python", "-m", "peermentor.processes", name]


def test_the_image_starts_a_web_process():
    command = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert json.loads(command[-1]) == ["python", "-m", "peermentor.processes", "web"]


def test_containers_get_every_setting_that_production_demands():
    for name, service in OURS.items():
        assert service["environment"].keys() >= settings.REQUIRED_IN_PRODUCTION.keys(), name
        assert "DEBUG" not in service["environment"], name


def test_containers_get_no_setting_that_nobody_reads():
    read = (ROOT / "peermentor" / "settings.py").read_text() + (ROOT / "peermentor" / "processes.py").read_text()
    for service in OURS.values():
        for name in service["environment"]:
            assert f'"{name}"' in read


def test_a_missing_secret_stops_compose_with_a_sentence():
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?[^}]+\.\}", text))
    optional = set(re.findall(r"\$\{(\w+):-", text))
    assert required == {
        *("SECRET_KEY", "SITE", "POSTGRES_PASSWORD", "REDIS_PASSWORD", "EMAIL_URL", "SEAL_KEY_FILE", "SEAL_CERT_FILE"),
    }
    assert optional == {"VERSION", "MAIL_FROM", "TOPIC_ENGINE"}


def test_only_the_proxy_can_be_reached_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]


def test_several_web_processes_stand_behind_a_proxy_that_is_trusted():
    assert SERVICES["web"]["deploy"]["replicas"] >= 2
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == "1"
    port = re.search(r"PORT=(\d+)", DOCKERFILE)[1]
    assert f"dynamic a web {port} " in (ROOT / "deploy" / "Caddyfile").read_text()


def test_nothing_of_this_version_starts_before_the_migration():
    for name in ("web", "worker", "beat", "meaning"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["restart"] == "no"


def test_the_broker_keeps_what_it_is_given():
    words = shlex.split(SERVICES["redis"]["command"][-1])
    assert words[words.index("--appendonly") + 1] == "yes"
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"


def test_the_image_runs_as_an_ordinary_user_without_secrets():
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER peermentor$", last_stage, re.MULTILINE)
    assert not re.search(r"^(ENV|ARG) .*(SECRET|PASSWORD|KEY|_URL)", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes" in DOCKERFILE


def test_the_image_holds_every_app():
    copied = re.findall(r"^COPY (?!--from)(?:\S+ )*?(\w+) \w+$", DOCKERFILE, re.MULTILINE)
    allowed = re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    for name in ("accounts", "matching", "contracts", "checkins", "peermentor", "templates"):
        assert name in copied
        assert name in allowed


def test_everything_that_beat_asks_for_is_a_task_that_a_worker_knows():
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert isinstance(app.tasks.get(entry["task"]), Task), name


def test_a_tick_that_nobody_takes_does_not_pile_up():
    for name, entry in app.conf.beat_schedule.items():
        assert 0 < entry["options"]["expires"] <= max(60, entry["schedule"]), name


def test_a_task_is_given_out_again_only_after_it_can_no_longer_run():
    assert app.conf.broker_transport_options["visibility_timeout"] > app.conf.task_time_limit
