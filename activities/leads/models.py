"""Leads, their sources and the reasons for closing them."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from activities.leads.enums import LeadState
from activities.log.models import Activity, Choice
from core import clock
from core.tracking import tracked
from customers.selections.models import Reference, target


@tracked()
class LeadCloseReason(Choice):
    """A reason for closing a lead that came to nothing."""

    class Meta:
        verbose_name = _("reason for closing a lead")
        verbose_name_plural = _("reasons for closing leads")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="lead_close_reason_code_unique"),)


@tracked()
class LeadSource(Choice):
    """A source of leads: a fair, the web, a recommendation."""

    class Meta:
        verbose_name = _("lead source")
        verbose_name_plural = _("lead sources")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="lead_source_code_unique"),)


@tracked()
class Lead(models.Model):
    """A possible sale that an account manager should claim: the need, its estimated value and the deadline."""

    activity = models.OneToOneField(Activity, models.CASCADE, primary_key=True, related_name="lead")
    state = models.CharField(_("state"), max_length=10, choices=LeadState, default=LeadState.UNASSIGNED, editable=False)
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
    take_by = models.DateField(_("claim deadline"), null=True, blank=True)
    offered_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="leads_offered",
        verbose_name=_("offered to"),
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="leads_taken",
        verbose_name=_("claimed by"),
    )
    taken_at = models.DateTimeField(_("claimed"), null=True, editable=False)
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
        """Return whether nobody has claimed the lead by its deadline."""
        return bool(self.state == LeadState.UNASSIGNED and self.take_by and self.take_by < clock.today())


class LeadSourceReference(Reference):
    """A source of leads that a saved view names."""

    target = target(LeadSource)
