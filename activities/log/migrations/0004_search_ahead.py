"""Indexes for searching what is ahead: a small part of all, in which common words are rare."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("activities", "0003_list_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["-start", "-id"], include=("status",), name="activity_in_time"),
        ),
        migrations.RemoveIndex(model_name="activity", name="activity_start"),
        migrations.AddIndex(
            model_name="activity",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("title_folded", "gin_trgm_ops"),
                condition=models.Q(("status__in", ["open", "in_progress"])),
                name="activity_title_ahead",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("status__in", ["open", "in_progress"])),
                fastupdate=False,
                fields=["search"],
                name="activity_search_ahead",
            ),
        ),
    ]
