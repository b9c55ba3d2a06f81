"""Indexes first: dropping references takes strong locks on the tables that they name, until the end."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_team_notes"),
        ("carefollow", "0008_sums_by_day"),
        ("caremodels", "0006_team_opinions"),
        ("careplans", "0008_exceptions_by_day"),
        ("customers", "0007_segments"),
        ("schemes", "0004_rule_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="careoccurrence",
            index=models.Index(
                models.F("holder"),
                models.F("last"),
                models.F("id"),
                condition=models.Q(("user__isnull", True)),
                name="care_occurrence_together",
            ),
        ),
        migrations.AddIndex(
            model_name="careoccurrence",
            index=models.Index(models.F("code"), models.F("last"), name="care_occurrence_of_code"),
        ),
        migrations.AddIndex(
            model_name="careoccurrence",
            index=models.Index(models.F("team"), models.F("last"), name="care_occurrence_of_team"),
        ),
        migrations.AddIndex(
            model_name="careoccurrence",
            index=models.Index(models.F("unit"), models.F("last"), name="care_occurrence_of_unit"),
        ),
        migrations.AddIndex(
            model_name="careoccurrence",
            index=models.Index(models.F("node"), models.F("last"), name="care_occurrence_of_node"),
        ),
        migrations.RemoveIndex(
            model_name="careoccurrence",
            name="care_occurrence_customer",
        ),
        migrations.RemoveIndex(
            model_name="careoccurrence",
            name="care_occurrence_code",
        ),
        migrations.RemoveIndex(
            model_name="careoccurrence",
            name="care_occurrence_holder",
        ),
        migrations.RemoveIndex(
            model_name="careoccurrence",
            name="care_occurrence_team",
        ),
        migrations.RemoveIndex(
            model_name="careoccurrence",
            name="care_occurrence_unit",
        ),
        migrations.RemoveIndex(
            model_name="careoccurrence",
            name="care_occurrence_node",
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="care_occurrences",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="action",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="caremodels.careaction",
                verbose_name="care action",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="care_model",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="caremodels.caremodel",
                verbose_name="care model",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="node",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="customers.classificationnode",
                verbose_name="customer group",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="own_action",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="careplans.customeraction",
                verbose_name="action of a customer",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="segment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="schemes.segment",
                verbose_name="segment",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="task",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="caremodels.statutorytask",
                verbose_name="statutory task",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="team",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.team",
                verbose_name="team",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="unit",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.team",
                verbose_name="unit",
            ),
        ),
        migrations.AlterField(
            model_name="careoccurrence",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who has it",
            ),
        ),
    ]
