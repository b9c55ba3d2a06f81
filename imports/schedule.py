"""When the tasks of imports run."""

from celery.schedules import crontab

SCHEDULE = {
    "purge-old-imports": {"task": "imports.tasks.purge_old_imports", "schedule": crontab(hour="3", minute="30")},
}
