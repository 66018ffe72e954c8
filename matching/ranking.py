"""Who fits whom: how much each of two members gives the other, combined by the harmonic mean.

    gain(A from B) = Σ over A's needs of importance × level of B's offer of that topic, over the most that could be
    score(A, B)    = 2 · gain(A from B) · gain(B from A) / (gain(A from B) + gain(B from A))

Both are 0 to 1; the score is 0 when one side gives nothing. Source: RECON, Pizzato et al., RecSys 2010. Importance is
1 to 3; a level of 1, 2 or 3 counts 6, 8 or 10 tenths, so that the sums are whole numbers, the score is rounded once,
and "the first fifty" has one meaning: by score, then by member id.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet, Value
from django.db.models.lookups import Exact

from accounts import week
from accounts.models import Profile, User
from accounts.models.profiles import BitsField
from accounts.prepared import NOBODY, Prepared

LEVEL_TENTHS: Mapping[int, int] = {1: 6, 2: 8, 3: 10}


class Fit(StrEnum):
    """How two members fit: both ways, one way only, or not (yet)."""

    MUTUAL = "mutual"
    HELPS_ME = "helps_me"
    HELPED_BY_ME = "helped_by_me"
    NONE = "none"


class HourStartsInCommon(Func):
    """Whether two sets of hour starts (bit(672)) meet."""

    template = f"((%(expressions)s) <> B'{'0' * week.QUARTERS}')"
    arg_joiner = " & "
    arity = 2
    output_field = BooleanField()


LANGUAGES = Profile._meta.get_field("languages")


@dataclass(frozen=True)
class Rank:
    """One member's place among those who fit. Gains and score are 0 to 1; `total` is how many fit both ways."""

    member_id: int
    fit: Fit
    my_gain: float
    their_gain: float
    score: float
    total: int


@dataclass(frozen=True)
class Wishes:
    """What a member narrows the list to: only who offers this topic, speaks this language, meets in this way."""

    topic_id: int | None = None
    language: str = ""
    medium: str = ""


ANYONE = Wishes()


def eligible(viewer: User, wishes: Wishes = ANYONE) -> QuerySet[Profile]:
    """Return whom `viewer` may be suggested: seen by them, with a language and an hour of the week in common.

    These are all the hard conditions; nothing else hides a member who fits.
    """
    me = viewer.profile
    in_common = HourStartsInCommon(
        F("hour_starts"), Value(me.hour_starts, output_field=BitsField(length=week.QUARTERS))
    )
    # One parameter each, however many languages: the SQL of a question is the same for everybody.
    spoken = Value(me.languages, output_field=LANGUAGES)
    found = Profile.objects.others_for(viewer).filter(Exact(in_common, True), languages__overlap=spoken)
    if wishes.language:
        found = found.filter(languages__contains=[wishes.language])
    if wishes.medium:
        found = found.filter(media__contains=[wishes.medium])
    return found


