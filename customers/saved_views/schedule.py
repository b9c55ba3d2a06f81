"""When the tasks of saved views run."""

from celery.schedules import crontab

SCHEDULE = {
    "reword-conditions": {
        "task": "customers.saved_views.tasks.reword_conditions",
        "schedule": crontab(hour="3", minute="50"),
    },
}
