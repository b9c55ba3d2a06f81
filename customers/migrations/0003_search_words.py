import django.contrib.postgres.indexes
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import core.fields
from core.migration_operations import AddTriggers

WORDS = """
INSERT INTO customers_nameword (word, of_contacts)
SELECT DISTINCT piece, of_contacts
FROM (
    SELECT portaali_fold(name || ' ' || official_name) AS names, false AS of_contacts FROM customers_customer
    UNION ALL SELECT search_text, true FROM customers_contact
) named, regexp_split_to_table(names, '[^a-z0-9]+') piece
WHERE piece ~ '^[a-z][a-z]' AND length(piece) > 2
"""


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_turnover"),
    ]

    operations = [
        migrations.CreateModel(
            name="NameWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.TextField(db_collation="C")),
                ("of_contacts", models.BooleanField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="contact",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    core.fields.Fold(
                        django.db.models.functions.text.Substr(
                            django.db.models.functions.text.Concat(
                                models.F("last_name"), models.Value(" "), models.F("first_name")
                            ),
                            2,
                        )
                    ),
                    name="gin_trgm_ops",
                ),
                name="contact_rest_search",
            ),
        ),
        AddTriggers(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="contact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="keep_words_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="INSERT INTO customers_nameword (word, of_contacts) SELECT DISTINCT piece, true FROM new_rows named, regexp_split_to_table(named.search_text, '[^a-z0-9]+') piece WHERE piece ~ '^[a-z][a-z]' AND length(piece) > 2 AND NOT EXISTS ( SELECT 1 FROM customers_nameword known WHERE known.word = piece COLLATE \"C\" AND known.of_contacts = true ); RETURN NULL;",
                            hash="14bdf109f9f5856162ffb118ad9d102da4bd8a8c",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_keep_words_insert_ec5e9",
                            referencing="REFERENCING NEW TABLE AS new_rows ",
                            table="customers_contact",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="contact",
                    trigger=pgtrigger.compiler.Trigger(
                        name="keep_words_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="INSERT INTO customers_nameword (word, of_contacts) SELECT DISTINCT piece, true FROM new_rows named, regexp_split_to_table(named.search_text, '[^a-z0-9]+') piece WHERE piece ~ '^[a-z][a-z]' AND length(piece) > 2 AND NOT EXISTS ( SELECT 1 FROM customers_nameword known WHERE known.word = piece COLLATE \"C\" AND known.of_contacts = true ); RETURN NULL;",
                            hash="2bce175f7672dc2c3b1167d0f4ce3a552ef3f472",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_keep_words_update_8b934",
                            referencing="REFERENCING NEW TABLE AS new_rows ",
                            table="customers_contact",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="customer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="keep_words_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="INSERT INTO customers_nameword (word, of_contacts) SELECT DISTINCT piece, false FROM new_rows named, regexp_split_to_table(portaali_fold(named.name || ' ' || named.official_name), '[^a-z0-9]+') piece WHERE piece ~ '^[a-z][a-z]' AND length(piece) > 2 AND NOT EXISTS ( SELECT 1 FROM customers_nameword known WHERE known.word = piece COLLATE \"C\" AND known.of_contacts = false ); RETURN NULL;",
                            hash="6a24430362ab05d4972ff7d45804e963fe6d5b94",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_keep_words_insert_958c9",
                            referencing="REFERENCING NEW TABLE AS new_rows ",
                            table="customers_customer",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="customer",
                    trigger=pgtrigger.compiler.Trigger(
                        name="keep_words_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="INSERT INTO customers_nameword (word, of_contacts) SELECT DISTINCT piece, false FROM new_rows named, regexp_split_to_table(portaali_fold(named.name || ' ' || named.official_name), '[^a-z0-9]+') piece WHERE piece ~ '^[a-z][a-z]' AND length(piece) > 2 AND NOT EXISTS ( SELECT 1 FROM customers_nameword known WHERE known.word = piece COLLATE \"C\" AND known.of_contacts = false ); RETURN NULL;",
                            hash="f7d0f96df0f55c43c5d9ee8ba368f927279e5c1b",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_keep_words_update_d68d1",
                            referencing="REFERENCING NEW TABLE AS new_rows ",
                            table="customers_customer",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
        migrations.RunSQL(WORDS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="nameword",
            index=models.Index(models.F("word"), models.F("of_contacts"), name="name_word"),
        ),
        migrations.AddIndex(
            model_name="nameword",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("word", "gin_trgm_ops"), name="name_word_search"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                models.F("language"),
                models.F("sort_key"),
                models.F("id"),
                condition=models.Q(("language", "fi"), _negated=True),
                name="contact_language",
            ),
        ),
        migrations.AddIndex(
            model_name="customersummary",
            index=models.Index(
                models.F("customer"), condition=models.Q(("open_offers__gt", 0)), name="summary_with_offers"
            ),
        ),
        migrations.AddIndex(
            model_name="customersummary",
            index=models.Index(
                models.F("customer"), condition=models.Q(("owner__isnull", True)), name="summary_without_owner"
            ),
        ),
    ]
