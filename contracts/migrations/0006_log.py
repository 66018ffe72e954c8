"""A draft becomes a log of updates, in which both can type at once; every open draft begins its log with what it says."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

import accounts.clock

_PROTECTION = import_module("contracts.migrations.0002_protection").FORWARD

FORWARD = r"""
CREATE FUNCTION contracts_update_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Three months after the end nobody needs every keystroke: what the parts said is in the edits.
    IF TG_OP = 'DELETE' AND (contracts_is_left(OLD.contract_id) OR EXISTS (
        SELECT 1 FROM contracts_contract
        WHERE id = OLD.contract_id AND ended_at < peermentor_now() - interval '90 days'
    )) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: a row of it is neither changed nor taken out', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contracts_draftupdate
    FOR EACH ROW EXECUTE FUNCTION contracts_update_append_only();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON contracts_draftupdate EXECUTE FUNCTION contracts_not_emptied();

-- An update is the contract's newest change, and no signature stands on the text.
CREATE FUNCTION contracts_update_is_newest() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c contracts_contract;
BEGIN
    SELECT * INTO c FROM contracts_contract WHERE id = NEW.contract_id FOR NO KEY UPDATE;
    IF c.state NOT IN ('draft', 'amending') THEN
        RAISE EXCEPTION 'the text of contract % is not open to edits while it is %', c.id, c.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edit_of_open_text';
    END IF;
    IF NEW.number <> c.head THEN
        RAISE EXCEPTION 'an update of contract % carries the number %, not %', c.id, c.head, NEW.number
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'update_is_newest';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER update_is_newest BEFORE INSERT ON contracts_draftupdate
    FOR EACH ROW EXECUTE FUNCTION contracts_update_is_newest();

-- An edit says what an update made.
CREATE OR REPLACE FUNCTION contracts_edit_is_newest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM contracts_draftupdate WHERE contract_id = NEW.contract_id AND number = NEW.number
    ) THEN
        RAISE EXCEPTION 'edit % of contract % is of no update', NEW.number, NEW.contract_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'edit_is_of_an_update';
    END IF;
    RETURN NEW;
END $$;

-- The log goes with the draft, when a party leaves.
CREATE FUNCTION contracts_forget_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.first_id IS NULL AND OLD.first_id IS NOT NULL) OR (NEW.second_id IS NULL AND OLD.second_id IS NOT NULL) THEN
        DELETE FROM contracts_draftsnapshot WHERE contract_id = NEW.id;
        DELETE FROM contracts_draftupdate WHERE contract_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_log AFTER UPDATE OF first_id, second_id ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION contracts_forget_log();
"""

BACKWARD = r"""
DROP TRIGGER forget_log ON contracts_contract;
DROP FUNCTION contracts_forget_log();
DROP TRIGGER update_is_newest ON contracts_draftupdate;
DROP FUNCTION contracts_update_is_newest();
DROP TRIGGER not_emptied ON contracts_draftupdate;
DROP TRIGGER append_only ON contracts_draftupdate;
DROP FUNCTION contracts_update_append_only();
"""
_EDIT = _PROTECTION[
    _PROTECTION.index("CREATE FUNCTION contracts_edit_is_newest") : _PROTECTION.index("CREATE TRIGGER edit_is_newest")
]
BACKWARD += _EDIT.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


def seed(apps, schema_editor):
    """Begin the log of every open draft with one update that says what its parts say. No head moves, no version."""
    from contracts import ydoc
    from contracts.document import parse_key
    from contracts.lifecycle import OPEN

    Contract, Edit = apps.get_model("contracts", "Contract"), apps.get_model("contracts", "Edit")
    DraftUpdate = apps.get_model("contracts", "DraftUpdate")
    with schema_editor.connection.cursor() as cursor:
        for contract in Contract.objects.filter(state__in=sorted(OPEN)).order_by("pk"):
            latest = Edit.objects.filter(contract=contract).order_by("key", "-number").distinct("key")
            parts = dict(latest.values_list("key", "content"))
            if not parts:
                continue
            doc = ydoc.doc_of([])
            standing = {key: content for key, content in parts.items() if content is not None}
            gone = {key: content for key, content in parts.items() if content is None}
            entries = sorted((key for key in standing if parse_key(key).number is not None), key=_number)
            changes = [ydoc.write(doc, standing), ydoc.write(doc, gone), ydoc.place_last(doc, entries)]
            data = ydoc.merge([change for change in changes if change != ydoc.EMPTY])
            DraftUpdate.objects.create(contract=contract, number=contract.head, by="", data=data)
            for key in entries:
                cursor.execute(
                    "UPDATE contracts_edit e SET position = %s WHERE contract_id = %s AND key = %s",
                    [ydoc.read_part(doc, key).position, contract.pk, key],
                )
        cursor.execute("UPDATE contracts_contract SET read_head = head")


def _number(key):
    from contracts.document import parse_key

    return parse_key(key).number or 0


class Migration(migrations.Migration):
    dependencies = [("contracts", "0005_partners")]

    operations = [
        migrations.AddField(
            model_name="contract",
            name="read_head",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="edit",
            name="position",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="position"),
        ),
        migrations.RemoveConstraint(model_name="edit", name="edit_once_per_number"),
        migrations.AddConstraint(
            model_name="edit",
            constraint=models.UniqueConstraint(fields=("contract", "number", "key"), name="edit_once_per_number"),
        ),
        migrations.CreateModel(
            name="DraftUpdate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "by",
                    models.CharField(
                        blank=True,
                        choices=[("first", "first party"), ("second", "second party")],
                        max_length=6,
                        verbose_name="by",
                    ),
                ),
                ("data", models.BinaryField(verbose_name="update")),
                ("at", models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name="at")),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="updates", to="contracts.contract"
                    ),
                ),
            ],
            options={
                "verbose_name": "update of a draft",
                "verbose_name_plural": "updates of drafts",
                "constraints": [
                    models.UniqueConstraint(fields=("contract", "number"), name="draftupdate_once_per_number"),
                    models.CheckConstraint(condition=~models.Q(data=b""), name="draftupdate_says_something"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DraftSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("upto", models.PositiveIntegerField(verbose_name="up to")),
                ("data", models.BinaryField(verbose_name="update")),
                (
                    "made_at",
                    models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name="made at"),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="snapshots", to="contracts.contract"
                    ),
                ),
            ],
            options={
                "verbose_name": "snapshot of a draft",
                "verbose_name_plural": "snapshots of drafts",
                "constraints": [
                    models.UniqueConstraint(fields=("contract", "upto"), name="draftsnapshot_once_per_number")
                ],
            },
        ),
        # The rows of an older draft get their places; nothing else of them changes.
        migrations.RunSQL(
            "ALTER TABLE contracts_edit DISABLE TRIGGER append_only",
            "ALTER TABLE contracts_edit ENABLE TRIGGER append_only",
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunSQL(
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE contracts_edit ENABLE TRIGGER append_only",
            "ALTER TABLE contracts_edit DISABLE TRIGGER append_only",
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
