"""How gunicorn serves the product: ``gunicorn -c python:crm.gunicorn crm.wsgi:application``."""

import os

from crm import env

bind = f"{env.BIND}:{env.PORT}"
workers = env.WEB_WORKERS
threads = env.WEB_THREADS
worker_class = "gthread"
preload_app = True  # one copy of the program in memory, and errors at the start end the start
timeout = 120
graceful_timeout = 5
keepalive = 5
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 (a heartbeat file, not data)
secure_scheme_headers: dict[str, str] = {}  # settings.SECURE_PROXY_SSL_HEADER reads the header, of trusted proxies only
control_socket_disable = True
errorlog = "-"
loglevel = "warning"
