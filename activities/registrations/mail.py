"""Where mail shows on other pages."""

from __future__ import annotations


def register() -> None:
    pass
