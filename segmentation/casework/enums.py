"""Choices of reviews. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WorkTab(models.TextChoices):
    """The kinds of segmentation work, in the order of the tabs."""

    DIFFERS = "differs", _("Suggestion differs")
    WITHOUT = "without", _("Without a segment")
    LONG = "long", _("Too long in the segment")
    PROPOSED = "proposed", _("Proposals waiting")
    HEARD = "heard", _("Answers of former owners")
    MISSING = "missing", _("Missing information")


class ReviewStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("review", "under way")
    DECIDED = "decided", pgettext_lazy("review", "decided")
    CANCELLED = "cancelled", pgettext_lazy("review", "cancelled")


REVIEW_TRANSITIONS: dict[ReviewStatus, tuple[ReviewStatus, ...]] = {
    ReviewStatus.OPEN: (ReviewStatus.DECIDED, ReviewStatus.CANCELLED),
    ReviewStatus.DECIDED: (),
    ReviewStatus.CANCELLED: (),
}


class Origin(models.TextChoices):
    """Why a customer is in the list of a review."""

    APPROVAL = "approval", _("segment that needs approval")
    OVERRIDE = "override", _("against the suggestion")


class Answer(models.TextChoices):
    """What the owner answers about a customer in a review."""

    NONE = "", _("not answered")
    KEEP = "keep", pgettext_lazy("review", "keep")
    CHANGE = "change", pgettext_lazy("review", "change")


class Outcome(models.TextChoices):
    """What the decision about a review did to a customer."""

    NONE = "", _("not decided")
    KEPT = "kept", pgettext_lazy("review", "kept")
    MOVED = "moved", pgettext_lazy("review", "moved")
    INACTIVE = "inactive", pgettext_lazy("review", "the customer is inactive")


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "ReviewStatusEnum": ReviewStatus,
    "ReviewOriginEnum": Origin,
    "ReviewAnswerEnum": Answer,
    "ReviewOutcomeEnum": Outcome,
    "WorkTabEnum": WorkTab,
}
