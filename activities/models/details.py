"""What activities of some types tell besides the common fields: encounters, feedback, leads."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from activities.enums import ActivityChannel, CriticalMoment, FeedbackAbout, LeadState
from activities.models.activities import Activity
from activities.models.types import ContactReason, LeadCloseReason, LeadSource
from crm import clock
from crm.tracking import tracked


@tracked()
class Encounter(models.Model):
    """What every encounter with a customer tells (domain.md §5)."""

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True, related_name="encounter")
    matters = models.CharField(_("matters covered"), max_length=500, blank=True)
    solved_at_once = models.BooleanField(_("solved at once"), null=True, blank=True)
    critical_moment = models.CharField(_("critical moment"), max_length=10, choices=CriticalMoment, blank=True)
    with_video = models.BooleanField(_("by video"), default=False)
    with_interpreter = models.BooleanField(_("interpreter present"), default=False)
    unnecessary = models.ForeignKey(
        ContactReason,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="encounters",
        verbose_name=_("why the contact was unnecessary"),
    )

    class Meta:
        verbose_name = _("encounter")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.activity)


@tracked()
class Feedback(models.Model):
    """What was heard from a customer, who answers and by when. Positive, negative and idea are keywords.

    It is settled when its activity is done: ``Activity.settlement`` says how (rule 12).
    """

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True, related_name="feedback")
    about = models.CharField(_("about what"), max_length=10, choices=FeedbackAbout, blank=True)
    about_what = models.CharField(_("which product, service or person"), max_length=200, blank=True)
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
        _("answered how"), max_length=10, choices=ActivityChannel, blank=True, editable=False
    )
    corrective_action = models.TextField(_("corrective action"), max_length=2_000, blank=True)
    escalated_at = models.DateTimeField(_("told onwards as late"), null=True, editable=False)

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


@tracked()
class Lead(models.Model):
    """A chance that somebody should take up: what is needed, what it may be worth, by when, by whom."""

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True, related_name="lead")
    state = models.CharField(_("state"), max_length=10, choices=LeadState, default=LeadState.UNTAKEN, editable=False)
    source = models.ForeignKey(
        LeadSource, models.PROTECT, null=True, blank=True, related_name="leads", verbose_name=_("source")
    )
    need = models.CharField(_("need"), max_length=500, blank=True)
    value = models.DecimalField(
        _("estimated value"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Euros without VAT."),
    )
    take_by = models.DateField(_("to be taken up by"), null=True, blank=True)
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads_offered",
        verbose_name=_("who takes it up"),
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="leads_taken",
        verbose_name=_("taken up by"),
    )
    taken_at = models.DateTimeField(_("taken up"), null=True, editable=False)
    close_reason = models.ForeignKey(
        LeadCloseReason, models.PROTECT, null=True, editable=False, related_name="leads", verbose_name=_("reason")
    )
    state_reason = models.CharField(_("explanation"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("lead")
        default_permissions = ()
        indexes = (
            models.Index("take_by", "activity", condition=models.Q(state="untaken"), name="lead_untaken"),
            models.Index("state", "activity", name="lead_state"),
            models.Index("taken_by", "state", name="lead_of_taker"),
        )

    def __str__(self) -> str:
        return str(self.activity)

    @property
    def is_late(self) -> bool:
        """Nobody has taken it up in time."""
        return bool(self.state == LeadState.UNTAKEN and self.take_by and self.take_by < clock.today())
