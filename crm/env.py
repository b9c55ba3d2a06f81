"""The environment variables that configure Portaali, read here and nowhere else.

Every variable, its type, default and meaning stands in ``docs/operations.md``. A missing or malformed
value stops the program with one sentence that names the variable.
"""

from pathlib import Path
from urllib.parse import urlparse

import environ
from django.core.exceptions import ImproperlyConfigured

from crm.local import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent

_env = environ.Env()

DEBUG: bool = _env.bool("DEBUG", default=False)
DEMO: bool = _env.bool("DEMO", default=False)
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


BIND: str = _env.str("BIND", default="127.0.0.1")
PORT: int = _env.int("PORT", default=8000)
WEB_WORKERS: int = _env.int("WEB_WORKERS", default=2)
WEB_THREADS: int = _env.int("WEB_THREADS", default=4)
JOB_PROCESSES: int = _env.int("JOB_PROCESSES", default=2)
SECRET_KEY = _secret_key()
BASE_URL = _base_url()
HTTPS = BASE_URL.startswith("https:")
ALLOWED_HOSTS: list[str] = _env.list(
    "ALLOWED_HOSTS", default=[str(urlparse(BASE_URL).hostname), "localhost", "127.0.0.1", "[::1]"]
)

REDIS_URL: str = _env.str("REDIS_URL", default="")

EMAIL_URL: str = _env.str("EMAIL_URL", default="consolemail://")
EMAIL_FROM: str = _env.str("EMAIL_FROM", default="Portaali <portaali@localhost>")

MEDIA_ROOT = Path(_env.str("MEDIA_ROOT", default=str(DATA_DIR / "media")))
UPLOAD_MAX_MB: int = _env.int("UPLOAD_MAX_MB", default=25)
IMPORT_MAX_MB: int = _env.int("IMPORT_MAX_MB", default=200)

LOG_LEVEL: str = _env.str("LOG_LEVEL", default="INFO")
ORGANISATION: str = _env.str("ORGANISATION", default="Portaali")
LOG_FORMAT: str = _env.str("LOG_FORMAT", default="text")


def database(url: str) -> dict[str, object]:
    """Return Django's database settings for a ``postgres://`` URL."""
    config: dict[str, object] = environ.Env.db_url_config(url)
    if config.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must be a postgres:// address: Portaali runs on PostgreSQL only.")
    return config


def email(url: str) -> dict[str, object]:
    """Return Django's e-mail settings for an ``smtp://`` (or console, file, memory) URL."""
    settings: dict[str, object] = environ.Env.email_url_config(url)
    return settings
