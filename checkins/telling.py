"""How it goes, as sentences. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _, ngettext

from checkins.charts import Value

MOST_STRATEGIES = 6


def change_words(values: Sequence[Value], goal: Mapping[str, str], *, name: str) -> str:
    """Say how an indicator has moved, such as “You went from 2 to 5 chapters in 21 days; the goal is 12.”

    `values` in the order of days; `name` is empty for the reader's own.
    """
    if not values:
        return ""
    unit, target = goal.get("unit", ""), goal.get("target", "")
    words = {"name": name, "unit": unit, "now": _number(values[-1][1]), "target": target}
    days = (values[-1][0] - values[0][0]).days
    if len(values) == 1 or days == 0:
        said = _("%(name)s stands at %(now)s %(unit)s") if name else _("You stand at %(now)s %(unit)s")
    elif values[0][1] == values[-1][1]:
        said = (
            _("%(name)s stands at %(now)s %(unit)s, as at the beginning")
            if name
            else _("You stand at %(now)s %(unit)s, as at the beginning")
        )
    else:
        words |= {"then": _number(values[0][1]), "days": ngettext("%(n)d day", "%(n)d days", days) % {"n": days}}
        said = (
            _("%(name)s went from %(then)s to %(now)s %(unit)s in %(days)s")
            if name
            else _("You went from %(then)s to %(now)s %(unit)s in %(days)s")
        )
    told = " ".join((said % words).split())
    return _("%(told)s; the goal is %(target)s.") % {"told": told, "target": target} if target else f"{told}."


def meeting_words(*, held: int, missed: int, off: int, left: int) -> str:
    """Say how many meetings there were and are to come, such as “You met 5 times. 3 meetings are still to come.”"""
    said = []
    if held:
        said.append(ngettext("You met once.", "You met %(count)d times.", held) % {"count": held})
    if missed:
        said.append(
            ngettext("One meeting did not happen.", "%(count)d meetings did not happen.", missed) % {"count": missed}
        )
    if off:
        said.append(
            ngettext("One was cancelled or in a pause.", "%(count)d were cancelled or in a pause.", off)
            % {"count": off}
        )
    if left:
        said.append(
            ngettext("One meeting is still to come.", "%(count)d meetings are still to come.", left) % {"count": left}
        )
    else:
        said.append(_("No meeting is left in this stretch."))
    return " ".join(said)


def strategies_used(used: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the strategies that check-ins name, the most used first, each with how often: (strategy, “3 times”)."""
    counted = Counter(strategy for each in used for strategy in dict.fromkeys(each))
    return [
        (strategy, ngettext("once", "%(count)d times", number) % {"count": number})
        for strategy, number in counted.most_common(MOST_STRATEGIES)
    ]


def _number(value: float) -> str:
    rounded = round(value, 3)
    return number_format(int(rounded) if rounded == int(rounded) else rounded)
