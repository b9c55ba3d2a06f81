"""New rows wait in lists of the searches and are entered together; the indexes are changed, not built again."""

import django.contrib.postgres.indexes
from django.db import migrations, models

NAMES = ("activity_title_search", "activity_search", "activity_title_ahead", "activity_search_ahead")
SET = [f"ALTER INDEX {name} SET (fastupdate = on, gin_pending_list_limit = 1024)" for name in NAMES]
BACK = [
    *(f"ALTER INDEX {name} RESET (gin_pending_list_limit)" for name in NAMES),
    *(f"ALTER INDEX {name} SET (fastupdate = off)" for name in NAMES if name.startswith("activity_search")),
]


class Migration(migrations.Migration):
    dependencies = [("activities", "0014_due_given")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(SET, BACK)],
            [
                migrations.RemoveIndex(
                    model_name="activity",
                    name="activity_title_search",
                ),
                migrations.RemoveIndex(
                    model_name="activity",
                    name="activity_search",
                ),
                migrations.RemoveIndex(
                    model_name="activity",
                    name="activity_title_ahead",
                ),
                migrations.RemoveIndex(
                    model_name="activity",
                    name="activity_search_ahead",
                ),
                migrations.AddIndex(
                    model_name="activity",
                    index=django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("title_folded", "gin_trgm_ops"),
                        gin_pending_list_limit=1024,
                        name="activity_title_search",
                    ),
                ),
                migrations.AddIndex(
                    model_name="activity",
                    index=django.contrib.postgres.indexes.GinIndex(
                        fields=["search"], gin_pending_list_limit=1024, name="activity_search"
                    ),
                ),
                migrations.AddIndex(
                    model_name="activity",
                    index=django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("title_folded", "gin_trgm_ops"),
                        condition=models.Q(("status__in", ["open", "in_progress"])),
                        gin_pending_list_limit=1024,
                        name="activity_title_ahead",
                    ),
                ),
                migrations.AddIndex(
                    model_name="activity",
                    index=django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("status__in", ["open", "in_progress"])),
                        fields=["search"],
                        gin_pending_list_limit=1024,
                        name="activity_search_ahead",
                    ),
                ),
            ],
        )
    ]
