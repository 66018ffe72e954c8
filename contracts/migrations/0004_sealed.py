"""The sealed copies, and what the database holds to about them."""

import accounts.clock
import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
-- A copy is of a version that both have signed. It never changes, and goes with the version.
CREATE FUNCTION contracts_sealed_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(DISTINCT side) FROM contracts_signature WHERE version_id = NEW.version_id) <> 2 THEN
        RAISE EXCEPTION 'version % was not signed by both', NEW.version_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'sealedfile_is_signed_by_both';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sealed_is_signed BEFORE INSERT ON contracts_sealedfile
    FOR EACH ROW EXECUTE FUNCTION contracts_sealed_is_signed();

ALTER TABLE contracts_sealedfile ADD CONSTRAINT sealedfile_sha256_is_of_the_file
    CHECK (sha256 = encode(sha256(pdf), 'hex'));
-- A PDF is compressed already.
ALTER TABLE contracts_sealedfile ALTER COLUMN pdf SET STORAGE EXTERNAL;

CREATE FUNCTION contracts_sealed_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT contracts_is_kept(OLD.version_id)
        AND contracts_is_left((SELECT contract_id FROM contracts_version WHERE id = OLD.version_id)) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: a row of it is neither changed nor taken out', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contracts_sealedfile
    FOR EACH ROW EXECUTE FUNCTION contracts_sealed_append_only();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON contracts_sealedfile EXECUTE FUNCTION contracts_not_emptied();

-- A version goes by a trigger, when nobody who has signed it is here any more: its copy goes with it.
ALTER TABLE contracts_sealedfile ADD CONSTRAINT sealedfile_of_version FOREIGN KEY (version_id)
    REFERENCES contracts_version (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""

BACKWARD = r"""
DROP TRIGGER not_emptied ON contracts_sealedfile;
DROP TRIGGER append_only ON contracts_sealedfile;
DROP TRIGGER sealed_is_signed ON contracts_sealedfile;
DROP FUNCTION contracts_sealed_append_only();
DROP FUNCTION contracts_sealed_is_signed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0003_trail'),
    ]

    operations = [
        migrations.CreateModel(
            name='SealedFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pdf', models.BinaryField(verbose_name='file')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='SHA-256')),
                ('certificate', models.CharField(db_index=True, max_length=64, verbose_name='SHA-256 of the certificate')),
                ('trail_number', models.PositiveIntegerField(verbose_name='last link of the trail')),
                ('trail_head', models.CharField(max_length=64, verbose_name='SHA-256 of that link')),
                ('sealed_at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='sealed at')),
                ('version', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='sealed', to='contracts.version')),
            ],
            options={
                'verbose_name': 'sealed copy',
                'verbose_name_plural': 'sealed copies',
                'constraints': [models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='sealedfile_sha256_is_hex'), models.CheckConstraint(condition=models.Q(('certificate__regex', '^[0-9a-f]{64}$')), name='sealedfile_has_certificate')],
            },
        ),
        migrations.AddIndex(
            model_name='version',
            index=models.Index(fields=['sha256'], name='version_of_fingerprint'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
