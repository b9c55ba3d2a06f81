"""Choices of care plans. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ApprovalStatus(models.TextChoices):
    """Whether management has approved a customer's plan with one version of a care model."""

    WAITING = "waiting", _("waits for management")
    APPROVED = "approved", pgettext_lazy("care plan", "approved")
    REJECTED = "rejected", pgettext_lazy("care plan", "rejected")


APPROVAL_TRANSITIONS: dict[ApprovalStatus, tuple[ApprovalStatus, ...]] = {
    ApprovalStatus.WAITING: (ApprovalStatus.APPROVED, ApprovalStatus.REJECTED),
    ApprovalStatus.APPROVED: (),
    ApprovalStatus.REJECTED: (ApprovalStatus.WAITING,),
}


class ExceptionKind(models.TextChoices):
    """How a customer's exception differs from what its care models say."""

    LEFT_OUT = "left_out", pgettext_lazy("care plan exception", "left out")
    FREQUENCY = "frequency", _("other frequency")
    RESPONSIBLE = "responsible", _("other responsible")


class ExceptionStatus(models.TextChoices):
    REQUESTED = "requested", _("requested")
    APPROVED = "approved", pgettext_lazy("exception", "in force")
    REJECTED = "rejected", pgettext_lazy("exception", "rejected")


EXCEPTION_TRANSITIONS: dict[ExceptionStatus, tuple[ExceptionStatus, ...]] = {
    ExceptionStatus.REQUESTED: (ExceptionStatus.APPROVED, ExceptionStatus.REJECTED),
    ExceptionStatus.APPROVED: (),
    ExceptionStatus.REJECTED: (),
}


class DecisionKind(models.TextChoices):
    """What a person decides about an occurrence."""

    SKIP = "skip", pgettext_lazy("care occurrence", "skipped")
    POSTPONE = "postpone", _("postponed")


class OccurrenceKind(models.TextChoices):
    """The kinds of frequencies, as adherence names them."""

    CALENDAR = "calendar", _("by the calendar")
    INTERVAL = "interval", _("from the last time")
    ONCE = "once", _("once")
    EVENT = "event", _("after an event")


class VersionKind(models.TextChoices):
    """Why a customer's plan is kept as it was."""

    REVIEWED = "reviewed", pgettext_lazy("version of a care plan", "reviewed")
    ACCEPTED = "accepted", pgettext_lazy("version of a care plan", "accepted by the customer")
    APPROVED = "approved", pgettext_lazy("version of a care plan", "approved by the management")
    KEPT = "kept", pgettext_lazy("version of a care plan", "kept by hand")


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "PlanApprovalStatusEnum": ApprovalStatus,
    "PlanExceptionKindEnum": ExceptionKind,
    "PlanExceptionStatusEnum": ExceptionStatus,
    "OccurrenceDecisionEnum": DecisionKind,
    "OccurrenceKindEnum": OccurrenceKind,
    "PlanVersionKindEnum": VersionKind,
}
