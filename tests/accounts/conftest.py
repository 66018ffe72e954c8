import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _limits_begin_anew(request):
    """Rate limits are kept in the cache's table, which is no model's: nothing empties it after a test that commits."""
    marker = request.node.get_closest_marker("django_db")
    if marker and marker.kwargs.get("transaction"):
        request.getfixturevalue("transactional_db")
        cache.clear()
