import django.contrib.postgres.fields
from django.db import migrations, models

#: Who has prepared a version that is not decided yet counts as one who has written it.
FILL = "UPDATE caremodels_modelversion SET writers = editors WHERE editors <> '{}' AND valid_from IS NULL"


class Migration(migrations.Migration):
    dependencies = [
        ("caremodels", "0006_team_opinions"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelversion",
            name="writers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), default=list, editable=False, size=None, verbose_name="written by"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
