"""What the two say to each other about their weeks goes with their contract.

The keys of 0004 are made at the end of that migration, so they are told to cascade only here.
"""

from django.db import migrations

# A contract goes by a trigger, when the second party leaves: what hangs on it goes with it.
CASCADE = r"""
DO $$
DECLARE c record;
BEGIN
    FOR c IN
        SELECT conrelid::regclass AS of, conname FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'contracts_contract'::regclass
            AND conrelid IN ('checkins_reply'::regclass, 'checkins_push'::regclass, 'checkins_tick'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of, c.conname);
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (contract_id) REFERENCES contracts_contract (id)'
            ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED', c.of, c.conname);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("checkins", "0005_fit")]

    operations = [migrations.RunSQL(CASCADE, migrations.RunSQL.noop)]
