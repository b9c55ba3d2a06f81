from django.db import migrations

#: It shows the customers that wait by their segments until they have plans.
OVERDUE, WEEK = "start_contact_overdue", "start_care_week"


def show(apps, schema_editor):
    """Show contact overdue by plans where the groups of a database that is in use show customers waiting."""
    for role in apps.get_model("accounts", "Role").objects.all():
        if "start_waiting" in role.start_panels:
            at = role.start_panels.index("start_waiting")
            role.start_panels = [*role.start_panels[:at], OVERDUE, *role.start_panels[at + 1 :], WEEK]
            role.save(update_fields=["start_panels"])


class Migration(migrations.Migration):
    dependencies = [("carefollow", "0002_sums"), ("accounts", "0004_start_pages")]

    operations = [migrations.RunPython(show, migrations.RunPython.noop)]
