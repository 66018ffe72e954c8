"""SQL that Django writes once instead of at every request.

For a question with a few conditions and a subquery Django takes several milliseconds to write the SQL, which PostgreSQL
then answers in half a one. Where every page asks it, it is written once a process, with stand-ins for what differs.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import User

# No member has it, nor does any condition name it.
NOBODY = -7_640_912_543


class Prepared:
    """A question whose answer is rows of values: `ask` gives a queryset of `values_list` for the stand-ins."""

    def __init__(self, ask: Callable[..., QuerySet[Any, Any]], **stand_ins: Any) -> None:
        self._ask, self._stand_ins = ask, stand_ins

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...]]:
        sql, params = self._ask(**self._stand_ins).query.sql_with_params()
        for name, stand_in in self._stand_ins.items():
            assert stand_in in params, f"{name} has no place in the question"
        return sql, params

    def params(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the parameters of the SQL with these values in the place of their stand-ins."""
        return tuple(param if name is None else values[name] for param, name in self._places)

    @cached_property
    def _places(self) -> list[tuple[Any, str | None]]:
        """Each parameter as it was written, and the name of the stand-in that it is."""
        return [
            (param, next((name for name, stand_in in self._stand_ins.items() if param == stand_in), None))
            for param in self._written[1]
        ]

    @property
    def sql(self) -> str:
        return self._written[0]

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """Ask, and return the rows of the answer as the database gives them."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params(values))
            return cursor.fetchall()


class AboutMember(Prepared):
    """A question about one member. `ask` takes the member."""

    def __init__(self, ask: Callable[[User], QuerySet[Any, Any]]) -> None:
        super().__init__(lambda me: ask(User(pk=me)), me=NOBODY)

    def of(self, member: User) -> list[tuple[Any, ...]]:
        return self.rows(me=member.pk)
