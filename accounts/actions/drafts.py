"""What a member typed and has not sent yet is kept until they send it."""

from collections.abc import Mapping

from accounts import clock
from accounts.models import Draft, User

LONGEST_VALUE = 4000


def save_draft(*, by: User, form: str, values: Mapping[str, list[str]]) -> None:
    """Keep the fields of a form as typed, valid or not. `values` maps each field's name to its values."""
    # PostgreSQL has no NUL in a text; nobody typed one on purpose.
    kept = {name: [value[:LONGEST_VALUE].replace("\0", "") for value in many] for name, many in values.items()}
    Draft.objects.update_or_create(member=by, form=form, defaults={"values": kept, "saved_at": clock.now()})


def discard_draft(*, by: User, form: str) -> None:
    """Forget a draft: its form has been sent, or its author does not want it."""
    Draft.objects.filter(member=by, form=form).delete()
