"""A contract may be closed with thanks, when both have fallen silent: the way of ending is said by its event."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('contracts', '0008_stretches'),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('started', 'started the draft'), ('signed', 'signed'), ('signature_voided', 'changed the text, which made the signature void'), ('signature_taken_back', 'took the signature back'), ('in_force', 'The version came into force'), ('taken_back', 'took the draft back'), ('amending', 'began an amendment'), ('amendment_taken_back', 'took the amendment back'), ('said_done', 'said that the goal is met'), ('said_not_done', 'said that there is still something to do'), ('done', 'Both said that the goal is met: the contract is done'), ('parted', 'The two parted'), ('fell_silent', 'Closed with thanks, after a long silence'), ('left', 'left Peermentor')], max_length=30, verbose_name='kind'),
        ),
    ]
