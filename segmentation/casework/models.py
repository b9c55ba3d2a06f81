"""Decisions against suggestions, yearly reviews with their frozen lists, questions to former owners, reminders."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from activities.log.models import Activity
from core.addresses import row_url
from core.fields import LineField
from core.models import VersionedModel
from core.tracking import tracked
from customers.models import Customer
from segmentation.casework.enums import Answer, Origin, Outcome, ReviewStatus
from segmentation.casework.querysets import (
    InquiryLineQuerySet,
    InquiryQuerySet,
    OverrideQuerySet,
    ReviewLineQuerySet,
    ReviewQuerySet,
)
from segmentation.membership.models import Proposal
from segmentation.schemes.models import Scheme, Segment, SegmentReason

TEXT_LENGTH = 1_000
NAME_LENGTH = 300


def _user(label: Any, **about: Any) -> Any:
    """Return a key to a user that is emptied when the user is removed."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=label, **about
    )


def _segment(label: Any, **about: Any) -> Any:
    return models.ForeignKey(Segment, models.PROTECT, related_name="+", verbose_name=label, **about)


@tracked()
class Override(models.Model):
    """A decision against what the criteria suggested, and why. It ends when somebody decides again.

    The customer moved to ``segment``, or stayed in it. As long as the criteria suggest the same segment as then, the
    customer is no segmentation work.
    """

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name=_("scheme"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="segment_overrides", verbose_name=_("customer"))
    suggested = _segment(_("suggested segment"))
    segment = _segment(_("segment"))
    criteria_version = models.PositiveIntegerField(_("version of the criteria"), null=True)
    reason = models.ForeignKey(
        SegmentReason, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reason")
    )
    text = models.CharField(_("explanation"), max_length=TEXT_LENGTH, blank=True)
    decided_by = _user(_("decided by"))
    decided_at = models.DateTimeField(_("decided"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision against a suggestion")
        verbose_name_plural = _("decisions against suggestions")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["scheme", "customer"], condition=Q(ended_at__isnull=True), name="override_in_force_once"
            ),
        )
        indexes = (models.Index(fields=["-decided_at", "-id"], name="override_newest"),)

    def __str__(self) -> str:
        return f"{self.customer}: {self.segment}"

    def get_absolute_url(self) -> str:
        return row_url("membership:tab", self.customer_id)


@tracked(exclude=["version", "updated_at"])
class Review(VersionedModel):
    """A yearly review of a scheme: the list is frozen when it begins, owners answer, management decides once."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name=_("scheme"))
    title = LineField(_("title"), max_length=120)
    status = models.CharField(
        _("status"), max_length=10, choices=ReviewStatus, default=ReviewStatus.OPEN, editable=False
    )
    due = models.DateField(_("answers by"), null=True, blank=True)
    started_by = _user(_("started by"), editable=False)
    started_at = models.DateTimeField(_("started"), editable=False)
    decided_by = _user(_("decided by"), editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decision = models.CharField(_("decision"), max_length=TEXT_LENGTH, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment review")
        verbose_name_plural = _("segment reviews")
        default_permissions = ()
        ordering = ("-started_at", "-id")
        permissions = (
            ("start_reviews", gettext_noop("May start segment reviews")),
            ("decide_reviews", gettext_noop("May decide segment reviews")),
        )
        constraints = (
            models.UniqueConstraint(
                "scheme", condition=Q(status="open"), name="review_open_once",
                violation_error_message=_("A review of the scheme is under way already."),
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=["-started_at", "-id"], name="review_newest"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return row_url("casework:review", self.pk)

    @property
    def is_open(self) -> bool:
        return self.status == ReviewStatus.OPEN


class FrozenWords(models.Model):
    """Words of a segment as they were: a new name does not change what was decided about."""

    class Meta:
        abstract = True

    def words(self, name: str) -> str:
        """Return the frozen name in the language of the page."""
        return str(getattr(self, f"{name}_{'en' if get_language() == 'en' else 'fi'}"))


@tracked()
class ReviewLine(FrozenWords):
    """A customer in the frozen list of a review: where it was then and why, what the owner answers, what came of it."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="lines", verbose_name=_("review"))
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, related_name="review_lines", verbose_name=_("customer")
    )
    customer_name = models.CharField(_("customer"), max_length=NAME_LENGTH)
    origin = models.CharField(_("why"), max_length=10, choices=Origin)
    segment = _segment(_("segment"))
    segment_fi = models.CharField(max_length=NAME_LENGTH)
    segment_en = models.CharField(max_length=NAME_LENGTH)
    suggested = _segment(_("suggested segment"), null=True)
    suggested_fi = models.CharField(max_length=NAME_LENGTH, blank=True)
    suggested_en = models.CharField(max_length=NAME_LENGTH, blank=True)
    why = models.CharField(_("reason then"), max_length=TEXT_LENGTH + NAME_LENGTH, blank=True)
    since = models.DateField(_("since"))
    owner = _user(_("owner"))
    owner_name = models.CharField(_("owner"), max_length=NAME_LENGTH, blank=True)
    answer = models.CharField(_("answer"), max_length=6, choices=Answer, blank=True, default=Answer.NONE)
    wanted = _segment(_("new segment"), null=True, blank=True)
    wanted_fi = models.CharField(max_length=NAME_LENGTH, blank=True)
    wanted_en = models.CharField(max_length=NAME_LENGTH, blank=True)
    text = models.CharField(_("explanation"), max_length=TEXT_LENGTH, blank=True)
    answered_by = _user(_("answered by"))
    answered_at = models.DateTimeField(_("answered"), null=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True, default=Outcome.NONE)

    objects = ReviewLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer in a review")
        verbose_name_plural = _("customers in a review")
        default_permissions = ()
        ordering = ("customer_name", "id")
        constraints = (
            models.UniqueConstraint(fields=["review", "customer"], name="review_line_once"),
            models.CheckConstraint(
                condition=Q(answer="change", wanted__isnull=False) | ~Q(answer="change") & Q(wanted__isnull=True),
                name="review_line_wanted",
                violation_error_message=_("Choose the new segment."),
            ),
        )
        indexes = (
            models.Index(fields=["review", "customer_name", "id"], name="review_line_name"),
            models.Index(fields=["review", "owner", "answer"], name="review_line_owner"),
        )

    def __str__(self) -> str:
        return self.customer_name

    def get_absolute_url(self) -> str:
        return row_url("customers:detail", self.customer_id) if self.customer_id else self.review.get_absolute_url()

    @property
    def segment_words(self) -> str:
        return self.words("segment")

    @property
    def suggested_words(self) -> str:
        return self.words("suggested")

    @property
    def wanted_words(self) -> str:
        return self.words("wanted")


