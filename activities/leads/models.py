"""Types of activities, keywords and the other lists that administrators keep."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from activities.leads.enums import LeadState
from activities.log.models import Activity, Choice
from core import clock
from core.tracking import tracked


@tracked()
class LeadCloseReason(Choice):
    """Why a lead came to nothing."""

    class Meta:
        verbose_name = _("reason for closing a lead")
        verbose_name_plural = _("reasons for closing leads")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="lead_close_reason_code_unique"),)


@tracked()
class LeadSource(Choice):
    """Where leads come from: a fair, the web, a recommendation."""

    class Meta:
        verbose_name = _("source of leads")
        verbose_name_plural = _("sources of leads")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="lead_source_code_unique"),)


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
