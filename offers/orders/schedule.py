"""The schedule of the tasks of orders."""

from celery.schedules import crontab

SCHEDULE = {
    "refresh-order-sums": {
        "task": "offers.orders.tasks.refresh_order_sums",
        "schedule": crontab(hour="2", minute="50"),
    },
}
