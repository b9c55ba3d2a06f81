"""What people decide about occurrences: they skip or postpone one, or correct what counts for it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from careplans.adherence.occurrences import Key
from careplans.adherence.periods import Kind
from careplans.caremodels.models import SkipReason
from careplans.plans.enums import DecisionKind, OccurrenceKind
from careplans.plans.querysets import OfCustomers
from core.addresses import row_url
from core.tracking import tracked
from customers.models import Customer


class OfOccurrence(models.Model):
    """What names an occurrence of a customer, as adherence does (``Key``)."""

    code = models.SlugField(_("action"), max_length=60, db_index=False)
    kind = models.CharField(_("frequency"), max_length=10, choices=OccurrenceKind)
    start = models.DateField(_("beginning"))
    event = models.CharField(_("event"), max_length=40, blank=True)

    class Meta:
        abstract = True

    @property
    def key(self) -> Key:
        return Key(self.code, Kind(self.kind), self.start, self.event)


OCCURRENCE = ("customer", "code", "kind", "start", "event")


def _by_user() -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"), editable=False
    )


@tracked()
class OccurrenceDecision(OfOccurrence):
    """A person skips an occurrence or sets a later due day, for a reason."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="occurrence_decisions", db_index=False)
    decision = models.CharField(_("decision"), max_length=10, choices=DecisionKind)
    to = models.DateField(_("new due day"), null=True)
    reason = models.ForeignKey(SkipReason, models.PROTECT, related_name="+", verbose_name=_("reason"))
    #: As the reason was when it was given: a later change of the list changes no figure.
    is_accepted = models.BooleanField(_("accepted"), default=True, editable=False)
    note = models.CharField(_("explanation"), max_length=1_000, blank=True)
    entered = models.DateField(_("entered"))
    by_manager = models.BooleanField(default=False, editable=False)
    user = _by_user()

    objects = OfCustomers["OccurrenceDecision"].as_manager()

    class Meta:
        verbose_name = _("decision about an occurrence")
        verbose_name_plural = _("decisions about occurrences")
        default_permissions = ()
        ordering = ("entered", "id")
        constraints = (
            models.UniqueConstraint(fields=OCCURRENCE, condition=Q(decision="skip"), name="occurrence_skip_once"),
            models.CheckConstraint(
                condition=Q(decision="skip", to__isnull=True) | Q(decision="postpone", to__isnull=False),
                name="occurrence_decision_to",
            ),
        )
        indexes = (models.Index("customer", name="occurrence_decision_customer"),)

    def __str__(self) -> str:
        return str(self.get_decision_display())

    def get_absolute_url(self) -> str:
        return row_url("careplans:tab", self.customer_id)


@tracked()
class OccurrenceCorrection(models.Model):
    """A person says for which occurrence of an action something done counts; without one: for none of the action."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="occurrence_corrections", db_index=False)
    source = models.CharField(_("what was done"), max_length=20)
    fulfilment_id = models.BigIntegerField()
    code = models.SlugField(_("action"), max_length=60, db_index=False)
    kind = models.CharField(_("frequency"), max_length=10, choices=OccurrenceKind, blank=True)
    start = models.DateField(_("beginning"), null=True)
    event = models.CharField(_("event"), max_length=40, blank=True)
    note = models.CharField(_("explanation"), max_length=1_000, blank=True)
    user = _by_user()

    objects = OfCustomers["OccurrenceCorrection"].as_manager()

    class Meta:
        verbose_name = _("correction of what counts")
        verbose_name_plural = _("corrections of what counts")
        default_permissions = ()
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "source", "fulfilment_id", "code"], name="occurrence_correction_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="", start__isnull=True) | (~Q(kind="") & Q(start__isnull=False)),
                name="occurrence_correction_key",
            ),
        )

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def get_absolute_url(self) -> str:
        return row_url("careplans:tab", self.customer_id)

    @property
    def key(self) -> Key | None:
        """What names the occurrence, None: it counts for none."""
        return Key(self.code, Kind(self.kind), self.start, self.event) if self.start else None
