"""The audit trail: a chain of links that the database makes and holds to."""

from importlib import import_module

import accounts.clock
import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
-- The lines of a link, as contracts/chain.py says.
CREATE FUNCTION contracts_trail_sha256(link contracts_auditevent) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(array_to_string(ARRAY[
        'peermentor/trail/1', link.contract_id::text, link.number::text, link.kind, link.by, link.version::text,
        link.head::text, to_char(link.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        link.payload_sha256, link.previous_sha256
    ], E'\n'), 'UTF8')), 'hex')
$$;

-- A link follows the last one of its contract, whose row is the lock. Whoever writes it says what happened, no more.
CREATE FUNCTION contracts_trail_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c contracts_contract;
BEGIN
    SELECT * INTO c FROM contracts_contract WHERE id = NEW.contract_id FOR NO KEY UPDATE;
    IF NOT FOUND OR coalesce(NEW.payload, '') = '' THEN
        RAISE EXCEPTION 'a link of a trail is of a contract, and says something'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'auditevent_says_something';
    END IF;
    NEW.number := c.trail_length + 1;
    NEW.previous_sha256 := coalesce(nullif(c.trail_head, ''), repeat('0', 64));
    NEW.salt := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
    NEW.payload_sha256 := encode(sha256(convert_to(NEW.salt || NEW.payload, 'UTF8')), 'hex');
    NEW.sha256 := contracts_trail_sha256(NEW);
    UPDATE contracts_contract SET trail_length = NEW.number, trail_head = NEW.sha256 WHERE id = NEW.contract_id;
    RETURN NEW;
END $$;
CREATE TRIGGER trail_follows BEFORE INSERT ON contracts_auditevent
    FOR EACH ROW EXECUTE FUNCTION contracts_trail_follows();

CREATE FUNCTION contracts_trail_head_is_its_own() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'the trail of contract % goes on with each link, and not otherwise', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'contract_trail_goes_on';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trail_head_is_its_own BEFORE UPDATE ON contracts_contract
    FOR EACH ROW WHEN (NEW.trail_length <> OLD.trail_length OR NEW.trail_head <> OLD.trail_head)
    EXECUTE FUNCTION contracts_trail_head_is_its_own();

