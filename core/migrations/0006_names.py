from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0005_recent_records"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="job",
            options={"verbose_name": "background job", "verbose_name_plural": "background jobs"},
        ),
        migrations.AlterModelOptions(
            name="recentrecord",
            options={
                "verbose_name": "recently viewed record",
                "verbose_name_plural": "recently viewed records",
            },
        ),
        migrations.AlterModelOptions(
            name="submission",
            options={"verbose_name": "form that was sent", "verbose_name_plural": "forms that were sent"},
        ),
    ]
