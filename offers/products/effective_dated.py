"""Values that apply from a date on: prices of products, rates of VAT classes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.exceptions import BusinessRuleError

FIRST_YEAR, LAST_YEAR = 1990, 2100
MAX_ROWS = 60


@dataclass(frozen=True)
class Dated:
    """A value and the date from which it applies, until the next one."""

    valid_from: dt.date
    value: Decimal


def check_dated(rows: Sequence[Dated], *, field: str) -> None:
    """Refuse duplicate dates (``day_twice``), dates out of range (``day_not_allowed``), and too many rows."""
    if len(rows) > MAX_ROWS:
        message = ngettext("At most %(count)d row.", "At most %(count)d rows.", MAX_ROWS) % {"count": MAX_ROWS}
        raise BusinessRuleError("too_many_rows", message, field=field)
    days = [row.valid_from for row in rows]
    if len(days) != len(set(days)):
        raise BusinessRuleError("day_twice", _("Two values start on the same date."), field=field)
    if any(not FIRST_YEAR <= day.year <= LAST_YEAR for day in days):
        message = _("The year must be between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise BusinessRuleError("day_not_allowed", message, field=field)


def dated_set(manager: Any, rows: Sequence[Dated], *, name: str) -> None:
    """Replace the rows behind ``manager``, with the value in the field ``name``, by ``rows``; unchanged rows stay.

    Raises ``ValidationError`` when a value is out of range.
    """
    values = {row.valid_from: row.value for row in rows}
    old_rows = {row.valid_from: row for row in manager.all()}
    manager.filter(pk__in=[row.pk for day, row in old_rows.items() if day not in values]).delete()
    for day, value in values.items():
        row = old_rows.get(day) or manager.model(valid_from=day, **manager.core_filters)
        if row.pk is None or getattr(row, name) != value:
            setattr(row, name, value)
            row.full_clean()
            row.save()
