"""The comments on a part, where it is shown."""

from collections.abc import Mapping

from django import template

from contracts.views.threads import Thread

register = template.Library()


@register.filter
def thread(threads: Mapping[str, Thread], key: str) -> Thread:
    """Return the comments on a part: `{% with on=threads|thread:item.key %}`."""
    return threads.get(key) or Thread(key)
