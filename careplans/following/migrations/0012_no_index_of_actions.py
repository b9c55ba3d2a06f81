"""Occurrences are not found by their action: only actions of drafts are deleted, and drafts make none."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("carefollow", "0011_shorter_lock"), ("caremodels", "0007_writers")]

    operations = [
        migrations.RemoveIndex("careoccurrence", "care_occurrence_action"),
        migrations.AlterField(
            "careoccurrence",
            "action",
            models.ForeignKey(
                "caremodels.careaction",
                django.db.models.deletion.DO_NOTHING,
                null=True,
                related_name="+",
                db_constraint=False,
                db_index=False,
                verbose_name="care action",
            ),  # fmt: skip
        ),
    ]
