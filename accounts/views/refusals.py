from collections.abc import Callable
from typing import Any

from django import forms

from accounts.rules import Refused


def is_done(form: forms.Form, act: Callable[[], Any], *, at: str) -> bool:
    """Whether the action took it; what it refused stands at the field `at`, and nothing that was typed is lost."""
    try:
        act()
    except Refused as refusal:
        form.add_error(at, str(refusal))
        return False
    return True
