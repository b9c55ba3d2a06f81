"""Structured logs: one event a line, readable text or JSON (``LOG_FORMAT=json``)."""

import re
from typing import Any

import structlog

from crm import env

#: Where the address itself is the secret: personal links, calendar feeds, links to choose a password.
SECRET_PATHS = ("/offer/", "/nps/", "/plan/", "/calendar/feed/", "/account/password/reset/key/")
_secret = re.compile(rf"({'|'.join(SECRET_PATHS)})[^/\s'\"?]+")


def mask_secrets(logger: Any, name: str, line: str) -> str:
    """Take the secrets of addresses out of a finished line, whoever has logged it."""
    return _secret.sub(r"\1…", line)


_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
_renderer: Any = (
    structlog.processors.JSONRenderer(ensure_ascii=False)
    if env.LOG_FORMAT == "json"
    # Tracebacks without the values of variables: passwords may be among them.
    else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _shared,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([structlog.processors.format_exc_info] if env.LOG_FORMAT == "json" else []),
                _renderer,
                mask_secrets,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        "weasyprint.progress": {"level": "WARNING"},  # a line for each page of a PDF
        "fontTools": {"level": "WARNING"},
    },
}

structlog.configure(
    processors=[
        *_shared[:1],
        structlog.stdlib.filter_by_level,
        *_shared[1:],
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
