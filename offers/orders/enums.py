"""The statuses of orders with their transitions, and the stages of imported offers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AcceptConfirmation(models.TextChoices):
    """What a user has to confirm before accepting an offer on behalf of the customer."""

    EXPIRED = "expired", _("its last day of validity has passed")
    UNSENT = "unsent", _("its present content has not been sent")


class VatCode(models.TextChoices):
    """Categories of VAT by UNTDID 5305, as e-invoices name them."""

    STANDARD = "S", _("with VAT")
    EXEMPT = "E", _("without VAT")
    REVERSE = "AE", _("reverse charge")


class OrderStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("order", "waiting")
    IN_DELIVERY = "in_delivery", pgettext_lazy("order", "in delivery")
    INVOICED = "invoiced", pgettext_lazy("order", "invoiced")
    CLOSED = "closed", pgettext_lazy("order", "closed")
    CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")


#: In progress and upcoming: what is still to be delivered or invoiced.
UNFINISHED_ORDERS = (OrderStatus.WAITING, OrderStatus.IN_DELIVERY)

#: Only an order in delivery can be invoiced (rule 5). *Invoiced* returns only when its invoice batch is taken back.
ORDER_TRANSITIONS: dict[OrderStatus, tuple[OrderStatus, ...]] = {
    OrderStatus.WAITING: (OrderStatus.IN_DELIVERY, OrderStatus.CANCELLED),
    OrderStatus.IN_DELIVERY: (OrderStatus.INVOICED, OrderStatus.WAITING, OrderStatus.CANCELLED),
    OrderStatus.INVOICED: (OrderStatus.CLOSED, OrderStatus.IN_DELIVERY),
    OrderStatus.CLOSED: (),
    OrderStatus.CANCELLED: (OrderStatus.WAITING,),
}


class ImportedStage(models.TextChoices):
    """The stage of a lead or offer in the system that it is imported from."""

    LEAD = "lead", pgettext_lazy("stage", "lead")
    OPEN = "open", pgettext_lazy("stage", "open offer")
    WON = "won", pgettext_lazy("stage", "won")
    LOST = "lost", pgettext_lazy("stage", "lost")


#: What the API's schema calls these.
SCHEMA_NAMES = {"OrderStatusEnum": OrderStatus, "AcceptConfirmationEnum": AcceptConfirmation}
