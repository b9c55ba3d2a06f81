from django.db import migrations

from core.defaults import read

KEEPERS = {
    "start_reviews": ("May start segment reviews", ("administrator", "deputy_administrator", "key_account_manager")),
    "decide_reviews": ("May decide segment reviews", ("administrator", "deputy_administrator", "management")),
}
PANELS = ("start_segment_work", "start_segment_proposals")


def grant(apps, schema_editor):
    """Let the groups of a database that is in use start and decide reviews; a new one loads its grants."""
    kind = None
    for codename, (name, groups) in KEEPERS.items():
        found = apps.get_model("auth", "Group").objects.filter(name__in=groups)
        if not found.exists():
            continue
        kind = (
            kind
            or apps.get_model("contenttypes", "ContentType").objects.get_or_create(
                app_label="casework", model="review"
            )[0]
        )
        permission, _is_new = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": name}
        )
        for group in found:
            group.permissions.add(permission)


def show(apps, schema_editor):
    """Add the panels to the start pages of the groups that have them by default, at the end."""
    wanted = {
        row["code"]: [name for name in row["start_panels"] if name in PANELS] for row in read("accounts", "roles")
    }
    for role in apps.get_model("accounts", "Role").objects.filter(name__in=wanted):
        missing = [name for name in wanted[role.name] if name not in role.start_panels]
        if role.start_panels and missing:
            role.start_panels = [*role.start_panels, *missing]
            role.save(update_fields=["start_panels"])


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0001_initial"),
        ("accounts", "0004_start_pages"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(grant, migrations.RunPython.noop),
        migrations.RunPython(show, migrations.RunPython.noop),
    ]
