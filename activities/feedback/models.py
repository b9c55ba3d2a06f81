"""Feedback with its answer, and NPS questions to contacts."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from activities.feedback.enums import FeedbackAbout
from activities.log.enums import ActivityChannel
from activities.log.models import Activity
from activities.mail.enums import MessageState
from activities.mail.models import OutboxRow
from core import clock
from core.fields import LineField
from core.tracking import tracked


@tracked()
class Feedback(models.Model):
    """Feedback from a customer, with the person who answers and the due time. Positive, negative and idea are keywords.

    It is resolved when its activity is done: ``Activity.settlement`` describes the resolution (rule 12).
    """

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True, related_name="feedback")
    about = models.CharField(_("topic"), max_length=10, choices=FeedbackAbout, blank=True)
    about_what = LineField(_("which product, service or person"), max_length=200, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="feedback",
        verbose_name=_("responsible for the answer"),
    )
    answer_due = models.DateTimeField(_("answer due"), null=True, blank=True)
    answer = models.TextField(_("answer"), max_length=5_000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="feedback_answered",
        verbose_name=_("answered by"),
    )
    answer_channel = models.CharField(
        _("answer channel"), max_length=10, choices=ActivityChannel, blank=True, editable=False
    )
    corrective_action = models.TextField(_("corrective action"), max_length=2_000, blank=True)
    escalated_at = models.DateTimeField(_("escalated as late"), null=True, editable=False)

    class Meta:
        verbose_name = _("feedback")
        default_permissions = ()
        indexes = (
            models.Index("answer_due", condition=models.Q(answered_at__isnull=True), name="feedback_unanswered"),
            models.Index("responsible", "answer_due", name="feedback_of_responsible"),
        )

    def __str__(self) -> str:
        return str(self.activity)

    @property
    def is_late(self) -> bool:
        return bool(self.answered_at is None and self.answer_due and self.answer_due < clock.now())


@tracked(exclude=["digest", "sent_at", "state_at", "attempts"])
class NpsQuestion(OutboxRow):
    """One question to one contact, answered once by its link. Segment and group are those at the time of asking."""

    contact = models.ForeignKey("customers.Contact", models.PROTECT, related_name="nps_questions")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="nps_questions")
    about = models.ForeignKey(  # the encounter that it asks about
        Activity, models.SET_NULL, null=True, related_name="nps_questions"
    )
    language = models.CharField(max_length=2)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the link's secret
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    segment = models.ForeignKey("schemes.Segment", models.PROTECT, null=True, related_name="+")
    group = models.ForeignKey("customers.ClassificationNode", models.PROTECT, null=True, related_name="+")
    score = models.PositiveSmallIntegerField(_("score"), null=True, validators=[MaxValueValidator(10)])
    comment = models.TextField(_("comment"), max_length=2_000, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    feedback = models.OneToOneField(Activity, models.SET_NULL, null=True, related_name="nps_answer")

    class Meta:
        verbose_name = _("NPS question")
        default_permissions = ()
        constraints = (
            models.CheckConstraint(
                condition=models.Q(score__isnull=True, answered_at__isnull=True)
                | models.Q(score__lte=10, answered_at__isnull=False),
                name="nps_score",
            ),
        )
        indexes = (
            models.Index("answered_at", condition=models.Q(answered_at__isnull=False), name="nps_answered"),
            models.Index("state", "state_at", condition=~models.Q(state=MessageState.SENT), name="nps_not_sent"),
        )

    def get_absolute_url(self) -> str:
        return reverse("feedback:customer_tab", args=[self.customer_id])

    def __str__(self) -> str:
        return f"{self.contact}: {self.score if self.score is not None else '–'}"
