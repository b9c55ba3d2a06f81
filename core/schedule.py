"""When the kernel's own tasks run."""

from celery.schedules import crontab

SCHEDULE = {
    "requeue-lost-jobs": {"task": "core.tasks.requeue_lost_jobs", "schedule": 10.0},
    "count-lists": {"task": "core.tasks.count_lists", "schedule": crontab(hour="2", minute="20")},
    "purge-old-rows": {"task": "core.tasks.purge_old_rows", "schedule": crontab(hour="3", minute="10")},
}
