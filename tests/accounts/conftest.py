import pytest
from aiosmtpd.controller import Controller
from django.core.cache import cache

from tests.sink import Sink, free_port


@pytest.fixture(autouse=True)
def _limits_begin_anew(request):
    """Rate limits are kept in the cache's table, which is no model's: nothing empties it after a test that commits."""
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")
        cache.clear()


@pytest.fixture
def sink(settings):
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "accounts.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    yield sink
    controller.stop()
