"""Schedule of the tasks of feedback."""

from celery.schedules import crontab

SCHEDULE = {
    "escalate-late-feedback": {
        "task": "activities.feedback.tasks.escalate_late_feedback",
        "schedule": crontab(minute="*/15"),
    },
}
