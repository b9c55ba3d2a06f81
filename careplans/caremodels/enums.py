"""Choices of care models and the steps of a version. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VersionStatus(models.TextChoices):
    """How far a version of a care model is. Only a draft is edited."""

    DRAFT = "draft", pgettext_lazy("care model", "draft")
    TEAM = "team", _("with the account team")
    WAITING = "waiting", _("waits for management")
    APPROVED = "approved", pgettext_lazy("care model", "approved")
    REPLACED = "replaced", pgettext_lazy("care model", "replaced")


#: The statuses that may follow each one.
TRANSITIONS: dict[VersionStatus, tuple[VersionStatus, ...]] = {
    VersionStatus.DRAFT: (VersionStatus.TEAM,),
    VersionStatus.TEAM: (VersionStatus.WAITING, VersionStatus.DRAFT),
    VersionStatus.WAITING: (VersionStatus.APPROVED, VersionStatus.DRAFT),
    VersionStatus.APPROVED: (VersionStatus.REPLACED,),
    VersionStatus.REPLACED: (),
}
#: Those of a version that is being prepared; a model has one at a time.
PREPARED = (VersionStatus.DRAFT, VersionStatus.TEAM, VersionStatus.WAITING)


class Scope(models.TextChoices):
    """Where an action is directed."""

    CUSTOMER = "customer", _("toward the customer")
    INTERNAL = "internal", _("internal")


class FulfilKind(models.TextChoices):
    """What completes an action."""

    ACTIVITY = "activity", _("activity")
    OFFER = "offer", _("offer")
    ORDER = "order", pgettext_lazy("care action", "order")
    CAMPAIGN = "campaign", _("campaign")
    EVENT = "event", _("attended event")
    SURVEY = "survey", _("survey")
    MINUTES = "minutes", _("minutes of a meeting")
    PLAN = "plan", _("update of the plan")


class Direction(models.TextChoices):
    """Which side was in touch, where the activity says so: a sent or a received e-mail."""

    OUT = "out", _("we were in touch")
    IN = "in", _("the customer was in touch")


class FrequencyKind(models.TextChoices):
    """How often an action is due."""

    WEEKS = "weeks", _("each n weeks by the calendar")
    MONTHS = "months", _("each n months by the calendar")
    NAMED_MONTHS = "named", _("in some months of the year")
    TERMS = "terms", _("each term")
    EVERY = "every", _("n days, weeks or months from the last time")
    ONCE = "once", _("once, n days after the beginning")
    EVENT = "event", _("after an event")


class Unit(models.TextChoices):
    DAY = "day", _("days")
    WEEK = "week", _("weeks")
    MONTH = "month", _("months")


class EventKind(models.TextChoices):
    """What may make an action due."""

    SEGMENT_CHANGED = "segment_changed", _("the segment changed")
    ORDER_DELIVERED = "order_delivered", _("an order was delivered")
    NEGATIVE_FEEDBACK = "negative_feedback", _("the customer gave negative feedback")
    ENTERS_SELECTION = "enters_selection", _("the customer enters a selection")
    LEAVES_SELECTION = "leaves_selection", _("the customer leaves a selection")
    NO_CONTACT = "no_contact", _("no contact for n days")
    PROJECT_PLANNED = "project_planned", _("a project is planned")
    FUNDER_DATE = "funder_date", _("a date of the funder")


#: The events that name a selection.
OF_SELECTION = (EventKind.ENTERS_SELECTION, EventKind.LEAVES_SELECTION)


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "CareVersionStatusEnum": VersionStatus,
    "CareScopeEnum": Scope,
    "FulfilKindEnum": FulfilKind,
    "CareDirectionEnum": Direction,
    "FrequencyKindEnum": FrequencyKind,
    "FrequencyUnitEnum": Unit,
    "CareEventEnum": EventKind,
}
