"""The schedule of the tasks of mail."""

from celery.schedules import crontab

SCHEDULE = {
    "sweep-emails": {"task": "activities.mail.tasks.sweep_emails", "schedule": 30.0},
    "read-mailboxes": {"task": "activities.mail.tasks.read_mailboxes", "schedule": 120.0},
    "purge-ignored-mail": {
        "task": "activities.mail.tasks.purge_ignored_mail",
        "schedule": crontab(hour="3", minute="40"),
    },
}
