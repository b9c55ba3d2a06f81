"""When the tasks of following run: right after midnight, before customers are evaluated."""

from celery.schedules import crontab

SCHEDULE = {
    "note-teams-of-holders": {
        "task": "careplans.following.tasks.refresh_places",
        "schedule": crontab(hour="0", minute="5"),
    },
}
