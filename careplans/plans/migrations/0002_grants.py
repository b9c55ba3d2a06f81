from django.db import migrations

KEEPERS = {
    "manage_plans": (
        "May change every care plan and decide about exceptions",
        ("administrator", "deputy_administrator", "management", "key_account_manager"),
    ),
    "approve_plans": ("May approve care plans", ("administrator", "deputy_administrator", "management")),
}


def grant(apps, schema_editor):
    """Let the groups of a database that is in use keep and approve care plans; a new one loads its grants."""
    types = apps.get_model("contenttypes", "ContentType").objects
    for codename, (name, groups) in KEEPERS.items():
        found = apps.get_model("auth", "Group").objects.filter(name__in=groups)
        if not found.exists():
            continue
        kind, _is_new = types.get_or_create(app_label="careplans", model="planapproval")
        permission, _is_new = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": name}
        )
        for group in found:
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("careplans", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
