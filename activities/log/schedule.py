"""When the tasks of activities run."""

from celery.schedules import crontab

SCHEDULE = {
    "send-reminders": {"task": "activities.log.tasks.send_reminders", "schedule": crontab()},
    "continue-series": {"task": "activities.log.tasks.continue_series", "schedule": crontab(hour="2", minute="0")},
    "refresh-summaries": {
        "task": "activities.log.tasks.refresh_summaries",
        "schedule": crontab(hour="2", minute="30"),
    },
}
