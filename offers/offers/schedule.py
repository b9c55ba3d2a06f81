"""Schedule of the tasks of offers."""

from celery.schedules import crontab

SCHEDULE = {
    "refresh-offer-sums": {
        "task": "offers.offers.tasks.refresh_offer_sums",
        "schedule": crontab(hour="2", minute="45"),
    },
    "remind-of-offers": {"task": "offers.offers.tasks.remind_of_offers", "schedule": crontab(minute="5")},
}
