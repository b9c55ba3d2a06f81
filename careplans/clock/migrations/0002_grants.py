from django.db import migrations

KEEPERS = ("administrator", "deputy_administrator", "key_account_manager")


def grant(apps, schema_editor):
    """Let the groups of a database that is in use keep internal events; a new one loads its grants."""
    found = apps.get_model("auth", "Group").objects.filter(name__in=KEEPERS)
    if not found.exists():
        return
    kind, _is_new = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="careclock", model="internalaction"
    )
    permission, _is_new = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind,
        codename="manage_internal",
        defaults={"name": "May change the internal events of the annual clock"},
    )
    for group in found:
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("careclock", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
