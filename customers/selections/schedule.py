"""When the tasks of selections run."""

from celery.schedules import crontab

SCHEDULE = {
    "sweep-conditions": {
        "task": "customers.selections.tasks.sweep_conditions",
        "schedule": crontab(hour="3", minute="35"),
    },
}
