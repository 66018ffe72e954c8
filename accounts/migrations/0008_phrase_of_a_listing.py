from django.db import migrations, models

# What a member typed was not kept before: the topic's name in their language is the nearest to it.
FILL = """
UPDATE accounts_listing listing
SET phrase = CASE WHEN member.language LIKE 'fr%' AND topic.label_fr <> '' THEN topic.label_fr ELSE topic.label_en END
FROM accounts_topic topic, accounts_user member
WHERE topic.id = listing.topic_id AND member.id = listing.member_id AND listing.phrase = ''
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_meaning")]

    operations = [
        migrations.AddField(
            model_name="listing",
            name="phrase",
            field=models.CharField(default="", max_length=120, verbose_name="phrase"),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
