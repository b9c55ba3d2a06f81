from django.db import migrations

NAME, GROUPS = "May change the template of care plans", ("administrator", "deputy_administrator")


def grant(apps, schema_editor):
    """Let the groups of a database that is in use keep the template of plans; a new one loads its grants."""
    found = apps.get_model("auth", "Group").objects.filter(name__in=GROUPS)
    if not found.exists():
        return
    types = apps.get_model("contenttypes", "ContentType").objects
    kind, _is_new = types.get_or_create(app_label="carecontent", model="plantemplate")
    permission, _is_new = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename="manage_templates", defaults={"name": NAME}
    )
    for group in found:
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("carecontent", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
