"""Addresses of rows. A page of a list has hundreds, and Django's ``reverse`` looks each up again."""

from __future__ import annotations

from functools import cache

from django.urls import reverse

_PLACE = 1_234_567_890


def row_url(name: str, pk: int | None) -> str:
    """Return the address of the page ``name`` of a row, which takes its key only.

    Raises NoReverseMatch if the row has none yet.
    """
    if pk is None:
        return reverse(name, args=[pk])
    before, after = _around(name)
    return f"{before}{pk}{after}"


@cache
def _around(name: str) -> list[str]:
    return reverse(name, args=[_PLACE]).split(str(_PLACE))
