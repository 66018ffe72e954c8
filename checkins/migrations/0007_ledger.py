"""The ledger of help, and what the database holds to about it."""

import accounts.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = r"""
-- A contract goes by a trigger, when the second party leaves: what hangs on it goes with it, before it does.
CREATE FUNCTION checkins_books_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM checkins_help WHERE contract_id = OLD.id;
    DELETE FROM checkins_fineasitis WHERE contract_id = OLD.id;
    DELETE FROM checkins_naming WHERE contract_id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER books_go BEFORE DELETE ON contracts_contract
    FOR EACH ROW EXECUTE FUNCTION checkins_books_go();

-- Help is said while the contract is in force, and answered then or when both have said that it is done. What was said
-- stays as it was said, but for the words of somebody who has left; what becomes of it is what checkins.help_lifecycle says.
CREATE FUNCTION checkins_help_is_lawful() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF contracts_is_left(OLD.contract_id) THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'help % is a line of a ledger: it is not taken out', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'help_is_append_only';
    END IF;
    IF TG_OP = 'UPDATE' AND contracts_is_left(OLD.contract_id)
        AND (NEW.words = '' OR NEW.words = OLD.words) AND (NEW.answer = '' OR NEW.answer = OLD.answer)
        AND (NEW.state, NEW.amount, NEW.confirmed, NEW."on") IS NOT DISTINCT FROM
            (OLD.state, OLD.amount, OLD.confirmed, OLD."on") THEN
        RETURN NEW;
    END IF;
    SELECT state INTO held FROM contracts_contract WHERE id = NEW.contract_id FOR NO KEY UPDATE;
    IF held NOT IN ('in_force', 'amending', 'amendment_signed_by_one')
        AND NOT (TG_OP = 'UPDATE' AND held = 'done') THEN
        RAISE EXCEPTION 'contract % is not in force', NEW.contract_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'help_of_contract_in_force';
    END IF;
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    IF (NEW.contract_id, NEW.key, NEW.version, NEW.giver, NEW.written_by, NEW."on", NEW.amount, NEW.words, NEW.said_at)
        IS DISTINCT FROM (OLD.contract_id, OLD.key, OLD.version, OLD.giver, OLD.written_by, OLD."on", OLD.amount, OLD.words,
            OLD.said_at) THEN
        RAISE EXCEPTION 'what was said of help % stays as it was said', OLD.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'help_is_append_only';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (
        ('said', 'confirmed'), ('said', 'not_yet'), ('said', 'taken_back'),
        ('not_yet', 'confirmed'), ('not_yet', 'said'), ('not_yet', 'taken_back'),
        ('confirmed', 'confirmed'), ('confirmed', 'not_yet'), ('confirmed', 'said'), ('confirmed', 'taken_back')
    ) THEN
        RAISE EXCEPTION 'help % does not go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'help_goes_its_way';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER help_is_lawful BEFORE INSERT OR UPDATE OR DELETE ON checkins_help
    FOR EACH ROW EXECUTE FUNCTION checkins_help_is_lawful();

-- Who leaves takes their words along, and what nobody confirmed. What both agree on stays with the other. The name puts it
-- before the trigger `forget`, which may take the contract itself: triggers fire in the order of their names.
CREATE FUNCTION checkins_help_is_left() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE gone text[] := ARRAY[]::text[];
BEGIN
    IF NEW.first_id IS NULL THEN gone := array_append(gone, 'first'); END IF;
    IF NEW.second_id IS NULL THEN gone := array_append(gone, 'second'); END IF;
    DELETE FROM checkins_help WHERE contract_id = NEW.id AND state <> 'confirmed' AND written_by = ANY (gone);
    UPDATE checkins_help SET words = '' WHERE contract_id = NEW.id AND words <> '' AND written_by = ANY (gone);
    UPDATE checkins_help SET answer = '' WHERE contract_id = NEW.id AND answer <> ''
        AND CASE giver WHEN 'first' THEN 'second' ELSE 'first' END = ANY (gone);
    RETURN NULL;
END $$;
CREATE TRIGGER checkins_help_is_left AFTER UPDATE OF first_id, second_id ON contracts_contract
    FOR EACH ROW WHEN (NEW.first_id IS NULL OR NEW.second_id IS NULL) EXECUTE FUNCTION checkins_help_is_left();
"""

