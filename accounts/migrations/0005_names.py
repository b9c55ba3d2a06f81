from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_start_pages"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="apitoken",
            options={"default_permissions": (), "verbose_name": "API key", "verbose_name_plural": "API keys"},
        ),
        migrations.AlterModelOptions(
            name="notificationchoice",
            options={
                "default_permissions": (),
                "verbose_name": "notification setting",
                "verbose_name_plural": "notification settings",
            },
        ),
    ]
