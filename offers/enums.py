"""Statuses of offers and orders with what may follow what, and the other choices."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OfferStatus(models.TextChoices):
    """Where an offer stands. That it has expired is told by its date, not by its status."""

    OPEN = "open", pgettext_lazy("offer", "being prepared")
    SENT = "sent", pgettext_lazy("offer", "sent")
    ORDER = "order", pgettext_lazy("offer", "order")
    LOST = "lost", pgettext_lazy("offer", "lost")


#: The customer has not decided yet: these are the open offers of reports.
UNDECIDED = (OfferStatus.OPEN, OfferStatus.SENT)

#: *Order* is reached by acceptance alone (rule 4) and is final.
OFFER_TRANSITIONS: dict[OfferStatus, tuple[OfferStatus, ...]] = {
    OfferStatus.OPEN: (OfferStatus.SENT, OfferStatus.ORDER, OfferStatus.LOST),
    OfferStatus.SENT: (OfferStatus.ORDER, OfferStatus.OPEN, OfferStatus.LOST),
    OfferStatus.LOST: (OfferStatus.OPEN,),
    OfferStatus.ORDER: (),
}


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


class LineKind(models.TextChoices):
    PRODUCT = "product", pgettext_lazy("line", "product")
    FREE = "free", pgettext_lazy("line", "tailored")
    HEADING = "heading", pgettext_lazy("line", "heading")


class ApprovalStep(models.TextChoices):
    """What is approved before an offer is sent, in this order."""

    CONTENT = "content", pgettext_lazy("approval", "content and resources")
    PRICE = "price", pgettext_lazy("approval", "price")
    SIGNATURE = "signature", pgettext_lazy("approval", "signature")


class ApprovalState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("approval", "waits")
    APPROVED = "approved", pgettext_lazy("approval", "approved")
    REJECTED = "rejected", pgettext_lazy("approval", "sent back")


class LinkAnswer(models.TextChoices):
    """What the contact has answered by the personal link."""

    ACCEPTED = "accepted", pgettext_lazy("offer", "accepted")
    DECLINED = "declined", pgettext_lazy("offer", "declined")


class SeriesKind(models.TextChoices):
    """What is numbered; the value is how its numbers begin."""

    OFFER = "TA", _("offers")
    ORDER = "TI", _("orders")
    INVOICE = "LA", _("invoices")
    BATCH = "ER", _("batches of invoices")


class TargetKind(models.TextChoices):
    """What account managers agree on with the director (domain.md §1)."""

    NEW_CUSTOMERS = "new_customers", _("new customers")
    REPEAT_PURCHASES = "repeat_purchases", _("repeat purchases")
    MEETINGS = "meetings", _("customer meetings")
    EUROS = "euros", _("euros")


class IntakeStage(models.TextChoices):
    """Where something stood in the system that it is brought from, from the beginning to the decision."""

    LEAD = "lead", pgettext_lazy("stage", "lead")
    OPEN = "open", pgettext_lazy("stage", "open offer")
    WON = "won", pgettext_lazy("stage", "won")
    LOST = "lost", pgettext_lazy("stage", "lost")


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "OfferStatusEnum": OfferStatus,
    "OrderStatusEnum": OrderStatus,
    "LineKindEnum": LineKind,
    "TargetKindEnum": TargetKind,
}
