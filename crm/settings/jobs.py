"""Settings of the background workers. Delivery is at least once: every task may run twice."""

from kombu.entity import Queue

from core.local.directories import celery_url, redis_url
from crm import env

CELERY_BROKER_URL = celery_url(env.REDIS_URL or redis_url(env.DATA_DIR))
#: Short work (mail, sweeps, reminders) and the rest, each with a worker of its own. A worker without ``-Q`` does both.
CELERY_TASK_QUEUES = (Queue("celery"), Queue("long"))
CELERY_TASK_ROUTES = {
    "core.tasks.run_job": {"queue": "long"},
    "activities.log.tasks.continue_series": {"queue": "long"},
    "*.refresh_*": {"queue": "long"},
    "*.purge_*": {"queue": "long"},
}
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
CELERY_BEAT_SCHEDULER = "core.beat:Scheduler"
