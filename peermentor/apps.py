from django.apps import AppConfig


class PeermentorConfig(AppConfig):
    name = "peermentor"

    def ready(self) -> None:
        # Makes ours the Celery that `task.delay()` finds, in every process that Django runs in.
        from peermentor import celery  # noqa: F401
