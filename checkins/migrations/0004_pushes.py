"""What the two say to each other about their weeks: replies, pushes, and the agenda that they tick off together."""

import accounts.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('checkins', '0003_departures'),
        ('contracts', '0008_stretches'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='checkin',
            name='asked_back',
            field=models.DateField(blank=True, null=True, verbose_name='was asked about what was in the way'),
        ),
        migrations.AddField(
            model_name='checkin',
            name='block',
            field=models.CharField(blank=True, choices=[('fear', 'Fear, or doubt'), ('time', 'Time'), ('know_how', 'Not knowing how'), ('other', 'Something else')], max_length=8, verbose_name='what kind of thing is in the way'),
        ),
        migrations.AddField(
            model_name='checkin',
            name='helped',
            field=models.TextField(blank=True, verbose_name='what helped with it'),
        ),
        migrations.CreateModel(
            name='Push',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='party')),
                ('state', models.CharField(choices=[('sent', 'Sent'), ('left', 'Left for now')], max_length=4, verbose_name='state')),
                ('on', models.DateField(verbose_name='after the meeting')),
                ('stretch_on', models.DateField(verbose_name='in the stretch from')),
                ('words', models.TextField(blank=True, verbose_name='in words')),
                ('said_at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='said at')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pushes', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pushes', to='contracts.contract')),
            ],
            options={
                'verbose_name': 'push',
                'verbose_name_plural': 'pushes',
                'ordering': ['said_at'],
                'constraints': [models.UniqueConstraint(fields=('contract', 'side', 'on'), name='push_once_per_reason'), models.UniqueConstraint(condition=models.Q(('state', 'sent')), fields=('contract', 'side', 'stretch_on'), name='push_once_a_stretch'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), models.Q(('words', ''), _negated=True)), models.Q(('state', 'left'), ('words', '')), _connector='OR'), name='push_sent_has_words', violation_error_message='Write a few words.')],
            },
        ),
        migrations.CreateModel(
            name='Reply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='meeting')),
                ('side', models.CharField(choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='party')),
                ('is_cheer', models.BooleanField(default=False, verbose_name='a cheer')),
                ('words', models.TextField(blank=True, verbose_name='in words')),
                ('said_at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='said at')),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replies', to=settings.AUTH_USER_MODEL, verbose_name='author')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='replies', to='contracts.contract')),
            ],
            options={
                'verbose_name': 'reply to a check-in',
                'verbose_name_plural': 'replies to check-ins',
                'ordering': ['on', 'side'],
                'constraints': [models.UniqueConstraint(fields=('contract', 'on', 'side'), name='reply_once_per_check_in'), models.CheckConstraint(condition=models.Q(('is_cheer', True), models.Q(('words', ''), _negated=True), _connector='OR'), name='reply_says_something', violation_error_message='Write a few words, or cheer.')],
            },
        ),
        migrations.CreateModel(
            name='Tick',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='meeting')),
                ('point', models.CharField(max_length=20, verbose_name='point')),
                ('side', models.CharField(choices=[('first', 'first party'), ('second', 'second party')], max_length=6, verbose_name='ticked off by')),
                ('at', models.DateTimeField(db_default=accounts.clock.Now(), editable=False, verbose_name='at')),
                ('contract', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ticks', to='contracts.contract')),
            ],
            options={
                'verbose_name': 'point that was ticked off',
                'verbose_name_plural': 'points that were ticked off',
                'ordering': ['at'],
                'constraints': [models.UniqueConstraint(fields=('contract', 'on', 'point'), name='tick_once_per_point')],
            },
        ),
    ]
