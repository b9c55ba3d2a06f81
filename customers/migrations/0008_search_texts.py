"""What customers are found by in a table of its own: summaries change with each activity, texts seldom."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# Nobody adds a customer, or writes the text of one, between the copy and the trigger that makes both rows. Backwards,
# removing the trigger, which is the first step then, keeps out who adds customers.
LOCK = "LOCK TABLE customers_customer, customers_customersummary IN SHARE ROW EXCLUSIVE MODE"
COPY = """
INSERT INTO customers_customersearch (customer_id, text) SELECT customer_id, search_text FROM customers_customersummary
"""
COPY_BACK = """
UPDATE customers_customersummary s SET search_text = t.text FROM customers_customersearch t
WHERE t.customer_id = s.customer_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_segments"),
    ]

    operations = [
        migrations.RunSQL(LOCK, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="CustomerSearch",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_row",
                        serialize=False,
                        to="customers.customer",
                    ),
                ),
                ("text", models.TextField(blank=True, default="")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="customersearch",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("text", "gin_trgm_ops"), name="customer_search"
            ),
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="customer",
            name="make_summary",
        ),
        migrations.RemoveIndex(
            model_name="customersummary",
            name="summary_search",
        ),
        migrations.RunSQL(migrations.RunSQL.noop, COPY_BACK),
        migrations.RemoveField(
            model_name="customersummary",
            name="search_text",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customer",
            trigger=pgtrigger.compiler.Trigger(
                name="make_summary",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="INSERT INTO customers_customersummary (customer_id, open_activities) SELECT id, 0 FROM new_rows ON CONFLICT DO NOTHING; INSERT INTO customers_customersearch (customer_id, text) SELECT id, portaali_fold(name) FROM new_rows ON CONFLICT DO NOTHING; RETURN NULL;",
                    hash="97976cb9e615219ab646f1b0cb62c193bc67616d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_make_summary_7edea",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="customers_customer",
                    when="AFTER",
                ),
            ),
        ),
    ]
