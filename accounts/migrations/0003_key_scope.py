from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_system_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="expires_on",
            field=models.DateField(blank=True, null=True, verbose_name="valid until"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="is_service",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Stays valid when the password is changed. Personal keys are revoked then.",
                verbose_name="key of a service account",
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="scope",
            field=models.CharField(
                choices=[("write", "read and write"), ("read", "read only")],
                db_default="write",
                default="write",
                max_length=5,
                verbose_name="what the key may do",
            ),
        ),
    ]
