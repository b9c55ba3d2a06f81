"""The customer strategy: one document in versions, each approved by management."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from careplans.scorecards.enums import PREPARED, StrategyStatus
from careplans.scorecards.models.base import Approvable
from careplans.scorecards.querysets import StrategyQuerySet
from core.addresses import row_url
from core.models import StatusChange
from core.tracking import tracked


@tracked(exclude=["version", "updated_at", "editors"])
class StrategyVersion(Approvable):
    """A version of the customer strategy: the values, the focus areas, and the text."""

    number = models.PositiveIntegerField(_("version"), editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=StrategyStatus, default=StrategyStatus.DRAFT, editable=False
    )
    principles = models.TextField(_("values"), max_length=4_000, blank=True, help_text=_("One on each line."))
    focus_areas = models.TextField(_("focus areas"), max_length=4_000, blank=True, help_text=_("One on each line."))
    text = models.TextField(_("text of the strategy"), max_length=20_000, blank=True)
    justification = models.TextField(_("why it is changed"), max_length=4_000)
    valid_from = models.DateField(_("in force from"), null=True, editable=False)
    valid_to = models.DateField(_("in force to"), null=True, editable=False)  # the last day
    is_demo = models.BooleanField(default=False, editable=False)

    objects = StrategyQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the customer strategy")
        verbose_name_plural = _("versions of the customer strategy")
        default_permissions = ()
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["number"], name="strategy_number_once"),
            models.UniqueConstraint(
                models.Value(1), condition=Q(status__in=PREPARED), name="strategy_one_prepared",
                violation_error_message=_("A new version of the customer strategy is being prepared already."),
            ),
            models.UniqueConstraint(
                models.Value(1), condition=Q(status=StrategyStatus.APPROVED), name="strategy_one_in_force"
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return gettext("Customer strategy, version %d") % self.number

    def get_absolute_url(self) -> str:
        return row_url("scorecards:strategy_version", self.pk)

    def told(self) -> dict[str, Any]:
        """Return what notifications keep."""
        return {"number": self.number}

    @property
    def principle_list(self) -> list[str]:
        return _lines(self.principles)

    @property
    def focus_list(self) -> list[str]:
        return _lines(self.focus_areas)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class StrategyStatusChange(StatusChange):
    """A step of a version of the customer strategy."""

    strategy = models.ForeignKey(StrategyVersion, models.CASCADE, related_name="status_changes")
    from_status = models.CharField(_("from"), max_length=10, choices=StrategyStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=StrategyStatus)
