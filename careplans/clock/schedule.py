"""When the tasks of internal events run."""

from celery.schedules import crontab

SCHEDULE = {
    "internal-work": {"task": "careplans.clock.tasks.refresh_work", "schedule": crontab(minute="25")},
    "internal-work-to-leaders": {
        "task": "careplans.clock.tasks.give_to_leaders",
        "schedule": crontab(hour="4", minute="10"),
    },
}
