"""Querysets of orders, their lines and invoice batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from offers.offers.querysets import search_numbered, visible_customers
from offers.orders.enums import OrderStatus

if TYPE_CHECKING:
    from offers.orders.models import InvoiceBatch, Order, OrderLine  # noqa: F401 (named in quotes)


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: Any) -> OrderQuerySet:
        visible = visible_customers(user)
        return self.none() if visible is None else self.filter(visible)

    def not_cancelled(self) -> OrderQuerySet:
        return self.exclude(status=OrderStatus.CANCELLED)

    def with_is_repeat(self) -> OrderQuerySet:
        """Annotate ``is_repeat``: the customer has an earlier order; those of a day count in the order of entry."""
        orders = self.model._default_manager.not_cancelled().filter(customer=models.OuterRef("customer"))
        earlier = models.Q(date__lt=models.OuterRef("date")) | models.Q(
            date=models.OuterRef("date"), pk__lt=models.OuterRef("pk")
        )
        return self.annotate(is_repeat=models.Exists(orders.filter(earlier)))

    def search(self, text: str, *, brief: bool = False) -> OrderQuerySet:
        found: OrderQuerySet = search_numbered(self, text, brief=brief)
        return found


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    def to_invoice(self) -> OrderLineQuerySet:
        """Return the lines that can be invoiced now: delivered and not invoiced, of orders in delivery (rule 5)."""
        return self.filter(order__status=OrderStatus.IN_DELIVERY, delivered__gt=models.F("invoiced"))


class InvoiceBatchQuerySet(models.QuerySet["InvoiceBatch"]):
    def visible_to(self, user: Any) -> InvoiceBatchQuerySet:
        is_known = user.is_authenticated and user.is_active
        grants = ("orders.invoice_orders", "orders.manage_orders", "accounts.view_reports")
        return self if is_known and any(map(user.has_perm, grants)) else self.none()
