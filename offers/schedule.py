"""When the tasks of offers run."""

from celery.schedules import crontab

SCHEDULE = {
    "refresh-offer-sums": {"task": "offers.tasks.refresh_offer_sums", "schedule": crontab(hour="2", minute="45")},
    "refresh-order-sums": {"task": "offers.tasks.refresh_order_sums", "schedule": crontab(hour="2", minute="50")},
    "remind-of-offers": {"task": "offers.tasks.remind_of_offers", "schedule": crontab(minute="5")},
}
