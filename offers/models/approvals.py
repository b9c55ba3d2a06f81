"""Approvals of an offer before it is sent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tracking import tracked
from offers.enums import ApprovalState, ApprovalStep
from offers.models.offers import Offer


@tracked()
class Approval(models.Model):
    """One step asked for one content of an offer: when the content changes, it is asked again."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="approvals", verbose_name=_("offer"))
    content_version = models.PositiveIntegerField()
    step = models.CharField(_("step"), max_length=10, choices=ApprovalStep)
    state = models.CharField(_("state"), max_length=10, choices=ApprovalState, default=ApprovalState.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="approvals", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    comment = models.CharField(_("comment"), max_length=1_000, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        default_permissions = ()
        ordering = ("-content_version", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["offer", "content_version", "step"],
                name="approval_once",
                violation_error_message=_("This has been asked already."),
            ),
        )
        indexes = (models.Index("step", "asked_at", condition=models.Q(state="waiting"), name="approval_waiting"),)

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.get_state_display()}"
