"""Comments on the draft, and what the database holds to about them."""

import accounts.clock
import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
-- What was said is said: a comment is written while the contract is open, and only what became of it changes.
CREATE FUNCTION contracts_comment_is_lawful() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND (SELECT state FROM contracts_contract WHERE id = NEW.contract_id)
        IN ('done', 'parted', 'taken_back') THEN
        RAISE EXCEPTION 'contract % is over, and so are its comments', NEW.contract_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'comment_of_open_contract';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.contract_id, NEW.key, NEW.field, NEW."by", NEW.text, NEW.at)
        IS DISTINCT FROM (OLD.contract_id, OLD.key, OLD.field, OLD."by", OLD.text, OLD.at) THEN
        RAISE EXCEPTION 'what comment % says does not change', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'comment_stays_as_said';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER comment_is_lawful BEFORE INSERT OR UPDATE ON contracts_comment
    FOR EACH ROW EXECUTE FUNCTION contracts_comment_is_lawful();

-- Comments go with the draft when a party leaves. The name puts it before the trigger `forget`, which may take the contract
-- itself: triggers fire in the order of their names.
CREATE FUNCTION contracts_comments_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.first_id IS NULL AND OLD.first_id IS NOT NULL) OR (NEW.second_id IS NULL AND OLD.second_id IS NOT NULL) THEN
        DELETE FROM contracts_comment WHERE contract_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER comments_go AFTER UPDATE OF first_id, second_id ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION contracts_comments_go();
"""

BACKWARD = r"""
DROP TRIGGER comments_go ON contracts_contract;
DROP TRIGGER comment_is_lawful ON contracts_comment;
DROP FUNCTION contracts_comments_go();
DROP FUNCTION contracts_comment_is_lawful();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0006_log'),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(blank=True, max_length=60, verbose_name='part')),
                ('field', models.CharField(blank=True, max_length=40, verbose_name='field')),
                ('by', models.CharField(choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='by')),
                ('text', models.TextField(max_length=1000, verbose_name='text')),
                ('at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='at')),
                ('seen_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='seen at')),
                ('resolved_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='resolved at')),
                ('resolved_by', models.CharField(blank=True, choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='resolved by')),
                ('taken_back_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='taken back at')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='contracts.contract')),
            ],
            options={
                'verbose_name': 'comment',
                'verbose_name_plural': 'comments',
                'ordering': ['id'],
                'indexes': [models.Index(fields=['contract', 'id'], name='comment_of_contract')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='comment_says_something', violation_error_message='Write something first.'), models.CheckConstraint(condition=models.Q(('by__in', ['first', 'second'])), name='comment_is_of_a_party'), models.CheckConstraint(condition=models.Q(models.Q(('resolved_at', None), ('resolved_by', '')), models.Q(('resolved_at__isnull', False), ('resolved_by__in', ['first', 'second'])), _connector='OR'), name='comment_resolved_by_a_party')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
