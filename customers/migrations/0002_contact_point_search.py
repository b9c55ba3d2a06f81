import django.contrib.postgres.indexes
from django.db import migrations

import crm.fields


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="contactpoint",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(crm.fields.Fold("value"), name="gin_trgm_ops"),
                name="contact_point_search",
            ),
        ),
    ]
