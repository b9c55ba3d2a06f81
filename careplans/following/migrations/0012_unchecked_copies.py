import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("carefollow", "0011_shorter_lock"),
        ("customers", "0007_segments"),
    ]

    operations = [
        migrations.AlterField(
            model_name="carereach",
            name="customer",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="customers.customer",
            ),
        ),
        migrations.AlterField(
            model_name="carestatus",
            name="customer",
            field=models.OneToOneField(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="care_status",
                serialize=False,
                to="customers.customer",
            ),
        ),
    ]
