"""The memory of a process that serves pages."""

import gc

from django.urls import get_resolver


def settle_memory() -> None:
    """Spare the garbage collector what stays for good: Django, our modules and addresses, over 100,000 objects.

    Else it goes through all of them in the middle of a page, now and then. Called once, when everything is loaded.
    """
    assert get_resolver().url_patterns  # loads the views, which the first request would
    gc.collect()
    gc.freeze()
