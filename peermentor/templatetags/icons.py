"""Lucide's icons, drawn once: a page has dozens of them, and the package parses XML for each."""

from functools import cache

from django import template
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@register.simple_tag
def lucide(name: str, *, size: int = 24, **attributes: str) -> str:
    """Return the icon as inline SVG, as the package's own tag does."""
    return _drawn(str(name), size, tuple((key, str(value)) for key, value in attributes.items()))


@cache
def _drawn(name: str, size: int, attributes: tuple[tuple[str, str], ...]) -> str:
    return draw(name, size=size, **dict(attributes))
