"""Statuses of offers with their transitions, approval steps, answers and number series."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OfferStatus(models.TextChoices):
    """The status of an offer. Expiry follows from the date, not from the status."""

    OPEN = "open", pgettext_lazy("offer", "draft")
    SENT = "sent", pgettext_lazy("offer", "sent")
    ORDER = "order", pgettext_lazy("offer", "order")
    LOST = "lost", pgettext_lazy("offer", "lost")


#: Statuses before the customer's decision: the open offers of reports.
UNDECIDED = (OfferStatus.OPEN, OfferStatus.SENT)

#: *Order* is reached only by acceptance (rule 4) and is final.
OFFER_TRANSITIONS: dict[OfferStatus, tuple[OfferStatus, ...]] = {
    OfferStatus.OPEN: (OfferStatus.SENT, OfferStatus.ORDER, OfferStatus.LOST),
    OfferStatus.SENT: (OfferStatus.ORDER, OfferStatus.OPEN, OfferStatus.LOST),
    OfferStatus.LOST: (OfferStatus.OPEN,),
    OfferStatus.ORDER: (),
}


class ApprovalStep(models.TextChoices):
    """The approvals before an offer is sent, in this order."""

    CONTENT = "content", pgettext_lazy("approval", "content and resources")
    PRICE = "price", pgettext_lazy("approval", "price")
    SIGNATURE = "signature", pgettext_lazy("approval", "signature")


class ApprovalState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("approval", "waiting")
    APPROVED = "approved", pgettext_lazy("approval", "approved")
    REJECTED = "rejected", pgettext_lazy("approval", "sent back")


class LinkAnswer(models.TextChoices):
    """The contact's answer through the personal link."""

    ACCEPTED = "accepted", pgettext_lazy("offer", "accepted")
    DECLINED = "declined", pgettext_lazy("offer", "declined")


class SeriesKind(models.TextChoices):
    """A number series; the value is the prefix of its numbers."""

    OFFER = "TA", _("offers")
    ORDER = "TI", _("orders")
    INVOICE = "LA", _("invoices")
    BATCH = "ER", _("invoice batches")


#: Names of the enums in the API's schema.
SCHEMA_NAMES = {
    "OfferStatusEnum": OfferStatus,
}
