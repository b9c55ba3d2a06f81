"""When the tasks of activities, mail, calendars and feedback run."""

from celery.schedules import crontab

SCHEDULE = {
    "send-reminders": {"task": "activities.tasks.core.send_reminders", "schedule": crontab()},
    "sweep-emails": {"task": "activities.tasks.mail_out.sweep_emails", "schedule": 30.0},
    "continue-series": {"task": "activities.tasks.ical.continue_series", "schedule": crontab(hour="2", minute="0")},
    "refresh-summaries": {
        "task": "activities.tasks.core.refresh_summaries",
        "schedule": crontab(hour="2", minute="30"),
    },
    "read-mailboxes": {"task": "activities.tasks.mail_in.read_mailboxes", "schedule": 120.0},
    "purge-ignored-mail": {
        "task": "activities.tasks.mail_in.purge_ignored_mail",
        "schedule": crontab(hour="3", minute="40"),
    },
    "escalate-late-feedback": {
        "task": "activities.tasks.feedback.escalate_late_feedback",
        "schedule": crontab(minute="*/15"),
    },
}
