"""What the bulk operations on customers share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from accounts.bulk import NotifyingOperation
from core.bulk.models import BulkRun
from core.bulk.operations import FORBIDDEN, Finding, outside
from customers.models import Customer

INACTIVE = "inactive"


class CustomerOperation(NotifyingOperation):
    """An operation on customers that are active and that the user may edit."""

    place = "customers"
    model = Customer
    list_url_name = "customers:list"
    notify_query = {"mine": "true"}
    common: ClassVar[dict[str, Any]] = {INACTIVE: _("The customer is inactive")}

    def editable(self, user: Any) -> Any:
        """Return the customers that the user may change so."""
        return Customer.objects.editable_by(user)

    def not_permitted(self, user: Any, rows: Any) -> Iterator[Finding]:
        """Yield the inactive customers and those that the user may not change."""
        yield Finding(INACTIVE, rows.passive())
        yield Finding(FORBIDDEN, outside(rows, self.editable(user)))

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        """Yield the customers that have become inactive since: they are read-only."""
        yield Finding(INACTIVE, rows.passive())
