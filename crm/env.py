"""The environment variables that configure Portaali, read here and nowhere else.

Every variable is documented in ``docs/operations.md``. A missing or malformed
value stops the program with one sentence that names the variable.
"""

from pathlib import Path
from urllib.parse import urlparse

import environ
from django.core.exceptions import ImproperlyConfigured

from core.local import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent

_env = environ.Env()

ON, OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


def _switch(name: str) -> bool:
    """Return a variable that is on or off."""
    value: str = _env.str(name, default="0").strip().lower()
    if value not in {*ON, *OFF}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in ON


def _number(name: str, default: int, *, least: int = 1) -> int:
    """Return a variable that is a whole number from ``least`` on."""
    value: str = _env.str(name, default=str(default)).strip()
    if not (value.isascii() and value.isdigit() and int(value) >= least):
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} on, not {value!r}.")
    return int(value)


def _choice(name: str, *values: str) -> str:
    """Return a variable that has one of these values; the first is the default."""
    value: str = _env.str(name, default=values[0])
    if value not in values:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(values)}, not {value!r}.")
    return value


def _redis_url() -> str:
    """Return REDIS_URL, or an empty string for the private Valkey."""
    url: str = _env.str("REDIS_URL", default="")
    if url and urlparse(url).scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured("REDIS_URL must be a redis://, rediss:// or unix:// address.")
    return url


DEBUG = _switch("DEBUG")
DEMO = _switch("DEMO")
DATA_DIR = Path(_env.str("DATA_DIR", default=str(BASE_DIR / "var"))).absolute()
DATABASE_URL: str = _env.str("DATABASE_URL", default="")


def _secret_key() -> str:
    """Return SECRET_KEY, or the key of this data directory; only private services and demos get one made."""
    key: str = _env.str("SECRET_KEY", default="") or secret_key.read(DATA_DIR)
    if key:
        return key
    if DEMO or not DATABASE_URL:
        return secret_key.make(DATA_DIR)
    raise ImproperlyConfigured("SECRET_KEY is not set: give a long random value.")


def _base_url() -> str:
    """Return BASE_URL, the address users type, without a trailing slash."""
    url: str = _env.str("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")
    if urlparse(url).scheme not in {"http", "https"} or not urlparse(url).hostname:
        raise ImproperlyConfigured(f"BASE_URL is not an http or https address: {url}")
    return url


def _trusted_proxies() -> int:
    """Return TRUSTED_PROXIES; with an https address there must be one, since Portaali itself serves plain HTTP."""
    proxies = _number("TRUSTED_PROXIES", 0, least=0)
    if HTTPS and not proxies:
        raise ImproperlyConfigured(
            "BASE_URL is an https address: set TRUSTED_PROXIES to the number of proxies in front of Portaali."
        )
    return proxies


BIND: str = _env.str("BIND", default="127.0.0.1")
PORT = _number("PORT", 8000)
WEB_WORKERS = _number("WEB_WORKERS", 2)
WEB_THREADS = _number("WEB_THREADS", 4)
JOB_PROCESSES = _number("JOB_PROCESSES", 2)
STATEMENT_TIMEOUT_SECONDS = _number("STATEMENT_TIMEOUT_SECONDS", 5, least=0)
SESSION_IDLE_HOURS = _number("SESSION_IDLE_HOURS", 24, least=0)
SECRET_KEY = _secret_key()
BASE_URL = _base_url()
HTTPS = BASE_URL.startswith("https:")
TRUSTED_PROXIES = _trusted_proxies()
ALLOWED_HOSTS: list[str] = _env.list(
    "ALLOWED_HOSTS", default=[str(urlparse(BASE_URL).hostname), "localhost", "127.0.0.1", "[::1]"]
)

REDIS_URL = _redis_url()

EMAIL_URL: str = _env.str("EMAIL_URL", default="consolemail://")
EMAIL_FROM: str = _env.str("EMAIL_FROM", default="Portaali <portaali@localhost>")
EMAIL_MAX_MB = _number("EMAIL_MAX_MB", 40)
DROP_ADDRESS: str = _env.str("DROP_ADDRESS", default="").strip().lower()
ALLOW_PRIVATE_MAIL_HOSTS = _switch("ALLOW_PRIVATE_MAIL_HOSTS")

MEDIA_ROOT = Path(_env.str("MEDIA_ROOT", default=str(DATA_DIR / "media")))
UPLOAD_MAX_MB = _number("UPLOAD_MAX_MB", 25)
IMPORT_MAX_MB = _number("IMPORT_MAX_MB", 200)
IMPORT_KEEP_DAYS = _number("IMPORT_KEEP_DAYS", 365)

FEEDBACK_ANSWER_DAYS = _number("FEEDBACK_ANSWER_DAYS", 2)
WORK_ON_EVES = _switch("WORK_ON_EVES")
OFFER_REMINDER_DAYS = _number("OFFER_REMINDER_DAYS", 5)

LOG_LEVEL = _choice("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR")
ORGANISATION: str = _env.str("ORGANISATION", default="Portaali")
SCHEME_SET = _choice("SCHEME_SET", "omn", "tku", "tvr")
LOG_FORMAT = _choice("LOG_FORMAT", "text", "json")


def database(url: str) -> dict[str, object]:
    """Return Django's database settings for a ``postgres://`` URL."""
    config: dict[str, object] = environ.Env.db_url_config(url)
    if config.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must be a postgres:// address: Portaali runs on PostgreSQL only.")
    return config


def email(url: str) -> dict[str, object]:
    """Return Django's e-mail settings for an ``smtp://`` (or console, file, memory) URL."""
    settings: dict[str, object] = environ.Env.email_url_config(url)
    if url.startswith("filemail:"):
        settings["EMAIL_FILE_PATH"] = urlparse(
            url
        ).path  # the library makes /var/mail relative to the working directory
    return settings
