"""Who says certain words: in a few words about themselves, in what they offer and in what they need."""

from django.db import connection

from accounts import text

MOST_WORDS = 8
NO_SIGNS = str.maketrans("'\\\0", "   ")


def members_saying(words: str) -> list[int]:
    """Return the members who say all of these words, or words that begin with them. One query.

    Neither case nor accents count. Only what everybody may read is searched (matching_derive).
    """
    # Both sides are folded and taken apart by PostgreSQL; within quotes nothing of a word is a sign of its own.
    wanted = text.one_line(words).translate(NO_SIGNS).split()[:MOST_WORDS]
    if not wanted:
        return []
    asked = " & ".join(f"'{word}':*" for word in wanted)
    with connection.cursor() as cursor:
        cursor.execute(_SAYING, [asked])
        return [pk for (pk,) in cursor.fetchall()]


_SAYING = "SELECT member_id FROM matching_searchable WHERE words @@ to_tsquery('simple', matching_folded(%s))"
