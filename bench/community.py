"""A large community for measuring: members with offers, needs, hours and languages, written by SQL alone.

Reproducible: everything follows from the number of the member by a hash. Popularity of topics falls as 1/rank (Zipf,
exponent 1) over the reviewed list; 4 offers and 4 needs a member before duplicates fall out; free every other evening.
"""

from django.db import connection

from accounts import week

SQL = """
WITH person AS (
    INSERT INTO accounts_user (password, email, time_zone, language, is_superuser, is_active, is_staff)
    SELECT '!', 'member' || n || '@bench.example', 'Europe/Paris', 'en', false, true, false
    FROM generate_series(1, %(members)s) AS n
    RETURNING id, email
), confirmed AS (
    INSERT INTO account_emailaddress (user_id, email, verified, "primary") SELECT id, email, true, true FROM person
)
INSERT INTO accounts_profile (
    member_id, name, headline, about, contact, languages, media, hours_per_week, free_hours, hour_starts, utc_offset,
    is_looking
)
SELECT id, 'Member ' || id, 'Somebody, somewhere', 'Says hello to everybody.', '',
    CASE abs(hashint8(id)) %% 4 WHEN 0 THEN ARRAY['fr'] WHEN 1 THEN ARRAY['en', 'fr'] ELSE ARRAY['en'] END,
    ARRAY['video'], 3, %(hours)s, %(starts)s::bit({bits}), 60, true
FROM person;

WITH ranked AS (
    SELECT id, kind, label_en, row_number() OVER (ORDER BY hashint8(id)) AS rank FROM accounts_topic
), popular AS MATERIALIZED (
    SELECT array_agg(id ORDER BY rank) AS ids, array_agg(kind ORDER BY rank) AS kinds,
        array_agg(label_en ORDER BY rank) AS labels,
        array_agg(before ORDER BY rank) AS begins
    FROM (
        SELECT id, kind, label_en, rank,
            ((sum(1.0 / rank) OVER (ORDER BY rank) - 1.0 / rank) / sum(1.0 / rank) OVER ())::float8 AS before
        FROM ranked
    ) AS shares
), draw AS MATERIALIZED (
    SELECT u.id AS member_id, side, place, abs(hashtextextended(u.id || side || place, 7)) %% 1000000 / 1e6::float8 AS x
    FROM accounts_user u, unnest(ARRAY['offer', 'need']) AS side, generate_series(0, 3) AS place
    WHERE u.email LIKE '%%@bench.example'
), drawn AS MATERIALIZED (
    SELECT draw.*, width_bucket(x, begins) AS at FROM draw, popular
)
INSERT INTO accounts_listing (member_id, side, kind, topic_id, phrase, words, level, importance, difference, position)
SELECT member_id, side, kinds[at], ids[at], labels[at], 'In my own words.',
    CASE side WHEN 'offer' THEN 1 + (x * 1000)::int %% 3 END,
    CASE side WHEN 'need' THEN 1 + (x * 1000)::int %% 3 END, '', place
FROM drawn, popular
ON CONFLICT DO NOTHING;
"""


def populate(members: int) -> None:
    """Add so many members to the database."""
    evenings = [day * 24 + hour for day in range(0, 7, 2) for hour in (18, 19, 20)]
    starts = week.as_bits(week.hour_starts(week.utc_quarters(evenings, 60)))
    with connection.cursor() as cursor:
        statements = SQL.replace("{bits}", str(week.QUARTERS)).split(";\n\n")
        for statement in statements:
            cursor.execute(statement, {"members": members, "hours": evenings, "starts": starts})


def settle() -> None:
    """Do at once what PostgreSQL does by itself some time after rows have come: vacuum, and count for the planner."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
