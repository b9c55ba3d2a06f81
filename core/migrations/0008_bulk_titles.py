from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_list_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkrun",
            name="titles",
            field=models.JSONField(default=dict),
        ),
    ]
