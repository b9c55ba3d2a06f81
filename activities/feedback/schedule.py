"""When the tasks of feedback run."""

from celery.schedules import crontab

SCHEDULE = {
    "escalate-late-feedback": {
        "task": "activities.feedback.tasks.escalate_late_feedback",
        "schedule": crontab(minute="*/15"),
    },
}
