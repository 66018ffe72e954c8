"""Closing reviews of a stretch, and what the database holds to about them."""

import accounts.clock
import django.db.models.deletion
from django.db import migrations, models

FORWARD = r"""
-- A review is of the version in force, while the contract holds or when it is done. It changes until the other has sent
-- theirs, or the stretch is closed; which it is of never does.
CREATE FUNCTION contracts_review_is_lawful() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE c contracts_contract;
BEGIN
    SELECT * INTO c FROM contracts_contract WHERE id = NEW.contract_id FOR NO KEY UPDATE;
    IF NEW.version_id IS DISTINCT FROM c.version_in_force_id
        OR c.state NOT IN ('in_force', 'amending', 'amendment_signed_by_one', 'done')
        OR (TG_OP = 'UPDATE' AND c.state = 'done') THEN
        RAISE EXCEPTION 'the stretch of version % is closed', NEW.version_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stretch_review_of_version_in_force';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.contract_id, NEW.version_id, NEW.side)
        IS DISTINCT FROM (OLD.contract_id, OLD.version_id, OLD.side) THEN
        RAISE EXCEPTION 'review % stays of whom and of what it is', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stretch_review_stays_whose_it_is';
    END IF;
    IF TG_OP = 'UPDATE' AND EXISTS (
        SELECT 1 FROM contracts_stretchreview WHERE version_id = NEW.version_id AND side <> NEW.side
    ) THEN
        RAISE EXCEPTION 'review % is open to the other', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'stretch_review_open_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_is_lawful BEFORE INSERT OR UPDATE ON contracts_stretchreview
    FOR EACH ROW EXECUTE FUNCTION contracts_review_is_lawful();

-- What a party wrote goes with them; the other keeps their own. The name puts it before the trigger `forget`, which may take
-- the contract itself: triggers fire in the order of their names.
CREATE FUNCTION contracts_closing_reviews_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contracts_stretchreview WHERE contract_id = NEW.id AND (
        (side = 'first' AND NEW.first_id IS NULL) OR (side = 'second' AND NEW.second_id IS NULL)
    );
    RETURN NULL;
END $$;
CREATE TRIGGER closing_reviews_go AFTER UPDATE OF first_id, second_id ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION contracts_closing_reviews_go();
"""

BACKWARD = r"""
DROP TRIGGER closing_reviews_go ON contracts_contract;
DROP TRIGGER review_is_lawful ON contracts_stretchreview;
DROP FUNCTION contracts_closing_reviews_go();
DROP FUNCTION contracts_review_is_lawful();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0007_comments'),
    ]

    operations = [
        migrations.CreateModel(
            name='StretchReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='party')),
                ('outcome', models.CharField(choices=[('done', 'Done: I got there'), ('carry_over', 'Carry over: I stay with it'), ('change', 'Change: it should be another goal, or otherwise')], max_length=10, verbose_name='what came of my goal')),
                ('learned', models.TextField(blank=True, max_length=600, verbose_name='what I learned')),
                ('otherwise', models.TextField(blank=True, max_length=600, verbose_name='what I would do otherwise')),
                ('thanks', models.TextField(blank=True, max_length=600, verbose_name='thanks to the other')),
                ('at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='at')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='contracts.contract')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='contracts.version')),
            ],
            options={
                'verbose_name': 'closing review',
                'verbose_name_plural': 'closing reviews',
                'ordering': ['version', 'side'],
                'indexes': [models.Index(fields=['contract', 'version'], name='stretch_review_of_contract')],
                'constraints': [models.UniqueConstraint(fields=('version', 'side'), name='stretch_review_once_per_party', violation_error_message='You have looked back on this stretch already.'), models.CheckConstraint(condition=models.Q(('side__in', ['first', 'second'])), name='stretch_review_is_of_a_party'), models.CheckConstraint(condition=models.Q(('outcome__in', ['done', 'carry_over', 'change'])), name='stretch_review_says_what_came_of_it', violation_error_message='Say what came of your goal.')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
