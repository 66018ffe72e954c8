"""Whether it is a good fit, answered by each alone; and pairs of which nothing is heard."""

import accounts.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = r"""
-- A contract goes by a trigger, when the second party leaves: what hangs on it goes with it. The keys to the contract are
-- made at the end of this migration, too late to be told here to cascade, and are looked at when a transaction ends.
CREATE FUNCTION checkins_fits_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM checkins_fitanswer WHERE contract_id = OLD.id;
    DELETE FROM checkins_silence WHERE contract_id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER fits_go AFTER DELETE ON contracts_contract FOR EACH ROW EXECUTE FUNCTION checkins_fits_go();

-- Both hear of it only where both say yes; that they have stays, and whose an answer is does as well.
CREATE FUNCTION checkins_fit_is_lawful() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.contract_id, NEW.question, NEW.side, NEW.author_id)
        IS DISTINCT FROM (OLD.contract_id, OLD.question, OLD.side, OLD.author_id) THEN
        RAISE EXCEPTION 'answer % stays of whom and of what it is', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'fit_answer_stays_whose_it_is';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.shared_at IS NOT NULL THEN
        IF NEW.shared_at IS DISTINCT FROM OLD.shared_at THEN
            RAISE EXCEPTION 'what both have heard by answer % stays heard', OLD.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'fit_answer_shared_stays';
        END IF;
    ELSIF NEW.shared_at IS NOT NULL AND (NEW.says <> 'yes' OR NOT EXISTS (
        SELECT 1 FROM checkins_fitanswer
        WHERE contract_id = NEW.contract_id AND question = NEW.question AND side <> NEW.side AND says = 'yes'
    )) THEN
        RAISE EXCEPTION 'answer % is shared only where both say yes', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'fit_answer_shared_by_two_yeses';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fit_is_lawful BEFORE INSERT OR UPDATE ON checkins_fitanswer
    FOR EACH ROW EXECUTE FUNCTION checkins_fit_is_lawful();
"""

BACKWARD = """
DROP TRIGGER fits_go ON contracts_contract;
DROP FUNCTION checkins_fits_go();
DROP TRIGGER fit_is_lawful ON checkins_fitanswer;
DROP FUNCTION checkins_fit_is_lawful();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('checkins', '0004_pushes'),
        ('contracts', '0009_silence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='meeting',
            name='held_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='said so at'),
        ),
        migrations.AlterField(
            model_name='pause',
            name='said_by',
            field=models.CharField(blank=True, choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='said by'),
        ),
        migrations.CreateModel(
            name='Silence',
            fields=[
                ('contract', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='silence', serialize=False, to='contracts.contract')),
                ('step', models.CharField(choices=[('heard', 'heard of'), ('asked', 'asked whether they still meet'), ('paused', 'paused by us')], default='heard', max_length=6, verbose_name='step')),
                ('told_at', models.DateTimeField(blank=True, null=True, verbose_name='told at')),
                ('said_at', models.DateTimeField(blank=True, null=True, verbose_name='said to go on at')),
                ('look_at', models.DateTimeField(verbose_name='looked at next')),
            ],
            options={
                'verbose_name': 'silence of a pair',
                'verbose_name_plural': 'silences of pairs',
                'indexes': [models.Index(fields=['look_at'], name='silence_to_look_at')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('step', 'heard'), ('told_at__isnull', True)), models.Q(('step__in', ['asked', 'paused']), ('told_at__isnull', False)), _connector='OR'), name='silence_step_was_told')],
            },
        ),
        migrations.CreateModel(
            name='FitAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.PositiveSmallIntegerField(verbose_name='question')),
                ('side', models.CharField(choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='party')),
                ('says', models.CharField(choices=[('yes', 'Yes, it is'), ('unsure', 'I am not sure'), ('no', 'Not really')], max_length=6, verbose_name='is it a good fit?')),
                ('words', models.TextField(blank=True, max_length=1000, verbose_name='words for myself')),
                ('at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='at')),
                ('shared_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='both had said yes at')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fit_answers', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fit_answers', to='contracts.contract')),
            ],
            options={
                'verbose_name': 'answer about the fit',
                'verbose_name_plural': 'answers about the fit',
                'ordering': ['contract', 'question', 'side'],
                'indexes': [models.Index(fields=['at'], name='fit_answer_by_day')],
                'constraints': [models.UniqueConstraint(fields=('contract', 'question', 'side'), name='fit_answer_once_per_party'), models.CheckConstraint(condition=models.Q(('side__in', ['first', 'second'])), name='fit_answer_is_of_a_party'), models.CheckConstraint(condition=models.Q(('question__gte', 1)), name='fit_answer_question_counts_from_1'), models.CheckConstraint(condition=models.Q(('says__in', ['yes', 'unsure', 'no'])), name='fit_answer_says_one_of_three', violation_error_message='Choose one of the three answers.')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
