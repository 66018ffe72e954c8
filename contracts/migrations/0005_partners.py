"""A contract in force makes two members partners: the ranking hears of it (matching, migration 0007)."""

from django.db import migrations

PARTNERS = """
CREATE OR REPLACE FUNCTION matching_partners(member bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM contracts_contract
    WHERE (first_id = member OR second_id = member)
        AND state IN ('in_force', 'amending', 'amendment_signed_by_one')
$$;

CREATE FUNCTION contracts_partners_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM matching_derive(ARRAY[OLD.first_id, OLD.second_id, NEW.first_id, NEW.second_id]);
    RETURN NULL;
END $$;
CREATE TRIGGER candidates_follow_partners AFTER UPDATE ON contracts_contract
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION contracts_partners_changed();

SELECT matching_derive(ARRAY(
    SELECT first_id FROM contracts_contract WHERE first_id IS NOT NULL
    UNION SELECT second_id FROM contracts_contract WHERE second_id IS NOT NULL
));
"""
NO_PARTNERS = """
DROP TRIGGER candidates_follow_partners ON contracts_contract;
DROP FUNCTION contracts_partners_changed();
CREATE OR REPLACE FUNCTION matching_partners(member bigint) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 0::bigint';
SELECT matching_derive(ARRAY(SELECT id FROM accounts_user));
"""


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0004_sealed'),
        ('matching', '0007_capacity'),
    ]

    operations = [migrations.RunSQL(PARTNERS, NO_PARTNERS)]
