"""What a member typed and has not sent yet is kept until they send it."""

from collections.abc import Mapping

from django.db import transaction

from accounts import clock
from accounts.models import Draft, User

LONGEST_VALUE = 4000


def save_draft(*, by: User, form: str, values: Mapping[str, list[str]], page: str = "") -> None:
    """Keep the fields of a form as typed, valid or not; without any, forget the draft.

    `values` maps each field's name to its values. `page` names the page that they were typed on: what arrives from it
    after the form was sent, having been under way, is not kept.
    """
    # PostgreSQL has no NUL in a text; nobody typed one on purpose.
    kept = {name: [value[:LONGEST_VALUE].replace("\0", "") for value in many] for name, many in values.items()}
    with transaction.atomic():
        draft = _lock(by, form, must_be=bool(kept))
        if draft is not None and not (page and draft.sent_from == page):
            draft.values, draft.saved_at = kept, clock.now()
            draft.save(update_fields=["values", "saved_at"])


def discard_draft(*, by: User, form: str, page: str = "") -> None:
    """Forget a draft: its form has been sent, or its author does not want it. Of the page no more is kept."""
    with transaction.atomic():
        draft = _lock(by, form, must_be=bool(page))
        if draft is not None:
            draft.values, draft.saved_at, draft.sent_from = {}, clock.now(), page
            draft.save(update_fields=["values", "saved_at", "sent_from"])


def _lock(by: User, form: str, *, must_be: bool) -> Draft | None:
    """Return the row of this form, locked, made when there is none and it `must_be`."""
    locked = Draft.objects.select_for_update()
    if must_be:
        return locked.get_or_create(member=by, form=form)[0]
    return locked.filter(member=by, form=form).first()
