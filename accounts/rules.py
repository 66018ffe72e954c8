"""How a rule that says no says it: one sentence that a person understands."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import IntegrityError

# The very same said again within this time is a button pressed twice.
PRESSED_TWICE = dt.timedelta(seconds=10)


class Refused(Exception):
    """What was asked for cannot be done; the text is the sentence to show.

    `leads_to` is the address of the page that shows it, where that is not the one from which the person came.
    """

    def __init__(self, sentence: str = "", *, leads_to: str = "") -> None:
        super().__init__(sentence)
        self.leads_to = leads_to


@contextmanager
def constraints_speak() -> Iterator[None]:
    """Turn the database's refusal into the sentence of the constraint that refused.

    Put it around an atomic block, never inside one: after an IntegrityError the transaction is lost.
    """
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        name = getattr(getattr(cause, "diag", None), "constraint_name", None)
        for model in apps.get_models():
            for constraint in model._meta.constraints:
                if constraint.name == name:
                    raise Refused(str(constraint.get_violation_error_message())) from error
        raise
