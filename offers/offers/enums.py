"""Statuses of offers and orders with what may follow what, and the other choices."""

from __future__ import annotations

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


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "OfferStatusEnum": OfferStatus,
}
