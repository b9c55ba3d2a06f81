"""Feedback and leads that were logged before they had fields of their own get their rows."""

from django.db import migrations

FEEDBACK = """
INSERT INTO activities_feedback (activity_id, about, about_what, answer, answered_at, corrective_action)
SELECT a.id, '', '', '', a.closed_at, ''
FROM activities_activity a JOIN activities_activitytype t ON t.id = a.type_id
WHERE t.details = 'feedback'
ON CONFLICT DO NOTHING
"""
LEADS = """
INSERT INTO activities_lead (activity_id, state, need, state_reason)
SELECT a.id, CASE a.status WHEN 'done' THEN 'closed' ELSE 'untaken' END, '', ''
FROM activities_activity a JOIN activities_activitytype t ON t.id = a.type_id
WHERE t.details = 'lead'
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("activities", "0007_calendar_start")]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in (FEEDBACK, LEADS)]
