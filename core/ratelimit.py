"""How often something public may be asked: counted in the shared cache, in windows of fixed length."""

from __future__ import annotations

import hashlib

from django.core.cache import cache


def is_too_often(what: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count this time and return whether ``who`` has now done ``what`` more than ``limit`` times within ``seconds``."""
    key = f"rate:{what}:{hashlib.sha256(who.encode()).hexdigest()}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > limit
    except ValueError:  # the window ended just now
        return False
