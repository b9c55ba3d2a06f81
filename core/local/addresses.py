"""Addresses of the private services, in the forms that Django, redis and Celery read."""

from pathlib import Path
from urllib.parse import quote

from core.local.directories import place_of


def database_url(data_dir: Path, name: str = "portaali") -> str:
    """Return the address of a database on the private PostgreSQL."""
    return f"postgres://portaali@:5432/{quote(str(place_of(data_dir).sockets))}/{name}"


def redis_url(data_dir: Path, number: int = 0) -> str:
    """Return the address of one of the private Valkey's sixteen databases."""
    return f"unix://{quote(str(place_of(data_dir).valkey_socket))}?db={number}"


def celery_url(url: str) -> str:
    """Return a redis address in the form Celery reads, which has its own for unix sockets."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
