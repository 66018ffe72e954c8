"""What becomes of meetings and check-ins when a party leaves, whoever deletes."""

from django.db import migrations

# A contract goes by a trigger, when the second party leaves: what hangs on it goes with it. What somebody wrote to go with
# a change goes with them.
FORWARD = r"""
DO $$
DECLARE c record;
BEGIN
    FOR c IN
        SELECT conrelid::regclass AS of, conname FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'contracts_contract'::regclass
            AND conrelid IN ('checkins_meeting'::regclass, 'checkins_pause'::regclass, 'checkins_checkin'::regclass,
                'checkins_plan'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of, c.conname);
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (contract_id) REFERENCES contracts_contract (id)'
            ' ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED', c.of, c.conname);
    END LOOP;
END $$;

CREATE FUNCTION checkins_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE checkins_meeting SET note = '' WHERE contract_id = NEW.id AND note <> ''
        AND CASE changed_by WHEN 'first' THEN NEW.first_id ELSE NEW.second_id END IS NULL;
    UPDATE checkins_pause SET note = '' WHERE contract_id = NEW.id AND note <> ''
        AND CASE said_by WHEN 'first' THEN NEW.first_id ELSE NEW.second_id END IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_notes AFTER UPDATE OF first_id, second_id ON contracts_contract
    FOR EACH ROW WHEN (NEW.first_id IS NULL OR NEW.second_id IS NULL) EXECUTE FUNCTION checkins_forget();
"""

BACKWARD = """
DROP TRIGGER forget_notes ON contracts_contract;
DROP FUNCTION checkins_forget();
"""


class Migration(migrations.Migration):
    dependencies = [("checkins", "0002_calendar_feed"), ("contracts", "0002_protection")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
