"""What a form needs whose unsent text is kept."""

import secrets

from django import template

register = template.Library()


@register.simple_tag
def new_page() -> str:
    """Return a name that no other page has: see accounts.actions.drafts."""
    return secrets.token_urlsafe(12)
