import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_contact_days"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="favourite",
            options={"default_permissions": (), "verbose_name": "favourite", "verbose_name_plural": "favourites"},
        ),
        migrations.RemoveIndex(
            model_name="contact",
            name="contact_rest_search",
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Substr(
                        core.fields.Fold(
                            django.db.models.functions.text.Concat(
                                models.F("last_name"), models.Value(" "), models.F("first_name")
                            )
                        ),
                        2,
                    ),
                    name="gin_trgm_ops",
                ),
                name="contact_rest_search",
            ),
        ),
    ]
