import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="customer",
            name="turnover",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="Euros per year.",
                max_digits=16,
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="turnover",
            ),
        ),
        migrations.AlterField(
            model_name="customerevent",
            name="turnover",
            field=models.DecimalField(
                blank=True,
                decimal_places=2,
                help_text="Euros per year.",
                max_digits=16,
                null=True,
                validators=[django.core.validators.MinValueValidator(0)],
                verbose_name="turnover",
            ),
        ),
    ]
