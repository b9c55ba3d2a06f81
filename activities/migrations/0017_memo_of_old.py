"""Memos of an older installation get the rules of today's default data, unless somebody has changed the type."""

from django.db import migrations

MEMO = """
UPDATE activities_activitytype AS type SET counts_as_work = false, status_if_future = 'done'
WHERE type.code = 'memo' AND type.counts_as_work AND type.status_if_future = 'open'
    AND NOT EXISTS (
        SELECT FROM activities_activitytypeevent event
        JOIN pghistory_context context ON context.id = event.pgh_context_id
        WHERE event.pgh_obj_id = type.id AND context.metadata ->> 'user' IS NOT NULL
    )
"""


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0016_mail_certainty_and_answers"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [migrations.RunSQL(MEMO, migrations.RunSQL.noop)]
