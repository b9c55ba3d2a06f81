"""Versions of criteria, their rules with the rows that these name, what the criteria give each customer, previews."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.addresses import row_url
from core.history import changed_by
from core.models import Job, StatusChange, TeamOpinion, VersionedModel
from core.tracking import tracked
from customers.models import ClassificationNode, Customer, Municipality
from segmentation.criteria.enums import VersionStatus
from segmentation.criteria.querysets import EvaluationQuerySet, VersionQuerySet
from segmentation.schemes.models import Scheme, Segment


@tracked(exclude=["version", "updated_at"])
class CriteriaVersion(VersionedModel):
    """The criteria of a scheme in one version: a rule for each segment, and why they were changed (rule 8).

    ``version`` counts the edits of the row; ``number`` is the version of the criteria.
    """

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="criteria", verbose_name=_("scheme"))
    number = models.PositiveIntegerField(_("version"), editable=False)
    status = models.CharField(
        _("status"), max_length=12, choices=VersionStatus, default=VersionStatus.DRAFT, editable=False
    )
    justification = models.TextField(
        _("justification"), max_length=4_000, help_text=_("Why the criteria are changed. It is kept with the version.")
    )
    based_on = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("based on")
    )
    in_force_from = models.DateField(_("in force from"), null=True, editable=False)
    in_force_to = models.DateField(_("in force to"), null=True, editable=False)  # the last day
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("added by")
    )
    is_demo = models.BooleanField(default=False, editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the criteria")
        verbose_name_plural = _("versions of the criteria")
        default_permissions = ()
        ordering = ("scheme", "-number")
        permissions = (
            ("edit_criteria", gettext_noop("May change segmentation criteria")),
            ("approve_criteria", gettext_noop("May approve segmentation criteria")),
        )
        constraints = (
            models.UniqueConstraint(fields=["scheme", "number"], name="criteria_number_once"),
            models.UniqueConstraint(
                "scheme", condition=Q(status="in_force"), name="criteria_one_in_force",
                violation_error_message=_("Another version is in force."),
            ),
            models.CheckConstraint(
                condition=~Q(justification=""), name="criteria_justified",
                violation_error_message=_("A change of the criteria needs a justification."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return _("%(scheme)s, version %(number)d") % {"scheme": self.scheme, "number": self.number}

    def get_absolute_url(self) -> str:
        return row_url("criteria:detail", self.pk)

    @property
    def is_open(self) -> bool:
        """Whether the version is on its way to being in force."""
        return self.status not in (VersionStatus.IN_FORCE, VersionStatus.SUPERSEDED, VersionStatus.REJECTED)

    @property
    def is_draft(self) -> bool:
        return self.status == VersionStatus.DRAFT

    @property
    def written_by(self) -> set[int]:
        """The users who wrote it, changed it or its rules, or sent it to the account team."""
        changed = changed_by(self, (SegmentRule,), ("justification",))
        return {*self._senders(VersionStatus.TEAM), *changed, *([self.created_by_id] if self.created_by_id else ())}

    @property
    def prepared_by(self) -> set[int]:
        """The users who wrote it or sent it on: somebody else approves it."""
        return self.written_by | self._senders(VersionStatus.REVIEWED)

    def _senders(self, status: VersionStatus) -> set[int]:
        sent = self.status_changes.filter(to_status=status, user__isnull=False)
        return set(sent.values_list("user", flat=True))


class CriteriaStatusChange(StatusChange):
    """A step of a version: who took it, when and what was said."""

    criteria = models.ForeignKey(CriteriaVersion, models.CASCADE, related_name="status_changes")
    from_status = models.CharField(_("from"), max_length=12, choices=VersionStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=12, choices=VersionStatus)


@tracked(exclude=["at"])
class CriteriaOpinion(TeamOpinion):
    """What a member of the account team says of a version."""

    version = models.ForeignKey(CriteriaVersion, models.CASCADE, related_name="opinions")


@tracked()
class SegmentRule(models.Model):
    """The rule of a segment in a version: a tree of conditions. Without a condition everyone meets it ("the rest").

    ``condition`` is the tree as JSON without the rows that it names: these are :class:`RuleReference` rows.
    """

    criteria = models.ForeignKey(
        CriteriaVersion, models.CASCADE, related_name="rules", verbose_name=_("version of the criteria")
    )
    segment = models.ForeignKey(Segment, models.PROTECT, related_name="+", verbose_name=_("segment"))
    condition = models.JSONField(_("condition"), default=dict)

    class Meta:
        verbose_name = _("rule of a segment")
        verbose_name_plural = _("rules of segments")
        default_permissions = ()
        ordering = ("segment__order", "segment_id")
        constraints = (models.UniqueConstraint(fields=["criteria", "segment"], name="rule_of_segment_once"),)

    def __str__(self) -> str:
        return str(self.segment)


class RuleReference(models.Model):
    """A row that a condition names, so that a merge, a retirement or a deletion finds it. ``label`` keeps its name."""

    rule = models.ForeignKey(SegmentRule, models.CASCADE, related_name="+")
    part = models.PositiveSmallIntegerField()
    operand = models.CharField(max_length=30)
    label = models.CharField(max_length=250, blank=True)

    target: Any

    class Meta:
        abstract = True
        verbose_name = _("rule of a segment")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["rule", "part", "operand", "target"], name="%(class)s_once"),)

    def __str__(self) -> str:
        return self.label


class RuleClass(RuleReference):
    target = models.ForeignKey(ClassificationNode, models.SET_NULL, null=True, related_name="+")


class RuleMunicipality(RuleReference):
    target = models.ForeignKey(Municipality, models.SET_NULL, null=True, related_name="+")


class Evaluation(models.Model):
    """What the criteria of a scheme give a customer: its standing segment since a day, and why.

    Written by the nightly run, only where something differs; ``day`` is the day of the last difference.
    """

    scheme = models.ForeignKey(Scheme, models.CASCADE, db_index=False, related_name="+", verbose_name=_("scheme"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="evaluations", verbose_name=_("customer"))
    segment = models.ForeignKey(
        Segment, models.PROTECT, null=True, db_index=False, related_name="+",
        verbose_name=_("segment by the criteria"),
    )  # fmt: skip
    since = models.DateField(_("since"), null=True)
    known_share = models.PositiveSmallIntegerField(_("known share, %"))
    outcome = models.CharField(max_length=8)
    reasons = models.JSONField(_("reasons"), default=dict)
    criteria = models.ForeignKey(
        CriteriaVersion, models.PROTECT, db_index=False, related_name="+", verbose_name=_("criteria")
    )
    day = models.DateField(_("day"))
    #: Whether people are to decide about it: the segment was another one than the customer's, and enough was known.
    is_suggestion = models.BooleanField(_("suggestion"), default=False)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["scheme", "customer"], name="evaluation_once"),)
        indexes = (
            models.Index("scheme", "customer", condition=Q(is_suggestion=True), name="evaluation_suggestion"),
            models.Index("scheme", "customer", condition=Q(outcome="share"), name="evaluation_too_little"),
            models.Index("scheme", "segment", "customer", name="evaluation_segment"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.segment_id}"


class Preview(models.Model):
    """What a version would change if it were in force, or how it agrees with what people had chosen on a past day.

    ``table`` has the number of customers by the segment that they have and the one that they would get.
    """

    criteria = models.ForeignKey(CriteriaVersion, models.CASCADE, related_name="previews")
    #: The day of a back-test; none of a preview.
    day = models.DateField(_("day"), null=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    edit = models.PositiveIntegerField()  # the ``version`` of the row that was computed
    made_at = models.DateTimeField(_("computed"), null=True)
    table = models.JSONField(default=list)

    class Meta:
        verbose_name = _("preview")
        verbose_name_plural = _("previews")
        default_permissions = ()
        constraints = (models.UniqueConstraint("criteria", "day", nulls_distinct=False, name="preview_once"),)

    def __str__(self) -> str:
        return str(self.criteria_id)


class PreviewMove(models.Model):
    """A customer that a version would move."""

    preview = models.ForeignKey(Preview, models.CASCADE, related_name="moves")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", verbose_name=_("customer"))
    before = models.ForeignKey(Segment, models.CASCADE, null=True, related_name="+", verbose_name=_("from segment"))
    after = models.ForeignKey(Segment, models.CASCADE, null=True, related_name="+", verbose_name=_("to segment"))
    known_share = models.PositiveSmallIntegerField(_("known share, %"))
    reasons = models.JSONField(_("reasons"), default=dict)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["preview", "customer"], name="preview_move_once"),)
        indexes = (models.Index("preview", "before", "after", "customer", name="preview_move_kind"),)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.before_id} → {self.after_id}"
