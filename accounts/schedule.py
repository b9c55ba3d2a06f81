"""When the tasks of users and notifications run."""

from celery.schedules import crontab

SCHEDULE = {
    "purge-notifications": {
        "task": "accounts.tasks.purge_notifications",
        "schedule": crontab(hour="3", minute="20"),
    },
}