class Inquiry(models.Model):
    """A question to a former owner about the segments of some customers, with the task that carries it."""

    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="+", verbose_name=_("scheme"))
    asked = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="segment_inquiries", verbose_name=_("former owner")
    )
    asked_by = _user(_("asked by"))
    asked_at = models.DateTimeField(_("asked"))
    text = models.CharField(_("question"), max_length=TEXT_LENGTH, blank=True)
    due = models.DateField(_("answers by"), null=True)
    activity = models.ForeignKey(
        Activity, models.SET_NULL, null=True, related_name="segment_inquiries", verbose_name=_("task")
    )
    closed_at = models.DateTimeField(_("closed"), null=True)

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name = _("question to a former owner")
        verbose_name_plural = _("questions to former owners")
        default_permissions = ()
        ordering = ("-asked_at", "-id")
        indexes = (models.Index(fields=["-asked_at", "-id"], name="inquiry_newest"),)

    def __str__(self) -> str:
        return _("Segments: question to %(person)s") % {"person": self.asked}

    def get_absolute_url(self) -> str:
        return row_url("casework:inquiry", self.pk)


@tracked()
class InquiryLine(models.Model):
    """A customer in a question to a former owner. An answer with a segment is a suggestion until it is decided."""

    inquiry = models.ForeignKey(Inquiry, models.CASCADE, related_name="lines", verbose_name=_("question"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="segment_answers", verbose_name=_("customer"))
    segment = _segment(_("suggested segment"), null=True, blank=True)
    text = models.CharField(_("explanation"), max_length=TEXT_LENGTH, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    #: When somebody decided about the answer.
    settled_at = models.DateTimeField(_("decided"), null=True)

    objects = InquiryLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer in a question")
        verbose_name_plural = _("customers in a question")
        default_permissions = ()
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["inquiry", "customer"], name="inquiry_line_once"),)
        indexes = (
            models.Index(
                "customer", condition=Q(segment__isnull=False, settled_at__isnull=True), name="inquiry_line_open"
            ),
        )

    def __str__(self) -> str:
        return str(self.customer)


class ProposalReminder(models.Model):
    """That the approvers have been reminded of a proposal: never twice."""

    proposal = models.OneToOneField(Proposal, models.CASCADE, primary_key=True, related_name="reminder")
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reminder of a proposal")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.proposal_id)
