"""When the tasks of criteria run: after the metrics of the night (``segmentation.metrics``)."""

from celery.schedules import crontab

SCHEDULE = {
    "evaluate-criteria": {
        "task": "segmentation.criteria.tasks.evaluate_criteria",
        "schedule": crontab(hour="0", minute="50"),
    },
}
