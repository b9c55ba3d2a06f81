from django.db import migrations
from django.db.models import F


def keep(apps, schema_editor):
    """What is in force stays so: segments have always needed approval as they do, what was decided was decided."""
    segments = apps.get_model("schemes", "Segment").objects.values_list("pk", "needs_approval")
    need = apps.get_model("careplans", "ApprovalNeed")
    need.objects.bulk_create(need(segment_id=pk, first=None, needs=needs) for pk, needs in segments)
    apps.get_model("careplans", "PlanException").objects.filter(status="approved").update(by_management=True)
    apps.get_model("careplans", "CustomerAction").objects.update(approved_on=F("first"))


class Migration(migrations.Migration):
    dependencies = [("careplans", "0004_rule_18")]

    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