_SQL = """
WITH need AS MATERIALIZED (
    SELECT topic_id, importance FROM accounts_listing
    WHERE member_id = %(me)s AND side = 'need' AND removed_at IS NULL
), offer AS MATERIALIZED (
    SELECT topic_id, (ARRAY[6, 8, 10])[level] AS tenths FROM accounts_listing
    WHERE member_id = %(me)s AND side = 'offer' AND removed_at IS NULL
), mine AS (
    SELECT theirs.member_id, sum(need.importance * (ARRAY[6, 8, 10])[theirs.level]) AS gain
    FROM need JOIN accounts_listing theirs USING (topic_id)
    WHERE theirs.side = 'offer' AND theirs.removed_at IS NULL
        AND (%(only)s::bigint IS NULL OR theirs.member_id = %(only)s::bigint)
    GROUP BY theirs.member_id
    HAVING %(topic)s::bigint IS NULL OR bool_or(topic_id = %(topic)s::bigint)
), yours AS (
    SELECT theirs.member_id, sum(theirs.importance * offer.tenths) AS gain
    FROM offer JOIN accounts_listing theirs USING (topic_id)
    WHERE theirs.side = 'need' AND theirs.removed_at IS NULL
        AND (%(only)s::bigint IS NULL OR theirs.member_id = %(only)s::bigint)
    GROUP BY theirs.member_id
), candidate AS MATERIALIZED (
    SELECT member_id, coalesce(mine.gain, 0) AS my_sum, coalesce(yours.gain, 0) AS their_sum,
        CASE WHEN yours.gain IS NULL THEN 'helps_me' WHEN mine.gain IS NULL THEN 'helped_by_me' ELSE 'mutual' END AS fit
    FROM mine FULL JOIN yours USING (member_id)
    WHERE %(topic)s::bigint IS NULL OR mine.gain IS NOT NULL
), weighed AS MATERIALIZED (
    SELECT candidate.*, (SELECT sum(importance) * 10 FROM need) AS my_most,
        CASE WHEN their_sum > 0 THEN (
            SELECT sum(importance) * 10 FROM accounts_listing
            WHERE member_id = candidate.member_id AND side = 'need' AND removed_at IS NULL
        ) ELSE 1 END AS their_most
    FROM candidate
    -- With no place for a one-way fit, none is weighed.
    WHERE fit = 'mutual' OR %(one_way)s > 0
), scored AS MATERIALIZED (
    SELECT member_id, fit,
        my_sum::float8 / coalesce(my_most, 1) AS my_gain,
        their_sum::float8 / their_most AS their_gain,
        my_sum::float8 / coalesce(my_most, 1) + their_sum::float8 / their_most AS gains,
        CASE WHEN fit = 'mutual'
            THEN 2::float8 * my_sum * their_sum / (my_sum * their_most + their_sum * my_most)
            ELSE 0 END AS score
    FROM weighed
), mutual AS (
    SELECT * FROM (
        SELECT candidate.*, count(*) OVER () AS total
        FROM scored AS candidate CROSS JOIN LATERAL ({eligible}) AS eligible
        WHERE fit = 'mutual'
    ) AS everybody
    WHERE member_id <> ALL (%(without)s::bigint[])
    ORDER BY score DESC, gains DESC, member_id
    LIMIT %(mutual)s
), helps_me AS (
    {one_way_helps_me}
), helped_by_me AS (
    {one_way_helped_by_me}
)
SELECT member_id, fit, my_gain, their_gain, score, total FROM (
    SELECT * FROM mutual UNION ALL SELECT * FROM helps_me UNION ALL SELECT * FROM helped_by_me
) AS placed
ORDER BY fit, score DESC, gains DESC, member_id
"""
# One-way fits are many and few of them are shown: they are sorted first, and asked one by one, best first, whether they
# are eligible, until there are enough.
_ONE_WAY = """
    SELECT candidate.*, 0 AS total
    FROM (
        SELECT * FROM scored WHERE fit = '{fit}' AND member_id <> ALL (%(without)s::bigint[])
        ORDER BY gains DESC, member_id
    ) AS candidate CROSS JOIN LATERAL ({{eligible}}) AS eligible
    ORDER BY gains DESC, candidate.member_id
    LIMIT %(one_way)s
"""
_SQL = _SQL.format(
    eligible="{eligible}",
    one_way_helps_me=_ONE_WAY.format(fit=Fit.HELPS_ME),
    one_way_helped_by_me=_ONE_WAY.format(fit=Fit.HELPED_BY_ME),
)


def rank(
    viewer: User,
    wishes: Wishes = ANYONE,
    *,
    mutual: int = 50,
    one_way: int = 6,
    only: int | None = None,
    without: Collection[int] = (),
) -> list[Rank]:
    """Return those who fit `viewer` best, of each kind of fit at most so many, best first.

    One statement over the postings of the listings; exact. A mutual fit comes by score, a one-way fit by its gain.
    `only` asks about one member, `without` leaves these out, who are still counted in the total.
    """
    me = viewer.profile
    asked = {"me": viewer.pk, "starts": me.hour_starts, "languages": me.languages}
    asked |= {"language": wishes.language, "medium": wishes.medium}
    sql, eligible_ones = _statement(has_language=bool(wishes.language), has_medium=bool(wishes.medium))
    params = {f"inner_{number}": value for number, value in enumerate(eligible_ones.params(asked))}
    params |= {"me": viewer.pk, "topic": wishes.topic_id, "mutual": mutual, "one_way": one_way, "only": only}
    with connection.cursor() as cursor:
        cursor.execute(sql, params | {"without": list(without)})
        return [Rank(row[0], Fit(row[1]), *row[2:]) for row in cursor.fetchall()]


@cache
def _statement(*, has_language: bool, has_medium: bool) -> tuple[str, Prepared]:
    """Return the statement with the hard conditions in it, and these conditions, which know their parameters."""
    stand_ins = {"me": NOBODY, "starts": "?" * week.QUARTERS, "languages": ["?"]}
    stand_ins |= {"language": "?language"} if has_language else {}
    stand_ins |= {"medium": "?medium"} if has_medium else {}
    conditions = Prepared(_eligible_to_the_candidate, **stand_ins)
    inner = conditions.sql
    inner = inner % tuple(f"%(inner_{number})s" for number in range(inner.count("%s")))
    return _SQL.format(eligible=f"{inner} OFFSET 0"), conditions


def _eligible_to_the_candidate(
    *, me: int, starts: str, languages: list[str], language: str = "", medium: str = ""
) -> QuerySet[Profile, Any]:
    viewer = User(pk=me)
    viewer.profile = Profile(pk=me, hour_starts=starts, languages=languages)
    found = eligible(viewer, Wishes(language=language, medium=medium))
    return found.extra(where=["accounts_profile.member_id = candidate.member_id"]).values_list("is_looking")


def rank_of(viewer: User, member_id: int) -> Rank:
    """Return how this one member fits `viewer`; Fit.NONE when they share no topic, language or hour."""
    found = rank(viewer, mutual=1, one_way=1, only=member_id)
    return found[0] if found else Rank(member_id, Fit.NONE, 0.0, 0.0, 0.0, 0)
