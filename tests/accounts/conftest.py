import pytest
from aiosmtpd.controller import Controller

from tests.sink import Sink, free_port


@pytest.fixture
def sink(settings):
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "accounts.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    yield sink
    controller.stop()
