"""Series from before days were remembered: a coming day of the rule that has no occurrence has been left out."""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.utils import timezone

from activities.ical.expansion import occurrences
from activities.ical.rules import parse_rule


def remember(apps, schema_editor):
    for series in apps.get_model("activities", "ActivitySeries").objects.iterator():
        zone = ZoneInfo(series.time_zone)
        made = series.activities.filter(series_start__isnull=False).values_list("series_start", flat=True)
        taken = {time.astimezone(zone).date() for time in made}
        rule, now = parse_rule(series.rule), timezone.now()
        times = occurrences(rule, series.start, zone, after=now, before=series.made_until)
        series.left_out = sorted({time.astimezone(zone).date() for time in times} - taken)
        if series.left_out:
            series.save(update_fields=["left_out"])


class Migration(migrations.Migration):
    dependencies = [("activities", "0014_left_out_days")]

    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
