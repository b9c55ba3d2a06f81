"""The shared cache. It holds limits and previews, and pages work without it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

T = TypeVar("T")

#: How long a silent server can hold up a request, and how long it is then left alone.
SECONDS_TO_ANSWER, SECONDS_AWAY = 1, 10


class TolerantRedisCache(RedisCache):
    """A cache that behaves as if empty while its server does not answer.

    Limits that are counted in it then let everyone through; those of sign-in are counted in the database
    (``accounts.sign_in_limits``) and hold. One line is logged each time the server is found away.
    """

    _away_until: ClassVar[float] = 0.0  # of the process: each thread has its own instance

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        patience = {
            "socket_timeout": SECONDS_TO_ANSWER,
            "socket_connect_timeout": SECONDS_TO_ANSWER,
            "retry": Retry(NoBackoff(), 1),
        }
        super().__init__(server, params | {"OPTIONS": patience | params.get("OPTIONS", {})})

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return self._ask(lambda: super(TolerantRedisCache, self).add(key, value, timeout, version), True)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask(lambda: super(TolerantRedisCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._ask(lambda: super(TolerantRedisCache, self).set(key, value, timeout, version), None)

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._ask(lambda: super(TolerantRedisCache, self).delete(key, version), False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._ask(lambda: super(TolerantRedisCache, self).incr(key, delta, version), delta)

    def _ask(self, question: Callable[[], T], otherwise: T) -> T:
        """Return the server's answer, or ``otherwise`` while it is away."""
        if time.monotonic() < TolerantRedisCache._away_until:
            return otherwise
        try:
            return question()
        except (RedisError, OSError) as error:
            TolerantRedisCache._away_until = time.monotonic() + SECONDS_AWAY
            log.error("cache_unavailable", error=str(error))
            return otherwise
