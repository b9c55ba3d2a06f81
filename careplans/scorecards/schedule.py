"""When the tasks of scorecards run: after metrics and care plans have been computed."""

from celery.schedules import crontab

SCHEDULE = {
    "refresh-scorecards": {
        "task": "careplans.scorecards.tasks.refresh_scores",
        "schedule": crontab(hour="4", minute="30"),
    },
}
