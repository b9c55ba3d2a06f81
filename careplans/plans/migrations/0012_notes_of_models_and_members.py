"""Notes of models that apply in another way, and of who is in groups and teams.

What the program before has not noted is made up for: the next night evaluates all plans once.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


def note_all(apps, schema_editor):
    if apps.get_model("careplans", "CareLook").objects.exists():
        apps.get_model("careplans", "ModelTouch").objects.create(care_model=None)


class Migration(migrations.Migration):
    dependencies = [
        ("caremodels", "0007_writers"),
        ("careplans", "0011_former_inactivity"),
    ]

    operations = [
        migrations.CreateModel(
            name="MemberNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=160, unique=True)),
                ("people", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ModelTouch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "care_model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="caremodels.caremodel",
                    ),
                ),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RunPython(note_all, migrations.RunPython.noop),
    ]
