"""The question how likely a contact is to recommend us, asked by a personal link."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.enums import MessageState
from activities.models.activities import Activity
from activities.models.mailed import Mailed
from crm.tracking import tracked


@tracked(exclude=["digest", "sent_at", "state_at", "attempts"])
class NpsQuestion(Mailed):
    """One question to one contact; the link answers once. Segment and group stay as they were when it was asked."""

    contact = models.ForeignKey("customers.Contact", models.PROTECT, related_name="nps_questions")
    customer = models.ForeignKey("customers.Customer", models.PROTECT, related_name="nps_questions")
    about = models.ForeignKey(  # the encounter that it asks about
        Activity, models.SET_NULL, null=True, related_name="nps_questions"
    )
    language = models.CharField(max_length=2)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the link's secret
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    segment = models.ForeignKey("customers.ClassificationNode", models.PROTECT, null=True, related_name="+")
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
        return reverse("activities:customer_feedback", args=[self.customer_id])

    def __str__(self) -> str:
        return f"{self.contact}: {self.score if self.score is not None else '–'}"
