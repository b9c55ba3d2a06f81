"""Statuses of offers and orders with what may follow what, and the other choices."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class OrderStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("order", "waiting")
    IN_DELIVERY = "in_delivery", pgettext_lazy("order", "in delivery")
    INVOICED = "invoiced", pgettext_lazy("order", "invoiced")
    CLOSED = "closed", pgettext_lazy("order", "closed")
    CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")


#: Running and coming: what the customer is still to get or to pay.
UNFINISHED_ORDERS = (OrderStatus.WAITING, OrderStatus.IN_DELIVERY)

#: Only an order in delivery can be invoiced (rule 5). *Invoiced* goes back by taking the hand-over back alone.
ORDER_TRANSITIONS: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.WAITING: (OrderStatus.IN_DELIVERY, OrderStatus.CANCELLED),
    OrderStatus.IN_DELIVERY: (OrderStatus.INVOICED, OrderStatus.WAITING, OrderStatus.CANCELLED),
    OrderStatus.INVOICED: (OrderStatus.CLOSED, OrderStatus.IN_DELIVERY),
    OrderStatus.CLOSED: (),
    OrderStatus.CANCELLED: (OrderStatus.WAITING,),
}


class IntakeStage(models.TextChoices):
    """Where something stood in the system that it is brought from, from the beginning to the decision."""

    LEAD = "lead", pgettext_lazy("stage", "lead")
    OPEN = "open", pgettext_lazy("stage", "open offer")
    WON = "won", pgettext_lazy("stage", "won")
    LOST = "lost", pgettext_lazy("stage", "lost")


#: What the API's schema calls these.
SCHEMA_NAMES = {"OrderStatusEnum": OrderStatus}
