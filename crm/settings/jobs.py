"""Settings of the background workers. Delivery is at least once: every task may run twice."""

from celery.schedules import crontab

from crm import env
from crm.local import addresses

CELERY_BROKER_URL = addresses.celery_url(env.REDIS_URL or addresses.redis_url())
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}
CELERY_TASK_TIME_LIMIT = 5 * 3600
CELERY_TIMEZONE = "Europe/Helsinki"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "requeue-lost-jobs": {"task": "crm.tasks.requeue_lost_jobs", "schedule": 30.0},
    "send-reminders": {"task": "activities.tasks.core.send_reminders", "schedule": crontab()},
    "purge-notifications": {
        "task": "accounts.tasks.purge_notifications",
        "schedule": crontab(hour="3", minute="20"),
    },
    "purge-old-rows": {"task": "crm.tasks.purge_old_rows", "schedule": crontab(hour="3", minute="10")},
    "purge-old-imports": {"task": "imports.tasks.purge_old_imports", "schedule": crontab(hour="3", minute="30")},
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
    "refresh-offer-sums": {"task": "offers.tasks.refresh_offer_sums", "schedule": crontab(hour="2", minute="45")},
    "refresh-order-sums": {"task": "offers.tasks.refresh_order_sums", "schedule": crontab(hour="2", minute="50")},
    "remind-of-offers": {"task": "offers.tasks.remind_of_offers", "schedule": crontab(minute="5")},
    "escalate-late-feedback": {
        "task": "activities.tasks.feedback.escalate_late_feedback",
        "schedule": crontab(minute="*/15"),
    },
}
