"""When the tasks of care plans run: after midnight, when the versions of care models have followed each other."""

from celery.schedules import crontab

SCHEDULE = {
    "refresh-care-stays": {
        "task": "careplans.plans.tasks.refresh_all_stays",
        "schedule": crontab(hour="0", minute="15"),
    },
}
