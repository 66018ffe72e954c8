"""What each app holds about a member, and what becomes of it when they take their data away or leave.

Every foreign key to a member is declared once, in the AppConfig of an app of ours. A test fails on one that nobody
decided.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.apps import apps


class Erasure(Enum):
    """What becomes of the rows when their member leaves."""

    GOES = "goes"
    STAYS = "stays"


@dataclass(frozen=True)
class Held:
    """The rows of one model that belong to a member.

    `member` is the model's field that says whose they are, or the path to it, such as `contract__first`; `only` narrows
    the rows further. `fields` are exported, as `values()` takes them; a field of
    another table, such as `topic__label_en`, is called by its first word. Without fields nothing is exported, and `why`
    says why not. `title` is what people call the rows (plural); rows without one are not worth a word when leaving.
    `called` names the file in the download where the model alone would not: one that points at two members.
    """

    model: str
    member: str
    fields: tuple[str, ...] = ()
    why: str = ""
    title: Any = ""
    erasure: Erasure = Erasure.GOES
    called: str = ""
    only: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the file in the download."""
        return self.called or self.model.partition(".")[2].lower()

    @property
    def columns(self) -> list[str]:
        """The names of the exported fields, as the download calls them."""
        return [field.partition("__")[0] for field in self.fields]

    def rows(self, member_id: int) -> list[dict[str, Any]]:
        """Return the exported fields of the member's rows, oldest first."""
        model = apps.get_model(self.model)
        mine = model._base_manager.filter(**{self.member: member_id}, **self.only)
        held = mine.order_by("pk").values(*self.fields)
        return [dict(zip(self.columns, (row[field] for field in self.fields), strict=True)) for row in held]

    def count(self, member_id: int) -> int:
        """Return how many rows there are about the member."""
        return apps.get_model(self.model)._base_manager.filter(**{self.member: member_id}, **self.only).count()


def holdings() -> Iterator[Held]:
    """Yield what every app has declared, in the order of INSTALLED_APPS."""
    for config in apps.get_app_configs():
        yield from getattr(config, "held_about_members", ())
