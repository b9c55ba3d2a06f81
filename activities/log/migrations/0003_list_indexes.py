from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0002_series_contents"),
        ("customers", "0003_search_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                models.F("channel"),
                models.OrderBy(models.F("start"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("channel", ""), _negated=True),
                name="activity_of_channel",
            ),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                models.F("type"),
                models.F("start"),
                models.F("id"),
                condition=models.Q(("status__in", ["open", "in_progress"])),
                name="activity_type_open",
            ),
        ),
    ]
