from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ShownTo(models.TextChoices):
    """Who reads a part of what a member says about themselves."""

    EVERYONE = "everyone", _("Everyone here")
    INTRODUCED = "introduced", _("People I am introduced to")
    NOBODY = "nobody", _("Nobody")


def shown_to_field(name: str = "shown to") -> models.CharField:
    return models.CharField(
        name, max_length=10, choices=ShownTo.choices, default=ShownTo.EVERYONE, db_default=ShownTo.EVERYONE
    )


def circles(*, is_introduced: bool) -> list[str]:
    """Return to whom a thing may be shown so that somebody else, introduced or not, reads it."""
    return [ShownTo.EVERYONE.value, *([ShownTo.INTRODUCED.value] if is_introduced else [])]


def narrower(one: str, other: str) -> str:
    """Return which of two lets fewer people read."""
    return max(one, other, key=ShownTo.values.index)


def known(prefix: str, *fields: str) -> models.CheckConstraint:
    """Return the constraint that these fields of a model hold nothing else."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__in": ShownTo.values})
    return models.CheckConstraint(
        condition=condition,
        name=f"{prefix}_shown_to_is_known",
        violation_error_message=_("Choose who sees it: everyone here, people you are introduced to, or nobody."),
    )
