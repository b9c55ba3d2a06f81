from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0004_condition_references"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="outsidenumber",
            options={
                "default_permissions": (),
                "verbose_name": "number in another system",
                "verbose_name_plural": "numbers in another system",
            },
        ),
    ]
