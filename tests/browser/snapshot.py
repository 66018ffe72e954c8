"""All rows of a database as they are now, to be put back at once: making the members anew takes ten times as long."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection, transaction

# Which migrations were applied is no row of anybody's.
KEPT = "django_migrations"


@dataclass
class Snapshot:
    """The rows of each table, as COPY gives them, and where each sequence stands."""

    rows: dict[str, bytes]
    sequences: dict[str, int]

    @classmethod
    def take(cls) -> "Snapshot":
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> %s", [KEPT])
            tables = [name for (name,) in cursor.fetchall()]
            cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
            sequences = dict(cursor.fetchall())
            rows = {}
            for table in tables:
                with cursor.copy(f'COPY "{table}" TO STDOUT') as copied:
                    rows[table] = b"".join(bytes(some) for some in copied)
        return cls(rows, sequences)

    def put_back(self) -> None:
        """Leave these rows and no others, and no count of what somebody tried too often."""
        assert connection.settings_dict["NAME"].startswith("test_")
        with transaction.atomic(), connection.cursor() as cursor:
            # Neither what forbids nor what follows: the rows are whole as they are.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in self.rows))
            for table, rows in self.rows.items():
                if rows:
                    with cursor.copy(f'COPY "{table}" FROM STDIN') as copied:
                        copied.write(rows)
            for sequence, value in self.sequences.items():
                cursor.execute("SELECT setval(%s::regclass, %s)", [f'"{sequence}"', value])
            # The server has read these members, and what became of them since.
            cursor.execute("UPDATE matching_candidate SET changed_in = pg_current_xact_id()")
        cache.clear()
