"""Which actions can be moved to another month on a clock, and where; why others cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from careplans.adherence.periods import Frequency, NamedMonths
from careplans.caremodels.models import ActionFields, CareAction, ModelVersion, StatutoryTask
from careplans.clock.models import InternalAction
from core.permissions import allowed
from customers.models import Customer


@dataclass(frozen=True)
class Moves:
    """Where the actions of a clock are moved: of a draft, of one customer, of the organisation."""

    user: Any
    year: int
    is_over: bool
    version: ModelVersion | None = None
    customer: Customer | None = None

    def of(self, action: ActionFields, frequency: Frequency) -> tuple[str, str]:
        """Return the address at which an action is moved, or (empty) why it is not, in a sentence."""
        fixed = self._fixed(action, frequency)
        return ("", fixed) if fixed else (self._url(action), "")

    def _fixed(self, action: ActionFields, frequency: Frequency) -> str:
        if isinstance(action, StatutoryTask):
            return _("A statutory task is the same for every customer: it is not moved.")
        if not isinstance(frequency, NamedMonths):
            return _("Only an action with months of the year is moved to another month.")
        if self.is_over:
            return _("The year is over: what was due stays.")
        return self._unmovable(action)

    def _unmovable(self, action: ActionFields) -> str:
        if isinstance(action, InternalAction):
            may = allowed(self.user, "careclock.edit_internal", action)
            return "" if may else _("Administrators and key account managers move internal events.")
        if self.customer is not None:
            may = allowed(self.user, "careplans.edit_plan", self.customer)
            return "" if may else _("You may not change the care plan of this customer.")
        if self.version is None or not self.version.is_draft:
            return _("An action of a care model is moved in a draft: make a new version of the model.")
        may = isinstance(action, CareAction) and allowed(self.user, "caremodels.edit_version", self.version)
        return "" if may else _("You may not change care models.")

    def _url(self, action: ActionFields) -> str:
        if self.customer is not None and not isinstance(action, InternalAction):
            args: list[Any] = [self.customer.pk, action.code]
            return reverse("careclock:move_for_customer", args=args, query={"year": self.year})
        name = "careclock:move_internal" if isinstance(action, InternalAction) else "careclock:move_action"
        return reverse(name, args=[action.pk])
