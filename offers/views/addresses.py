"""Reading ids from addresses."""

from __future__ import annotations


def number(text: str | None) -> int | None:
    """Read an id from an address; anything else is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
