"""The schedule of the tasks of sales."""

SCHEDULE = {
    "refresh-sales-overviews": {"task": "offers.sales.tasks.refresh_overviews", "schedule": 300.0},
}