BACKWARD = """
DROP TRIGGER books_go ON contracts_contract;
DROP FUNCTION checkins_books_go();
DROP TRIGGER checkins_help_is_left ON contracts_contract;
DROP FUNCTION checkins_help_is_left();
DROP TRIGGER help_is_lawful ON checkins_help;
DROP FUNCTION checkins_help_is_lawful();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('checkins', '0006_gone_with_the_contract'),
        ('contracts', '0008_stretches'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='FineAsItIs',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('upto', models.DateField(verbose_name='up to the meeting')),
                ('said_at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='said at')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fine_as_it_is', to='contracts.contract')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='fine_as_it_is', to=settings.AUTH_USER_MODEL, verbose_name='member')),
            ],
            options={
                'verbose_name': '“it is fine like this”',
                'verbose_name_plural': '“it is fine like this”',
                'constraints': [models.UniqueConstraint(fields=('contract', 'member', 'upto'), name='fine_once_per_meeting')],
            },
        ),
        migrations.CreateModel(
            name='Help',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, verbose_name='commitment')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('giver', models.CharField(choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='giver')),
                ('written_by', models.CharField(choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='written down by')),
                ('on', models.DateField(verbose_name='day')),
                ('amount', models.DecimalField(blank=True, decimal_places=3, max_digits=15, null=True, verbose_name='amount')),
                ('words', models.CharField(blank=True, max_length=300, verbose_name='words')),
                ('said_at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='said at')),
                ('state', models.CharField(choices=[('said', 'Said'), ('confirmed', 'Confirmed'), ('not_yet', 'Has not reached the other yet'), ('taken_back', 'Taken back')], default='said', max_length=10, verbose_name='state')),
                ('confirmed', models.DecimalField(blank=True, decimal_places=3, max_digits=15, null=True, verbose_name='amount that was confirmed')),
                ('answer', models.CharField(blank=True, max_length=300, verbose_name='the receiver’s words')),
                ('answered_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='answered at')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='help', to='contracts.contract')),
            ],
            options={
                'verbose_name': 'help',
                'verbose_name_plural': 'help',
                'ordering': ['on', 'id'],
                'indexes': [models.Index(condition=models.Q(('state', 'said')), fields=['contract', 'giver'], name='help_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('giver__in', ['first', 'second']), ('written_by__in', ['first', 'second'])), name='help_is_between_parties'), models.CheckConstraint(condition=models.Q(('amount__isnull', True), ('amount__gt', 0), _connector='OR'), name='help_amount_is_some', violation_error_message='Say how much it was: more than nothing.'), models.CheckConstraint(condition=models.Q(('confirmed__isnull', True), ('confirmed__gt', 0), _connector='OR'), name='help_confirmed_is_some', violation_error_message='Say how much reached you. If it was nothing, say that it did not happen yet.'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('state', 'confirmed'), models.Q(models.Q(('amount__isnull', True), ('confirmed__isnull', True)), models.Q(('amount__isnull', False), ('confirmed__isnull', False)), _connector='OR')), models.Q(('answered_at__isnull', False), ('confirmed__isnull', True), ('state', 'not_yet')), models.Q(('answer', ''), ('answered_at__isnull', True), ('confirmed__isnull', True), ('state__in', ['said', 'taken_back'])), _connector='OR'), name='help_confirmed_says_how_much', violation_error_message='Say how much of it reached you.'), models.CheckConstraint(condition=models.Q(('written_by', models.F('giver')), ('state__in', ['confirmed', 'taken_back']), _connector='OR'), name='help_of_receiver_is_confirmed')],
            },
        ),
        migrations.CreateModel(
            name='Naming',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='at')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='namings', to='contracts.contract')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='namings', to=settings.AUTH_USER_MODEL, verbose_name='member')),
            ],
            options={
                'verbose_name': 'consent to be named',
                'verbose_name_plural': 'consents to be named',
                'constraints': [models.UniqueConstraint(fields=('contract', 'member'), name='naming_once_per_party')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
