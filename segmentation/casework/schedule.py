"""When the tasks run: reminders come in the morning."""

from celery.schedules import crontab

SCHEDULE = {
    "remind-segment-proposals": {
        "task": "segmentation.casework.tasks.remind_proposals",
        "schedule": crontab(hour="7", minute="10"),
    },
}
