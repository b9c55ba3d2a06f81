"""Settings of the test run: the product's own, with what only costs time in tests switched off.

``conftest.py`` sets the environment these are read from, before anything else is imported.
"""

import os
import re
import tempfile
from pathlib import Path

from core.local.directories import celery_url
from crm.settings import *  # noqa: F403
from crm.settings import REDIS_URL as BASE_REDIS_URL
from crm.settings import REST_FRAMEWORK as BASE_REST_FRAMEWORK


def _own_redis_database(url: str) -> str:
    """Return the address of this test process's own database, 1 to 15, on the server that ``url`` names."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = 1 + int(worker.removeprefix("gw")) % 15
    if url.startswith("unix://"):
        return re.sub(r"\?db=\d+$", "", url) + f"?db={number}"
    return re.sub(r"(?<=[^:/])/\d*$", "", url) + f"/{number}"


PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT") or tempfile.mkdtemp(prefix="portaali-test-media-"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # serves static/ as it is, without collecting it
WHITENOISE_USE_FINDERS = True
SESSION_IDLE_HOURS = 0  # tests stop the clock at other days
REDIS_URL = _own_redis_database(BASE_REDIS_URL)
CACHES = {"default": {"BACKEND": "core.cache.TolerantRedisCache", "LOCATION": REDIS_URL}}
CELERY_BROKER_URL = celery_url(REDIS_URL)
REST_FRAMEWORK = {**BASE_REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
