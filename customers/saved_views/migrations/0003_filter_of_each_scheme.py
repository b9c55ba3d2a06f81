from django.db import migrations

FORMER = "further_segment"


def _parts(condition):
    return condition.get("parts") or []


def split_views(apps, schema_editor):
    """Give saved views a filter for each further scheme in the place of the one filter of all."""
    views = apps.get_model("views", "SavedView").objects
    references = apps.get_model("selections", "SegmentReference").objects
    for view in views.filter(condition__icontains=f".{FORMER}"):
        parts = []
        number = max((part["id"] for part in _parts(view.condition)), default=1)
        for part in _parts(view.condition):
            if not part.get("field", "").endswith(f".{FORMER}"):
                parts.append(part)
                continue
            own = references.filter(view=view, rule=part["id"], target__isnull=False)
            schemes = sorted(set(own.values_list("target__scheme", flat=True)))
            if not schemes:  # its segments are gone: without the filter the view would show everything
                parts.append(part)
            for scheme in schemes:
                number += 1
                parts.append({**part, "id": number, "field": f"{view.list}.segment_{scheme}"})
                own.filter(target__scheme=scheme).update(rule=number)
        view.condition = {**view.condition, "parts": parts}
        view.earlier = None  # an undo would bring the former filter back
        view.save(update_fields=["condition", "earlier"])


class Migration(migrations.Migration):
    dependencies = [
        ("views", "0002_undo"),
        ("selections", "0005_segment_references"),
        ("schemes", "0004_rule_changes"),
    ]

    operations = [migrations.RunPython(split_views, migrations.RunPython.noop)]
