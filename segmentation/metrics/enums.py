"""Kinds of own metrics."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.metrics import Unit


class OwnKind(models.TextChoices):
    """What the values of an own metric are."""

    SCALE = "scale", _("a number 0–10 with words")
    NUMBER = "number", pgettext_lazy("own metric", "a number")
    EUROS = "euros", pgettext_lazy("own metric", "euros")
    PERCENT = "percent", pgettext_lazy("own metric", "per cent")
    YES = "yes", pgettext_lazy("own metric", "yes or no")
    DAY = "day", _("a day, shown as full months from it")

    @property
    def unit(self) -> Unit:
        return UNITS[self]


UNITS: dict[OwnKind, Unit] = {
    OwnKind.SCALE: Unit.LEVEL,
    OwnKind.NUMBER: Unit.COUNT,
    OwnKind.EUROS: Unit.EUROS,
    OwnKind.PERCENT: Unit.PERCENT,
    OwnKind.YES: Unit.YES,
    OwnKind.DAY: Unit.MONTHS,
}
HIGHEST = 10

#: Names in the schema of the API.
SCHEMA_NAMES = {"OwnMetricKindEnum": OwnKind}
