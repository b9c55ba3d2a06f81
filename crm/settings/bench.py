"""The settings of the web server that the bench measures: those of production, with a counter in front.

It runs as ``python -m crm.web``, as in production; only what the bench needs to see is added.
"""

import os

from crm.settings import *  # noqa: F403
from crm.settings import MIDDLEWARE, REST_FRAMEWORK, STORAGES

MIDDLEWARE = ["demo.bench.middleware.BenchMiddleware", *MIDDLEWARE]
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"user": "1000000/min"}}
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
ALLOWED_HOSTS = ["localhost"]
#: The day of ``bench --today``, or nothing.
BENCH_TODAY = os.environ.get("BENCH_TODAY", "")
if not os.path.isdir(STATIC_ROOT):  # noqa: F405 - not collected: addresses without a digest do as well
    STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
