"""Choices of the following of care plans. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OccurrenceState(models.TextChoices):
    """What an occurrence is, by careplans.adherence; one that nothing tracks is not kept."""

    DONE = "done", pgettext_lazy("care occurrence", "done in time")
    LATE = "late", pgettext_lazy("care occurrence", "done late")
    MISSED = "missed", pgettext_lazy("care occurrence", "missed")
    COMING = "coming", pgettext_lazy("care occurrence", "coming")
    SKIPPED = "skipped", pgettext_lazy("care occurrence", "left out")


class Direction(models.TextChoices):
    """Where an action is directed, with the statutory ones apart."""

    CUSTOMER = "customer", _("toward the customer")
    INTERNAL = "internal", _("internal")
    STATUTORY = "statutory", _("statutory")


class Part(models.TextChoices):
    """Which actions figures mean."""

    MANDATORY = "mandatory", _("mandatory toward customers")
    RECOMMENDED = "recommended", _("recommended toward customers")
    INTERNAL = "internal", _("internal")
    STATUTORY = "statutory", _("statutory")


class Reached(models.TextChoices):
    """Which customers of the reach: all that should be in contact on the last day, those that were, the others."""

    ASKED = "asked", _("should be in contact")
    REACHED = "reached", _("was in contact")
    NOT_REACHED = "not_reached", _("was not in contact")


class GroupBy(models.TextChoices):
    """What the rows of figures are."""

    OWNER = "owner", _("who has it")
    TEAM = "team", _("team")
    UNIT = "unit", _("unit")
    SEGMENT = "segment", _("segment")
    GROUP = "group", _("customer group")
    MODEL = "care_model", _("care model")
    ACTION = "code", _("care action")
    CUSTOMER = "customer", _("customer")


class Period(models.TextChoices):
    WEEK = "week", _("this week")
    MONTH = "month", _("this month")
    QUARTER = "quarter", _("this quarter")
    YEAR = "year", _("this year")
    MONTHS_12 = "months_12", _("12 months")
    OWN = "own", _("own dates")


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "CareOccurrenceStateEnum": OccurrenceState,
    "CareDirectionOfActionEnum": Direction,
    "CarePartEnum": Part,
    "CareGroupByEnum": GroupBy,
    "CarePeriodEnum": Period,
}
