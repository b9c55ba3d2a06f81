from django.db import migrations

KEEPERS = {
    "manage_models": ("May change care models", ("administrator", "deputy_administrator", "key_account_manager")),
    "approve_models": ("May approve care models", ("administrator", "deputy_administrator", "management")),
    "manage_statutory": ("May change statutory tasks", ("administrator", "deputy_administrator")),
}


def grant(apps, schema_editor):
    """Let the groups of a database that is in use keep and approve care models; a new one loads its grants."""
    kind = None
    for codename, (name, groups) in KEEPERS.items():
        found = apps.get_model("auth", "Group").objects.filter(name__in=groups)
        if not found.exists():
            continue
        kind = (
            kind
            or apps.get_model("contenttypes", "ContentType").objects.get_or_create(
                app_label="caremodels", model="caremodel"
            )[0]
        )
        permission, _is_new = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=kind, codename=codename, defaults={"name": name}
        )
        for group in found:
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("caremodels", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
