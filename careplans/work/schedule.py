"""When the tasks of generated work run: after the plans have been evaluated, and on Monday before work begins."""

from celery.schedules import crontab

SCHEDULE = {
    "care-work-to-leaders": {
        "task": "careplans.work.tasks.give_to_leaders",
        "schedule": crontab(hour="4", minute="0"),
    },
    "care-work-week": {
        "task": "careplans.work.tasks.tell_week",
        "schedule": crontab(hour="6", minute="0", day_of_week="mon"),
    },
}
