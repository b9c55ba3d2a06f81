from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0003_list_indexes"),
        ("customers", "0003_search_words"),
        ("offers", "0002_reductions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                models.F("type"),
                models.F("status_since"),
                models.F("id"),
                condition=models.Q(("status__in", ["open", "sent"])),
                name="offer_type_undecided",
            ),
        ),
    ]
