"""When the tasks of care models run: a version that has taken effect replaces the one before it at once."""

from celery.schedules import crontab

SCHEDULE = {
    "replace-care-models": {
        "task": "careplans.caremodels.tasks.replace_versions",
        "schedule": crontab(hour="0", minute="5"),
    },
}
