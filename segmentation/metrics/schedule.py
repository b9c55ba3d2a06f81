"""When the tasks of metrics run: after midnight, before what is made of them."""

from celery.schedules import crontab

SCHEDULE = {
    "refresh-metrics": {
        "task": "segmentation.metrics.tasks.refresh_metrics",
        "schedule": crontab(hour="0", minute="20"),
    },
}
