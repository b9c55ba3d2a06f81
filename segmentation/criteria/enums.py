"""Choices of criteria and the steps of a version. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VersionStatus(models.TextChoices):
    """How far a version of the criteria is. Only a draft is edited."""

    DRAFT = "draft", pgettext_lazy("criteria", "draft")
    TEAM = "team", _("with the account team")
    REVIEWED = "reviewed", _("reviewed, waits for management")
    APPROVED = "approved", pgettext_lazy("criteria", "approved")
    IN_FORCE = "in_force", _("in force")
    SUPERSEDED = "superseded", pgettext_lazy("criteria", "superseded")
    REJECTED = "rejected", pgettext_lazy("criteria", "rejected")


#: The statuses that may follow each one.
TRANSITIONS: dict[VersionStatus, tuple[VersionStatus, ...]] = {
    VersionStatus.DRAFT: (VersionStatus.TEAM,),
    VersionStatus.TEAM: (VersionStatus.REVIEWED, VersionStatus.DRAFT),
    VersionStatus.REVIEWED: (VersionStatus.APPROVED, VersionStatus.REJECTED, VersionStatus.DRAFT),
    VersionStatus.APPROVED: (VersionStatus.IN_FORCE, VersionStatus.REJECTED),
    VersionStatus.IN_FORCE: (VersionStatus.SUPERSEDED,),
    VersionStatus.SUPERSEDED: (),
    VersionStatus.REJECTED: (),
}


class Comparison(models.TextChoices):
    """How a condition compares a metric."""

    AT_LEAST = "at_least", _("at least")
    AT_MOST = "at_most", _("at most")
    TOP = "top", _("in the top … %")
    YES = "yes", _("yes")
    NO = "no", _("no")


#: The comparisons that have a threshold to enter and one to leave.
WITH_THRESHOLDS = (Comparison.AT_LEAST.value, Comparison.AT_MOST.value, Comparison.TOP.value)


class Outcome(models.TextChoices):
    """Why a customer has the segment that the criteria give."""

    YES = "yes", _("the criteria of the segment are met")
    KEPT_UNKNOWN = "unknown", _("stays: not everything is known")
    KEPT_MINIMUM = "minimum", _("stays: the shortest time in the segment is not over")
    TOO_LITTLE = "share", _("too little is known")
    NONE = "none", _("no segment's criteria are met")


class Finding(models.TextChoices):
    """What may be wrong with a rule."""

    CONTRADICTORY = "contradictory", _("nobody can meet it")
    UNREACHABLE = "unreachable", _("an earlier segment takes all that would meet it")
    CATCH_ALL = "catch_all", _("everyone meets it")
    NOBODY = "nobody", _("nobody meets it now")
    EVERYBODY = "everyone", _("everyone meets it now")
    GONE = "gone", _("it names something that is not in use any more")
    INCOMPLETE = "incomplete", _("it is not complete")


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "CriteriaStatusEnum": VersionStatus,
    "CriteriaOutcomeEnum": Outcome,
    "CriteriaFindingEnum": Finding,
}
