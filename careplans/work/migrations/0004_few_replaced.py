import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0017_few_references"),
        ("carework", "0003_listed_days"),
        ("customers", "0007_segments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="carework",
            name="replaced_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="care_work_replaced",
                to="activities.activity",
                verbose_name="done otherwise by",
            ),
        ),
        migrations.AddIndex(
            model_name="carework",
            index=models.Index(
                models.F("replaced_by"), condition=models.Q(("replaced_by__isnull", False)), name="care_work_replaced"
            ),
        ),
    ]
