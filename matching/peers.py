"""How alike two members are, as peers: their levels, the time that they give, how soon one answers. In sentences."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.translation import gettext as _, ngettext

if TYPE_CHECKING:
    from matching.suggestions import Match

# So many answers of half a year say something; fewer are chance.
FEWEST_ANSWERS = 3
LATELY_DAYS = 180
LATEST = 20
# So old, an invitation lapses (matching.actions.introductions): then there was no answer.
NO_ANSWER = dt.timedelta(days=14)


@dataclass(frozen=True)
class Alike:
    """What there is to compare: hours a week where both say them, and how soon the other answers, where it is known."""

    name: str
    my_hours: int | None
    their_hours: int | None
    answers_in: dt.timedelta | None = None

    def sentences(self, gives: Sequence["Match"], learns: Sequence["Match"]) -> list[str]:
        """Return what is worth saying, each checked against the two profiles by who reads it."""
        return [*self._levels(gives, learns), *self._hours(), *self._answers()]

    def _levels(self, gives: Sequence["Match"], learns: Sequence["Match"]) -> list[str]:
        if not gives or not learns:
            return []
        theirs, mine = (max(match.offer.level or 0 for match in side) for side in (gives, learns))
        words = {"name": self.name}
        if theirs == mine:
            return [_("You are peers: what you bring each other, you know about equally well.")]
        if theirs > mine:
            return [_("%(name)s is surer of what they bring than you are of what you bring.") % words]
        return [_("You are surer of what you bring than %(name)s is of what they bring.") % words]

    def _hours(self) -> list[str]:
        if not self.my_hours or not self.their_hours:
            return []
        if self.my_hours == self.their_hours:
            count = self.my_hours
            return [
                ngettext(
                    "You both give it about %(hours)d hour a week.",
                    "You both give it about %(hours)d hours a week.",
                    count,
                )
                % {"hours": count}
            ]
        words = {"name": self.name, "mine": self.my_hours, "theirs": self.their_hours}
        return [_("Hours a week: you %(mine)d, %(name)s %(theirs)d.") % words]

    def _answers(self) -> list[str]:
        if self.answers_in is None or self.answers_in >= NO_ANSWER:
            return []
        words = {"name": self.name, "days": -(-self.answers_in // dt.timedelta(days=1))}
        if self.answers_in <= dt.timedelta(hours=2):
            return [_("%(name)s usually answers an invitation within two hours.") % words]
        if self.answers_in <= dt.timedelta(days=1):
            return [_("%(name)s usually answers an invitation within a day.") % words]
        return [
            ngettext(
                "%(name)s usually answers an invitation within %(days)d day.",
                "%(name)s usually answers an invitation within %(days)d days.",
                words["days"],
            )
            % words
        ]


def answering(member_ids: Collection[int]) -> dict[int, dt.timedelta]:
    """Return after how long each usually answers an invitation: the median of their latest, where there are enough.

    One query. An invitation that nobody answered counts as long as it stood: NO_ANSWER, of which nothing is said. An
    introduction by a third member, which is accepted as it begins, was no invitation.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ANSWERING, {"ids": list(member_ids), "fewest": FEWEST_ANSWERS, "days": LATELY_DAYS, "latest": LATEST}
        )
        return {member_id: dt.timedelta(seconds=float(seconds)) for member_id, seconds in cursor.fetchall()}


_ANSWERING = """
SELECT invited_id, percentile_disc(0.5) WITHIN GROUP (ORDER BY seconds)
FROM unnest(%(ids)s::bigint[]) AS asked (invited_id), LATERAL (
    SELECT extract(epoch FROM (
        SELECT min(move.at) FROM matching_introductionmove AS move
        WHERE move.introduction_id = introduction.id AND (move.by = 'invited' OR move.kind = 'lapsed')
    ) - introduction.sent_at) AS seconds
    FROM matching_introduction AS introduction
    WHERE introduction.invited_id = asked.invited_id
        AND introduction.sent_at > peermentor_now() - make_interval(days => %(days)s)
        AND introduction.accepted_at IS DISTINCT FROM introduction.sent_at
    ORDER BY introduction.sent_at DESC LIMIT %(latest)s
) AS answers
WHERE seconds IS NOT NULL
GROUP BY invited_id HAVING count(*) >= %(fewest)s
"""
