"""Celery: how the worker works, and what beat asks of it, when."""

import os
import time
import warnings
from typing import Any

from celery import Celery
from celery.beat import Scheduler
from celery.exceptions import CPendingDeprecationWarning
from celery.platforms import SecurityWarning  # type: ignore[attr-defined]
from celery.signals import heartbeat_sent, task_postrun, worker_ready

from peermentor.heartbeats import BEAT, DRAIN, WORKER, answered

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peermentor.settings")

# Celery warns root of pickled messages; ours are JSON alone (accept_content below).
warnings.filterwarnings("ignore", category=SecurityWarning)
# Celery 6 will cancel tasks when the connection breaks; ours go on, and may run twice (see below).
warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)

app = Celery("peermentor")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.update(
    timezone="UTC",
    task_serializer="json",
    accept_content=["json"],
    # Nobody reads results: what a task did is in PostgreSQL.
    task_ignore_result=True,
    result_backend=None,
    # A task is done when it is done, not when it is taken: one whose process is killed is given out again. All of ours
    # may run twice.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=240,
    task_time_limit=300,
    # A process that has grown is replaced between two tasks.
    worker_max_memory_per_child=250_000,  # kilobytes
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    # Redis may come after us, go away and come back.
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_transport_options={
        # After this many seconds an unfinished task is given out again; longer than task_time_limit.
        "visibility_timeout": 600,
        "socket_connect_timeout": 2,
        "socket_timeout": 15,
        "socket_keepalive": True,
        "health_check_interval": 10,
        # Publishing must fail soon rather than hold up who publishes.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.2,
    },
    task_publish_retry=True,
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2},
)

# A tick that is taken late is not made up for: the next one does its work. Hence `expires`.
app.conf.beat_schedule = {
    "send due notices": {"task": "accounts.tasks.send_due", "schedule": 2.0, "options": {"expires": 10}},
    "heartbeat": {"task": "peermentor.tasks.heartbeat", "schedule": 10.0, "options": {"expires": 30}},
    "housekeeping": {"task": "peermentor.tasks.housekeeping", "schedule": 3600.0, "options": {"expires": 1800}},
    "purge": {"task": "accounts.tasks.purge", "schedule": 3600.0, "options": {"expires": 1800}},
    "lapse introductions": {
        "task": "matching.tasks.lapse_introductions",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "reprice": {"task": "matching.tasks.reprice", "schedule": 600.0, "options": {"expires": 600}},
    "forget guests": {"task": "matching.tasks.forget_guests", "schedule": 60.0, "options": {"expires": 60}},
    "forget who left": {
        "task": "matching.tasks.forget_who_left",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "tell who fits": {"task": "matching.tasks.tell_who_fits", "schedule": 86_400.0, "options": {"expires": 43_200}},
    "heal contracts": {"task": "contracts.tasks.heal", "schedule": 60.0, "options": {"expires": 60}},
    "read drafts": {"task": "contracts.tasks.read_drafts", "schedule": 60.0, "options": {"expires": 60}},
    "forget logs": {"task": "contracts.tasks.forget_logs", "schedule": 86_400.0, "options": {"expires": 43_200}},
    "seal contracts": {"task": "contracts.tasks.seal_all", "schedule": 120.0, "options": {"expires": 120}},
    "plan notices": {"task": "checkins.tasks.plan_notices", "schedule": 120.0, "options": {"expires": 120}},
    "look after the silent": {
        "task": "checkins.tasks.look_after_the_silent",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
    "refresh week hours": {
        "task": "accounts.tasks.refresh_week_hours",
        "schedule": 3600.0,
        "options": {"expires": 1800},
    },
}


class Ticker(Scheduler):
    """Beat without a file: what it asks for may come twice or late, so there is nothing to remember or to corrupt."""

    max_interval = 5

    def setup_schedule(self) -> None:
        """Everything is due at the start, housekeeping too: a laptop is seldom on for an hour."""
        self.merge_inplace(self.app.conf.beat_schedule)
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now().replace(year=2000)
        self.clock = time.time() - time.monotonic()

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Ask for what is due; return the seconds until something is due again."""
        if time.time() - time.monotonic() < self.clock - 5:
            # Celery would wait until the old time comes round again.
            raise SystemExit("The clock was set back; beat has to be started again.")
        answered(BEAT)
        return float(super().tick(*arguments, **options))


@heartbeat_sent.connect
def _worker_lives(**_: object) -> None:
    """Celery's worker calls this every two seconds from its main loop, busy or not."""
    answered(WORKER)


@worker_ready.connect
def _has_a_seal(**_: object) -> None:
    """Say at the start what would keep what is signed from being sealed."""
    from contracts.sealing import keys

    keys.say_faults()


@task_postrun.connect
def _drained(task: Any = None, state: str = "", **_: object) -> None:
    """A task that sends what is due has ended well."""
    if state == "SUCCESS" and getattr(task, "name", "") == "accounts.tasks.send_due":
        answered(DRAIN)
