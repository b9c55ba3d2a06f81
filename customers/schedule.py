"""When the tasks of customers run."""

from celery.schedules import crontab

SCHEDULE = {
    "report-ownerless": {"task": "customers.tasks.report_ownerless", "schedule": crontab(hour="3", minute="10")},
}