-- Nothing of a link changes, but that what it says is erased when a party has left: payload and salt, both, for ever. The
-- trail itself goes with its contract.
CREATE FUNCTION contracts_trail_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.payload = '' AND NEW.salt = '' AND OLD.payload <> '' AND contracts_is_left(OLD.contract_id)
        AND to_jsonb(NEW) - 'payload' - 'salt' = to_jsonb(OLD) - 'payload' - 'salt' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND contracts_is_left(OLD.contract_id) AND NOT EXISTS (
        SELECT 1 FROM contracts_version v WHERE v.contract_id = OLD.contract_id AND contracts_is_kept(v.id)
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: a row of it is neither changed nor taken out', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contracts_auditevent
    FOR EACH ROW EXECUTE FUNCTION contracts_trail_append_only();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON contracts_auditevent EXECUTE FUNCTION contracts_not_emptied();

-- As before; the trail besides: what it says of texts that nobody who is still here has signed is erased.
CREATE OR REPLACE FUNCTION contracts_forget() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE leaver text;
BEGIN
    IF (NEW.first_id IS NOT NULL OR OLD.first_id IS NULL) AND (NEW.second_id IS NOT NULL OR OLD.second_id IS NULL) THEN
        RETURN NULL;
    END IF;
    leaver := CASE WHEN NEW.first_id IS NULL AND OLD.first_id IS NOT NULL THEN 'first' ELSE 'second' END;
    DELETE FROM contracts_edit WHERE contract_id = NEW.id;
    IF EXISTS (SELECT 1 FROM contracts_version v WHERE v.contract_id = NEW.id AND contracts_is_kept(v.id)) THEN
        DELETE FROM contracts_event e WHERE e.contract_id = NEW.id AND e.version_id IS NOT NULL
            AND NOT contracts_is_kept(e.version_id);
        UPDATE contracts_auditevent a SET payload = '', salt = '' WHERE a.contract_id = NEW.id AND a.payload <> ''
            AND NOT EXISTS (SELECT 1 FROM contracts_version v
                WHERE v.contract_id = NEW.id AND v.number = a.version AND contracts_is_kept(v.id));
        DELETE FROM contracts_signature s USING contracts_version v
            WHERE v.id = s.version_id AND v.contract_id = NEW.id AND NOT contracts_is_kept(v.id);
        DELETE FROM contracts_version v WHERE v.contract_id = NEW.id AND NOT contracts_is_kept(v.id);
        INSERT INTO contracts_event (contract_id, number, kind, by, head)
            SELECT NEW.id, coalesce(max(number), 0) + 1, 'left', leaver, NEW.head
            FROM contracts_event WHERE contract_id = NEW.id;
        INSERT INTO contracts_auditevent (contract_id, number, kind, by, version, head, payload)
            VALUES (NEW.id, 0, 'ended', leaver, 0, NEW.head, '{"how":"left"}');
    ELSE
        DELETE FROM contracts_auditevent WHERE contract_id = NEW.id;
        DELETE FROM contracts_event WHERE contract_id = NEW.id;
        DELETE FROM contracts_signature s USING contracts_version v
            WHERE v.id = s.version_id AND v.contract_id = NEW.id;
        DELETE FROM contracts_version WHERE contract_id = NEW.id;
        DELETE FROM contracts_contract WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

-- The trail of contracts that are older than it begins with the moves that were written down, each marked with the day on
-- which it was brought in: from then on the chain proves, not before.
DO $$
DECLARE e record; day text := to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD'); said text; called text;
BEGIN
    FOR e IN
        SELECT o.*, o.by AS side, coalesce(v.number, 0) AS version, s.typed_name, s.sha256, EXISTS (
            SELECT 1 FROM contracts_event n WHERE n.contract_id = o.contract_id AND n.number = o.number + 1
                AND n.kind = 'in_force') AS in_force
        FROM contracts_event o LEFT JOIN contracts_version v ON v.id = o.version_id
            LEFT JOIN contracts_signature s ON s.version_id = v.id AND s.side = o.by
        WHERE o.kind <> 'in_force'
        ORDER BY o.contract_id, o.number
    LOOP
        called := CASE e.kind WHEN 'started' THEN 'created' WHEN 'signature_voided' THEN 'voided'
            WHEN 'signature_taken_back' THEN 'voided' WHEN 'amending' THEN 'amended'
            WHEN 'amendment_taken_back' THEN 'amended' WHEN 'taken_back' THEN 'ended' WHEN 'done' THEN 'ended'
            WHEN 'parted' THEN 'ended' WHEN 'left' THEN 'ended' ELSE e.kind END;
        said := '{"brought_in":"' || day || '"';
        IF e.kind = 'signed' THEN
            said := said || CASE WHEN e.in_force THEN ',"in_force":"yes"' ELSE '' END || ',"name":'
                || to_json(coalesce(e.typed_name, ''))::text || ',"sha256":"' || coalesce(e.sha256, '') || '"';
        ELSE
            said := said || coalesce(',"how":"' || CASE e.kind WHEN 'signature_voided' THEN 'changed'
                WHEN 'signature_taken_back' THEN 'taken_back' WHEN 'amending' THEN 'begun'
                WHEN 'amendment_taken_back' THEN 'taken_back' WHEN 'taken_back' THEN 'taken_back'
                WHEN 'done' THEN 'done' WHEN 'parted' THEN 'parted' WHEN 'left' THEN 'left' END || '"', '');
        END IF;
        INSERT INTO contracts_auditevent (contract_id, number, kind, by, version, head, at, payload)
            VALUES (e.contract_id, 0, called, e.side, e.version, e.head, e.at, said || '}');
    END LOOP;
END $$;
"""

BACKWARD = r"""
DROP TRIGGER not_emptied ON contracts_auditevent;
DROP TRIGGER append_only ON contracts_auditevent;
DROP TRIGGER trail_head_is_its_own ON contracts_contract;
DROP TRIGGER trail_follows ON contracts_auditevent;
DROP FUNCTION contracts_trail_append_only();
DROP FUNCTION contracts_trail_head_is_its_own();
DROP FUNCTION contracts_trail_follows();
DROP FUNCTION contracts_trail_sha256(contracts_auditevent);
"""

_PROTECTION = import_module("contracts.migrations.0002_protection").FORWARD
_FORGET = _PROTECTION[_PROTECTION.index("CREATE FUNCTION contracts_forget") : _PROTECTION.index("CREATE TRIGGER forget ")]
BACKWARD += _FORGET.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0002_protection'),
    ]

    operations = [
        migrations.AddField(
            model_name='contract',
            name='trail_head',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='contract',
            name='trail_length',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(default=0, editable=False, verbose_name='number')),
                ('kind', models.CharField(choices=[('created', 'created'), ('opened', 'opened'), ('changed', 'changed'), ('reviewed', 'reviewed'), ('signed', 'signed'), ('voided', 'signature void'), ('sealed', 'sealed'), ('sent', 'sent'), ('downloaded', 'downloaded'), ('amended', 'amended'), ('said_done', 'said that the goal is met'), ('said_not_done', 'said that there is still something to do'), ('ended', 'ended')], max_length=30, verbose_name='kind')),
                ('by', models.CharField(blank=True, choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='by')),
                ('version', models.PositiveIntegerField(default=0, help_text='0: of none.', verbose_name='number of the version')),
                ('head', models.PositiveIntegerField(help_text="The contract's head at that moment.", verbose_name='last change')),
                ('at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='at')),
                ('payload', models.TextField(blank=True, verbose_name='what else is known')),
                ('salt', models.CharField(blank=True, editable=False, max_length=64, verbose_name='salt')),
                ('payload_sha256', models.CharField(editable=False, max_length=64, verbose_name='SHA-256 of salt and payload')),
                ('previous_sha256', models.CharField(editable=False, max_length=64, verbose_name='SHA-256 of the link before')),
                ('sha256', models.CharField(editable=False, max_length=64, verbose_name='SHA-256')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trail', to='contracts.contract')),
            ],
            options={
                'verbose_name': 'link of the audit trail',
                'verbose_name_plural': 'audit trail',
                'ordering': ['number'],
                'indexes': [models.Index(fields=['contract', 'kind', 'by', 'head'], name='auditevent_of_kind')],
                'constraints': [models.UniqueConstraint(fields=('contract', 'number'), name='auditevent_once_per_number')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
