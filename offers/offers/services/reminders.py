"""Reminders of offers that are about to expire or have expired."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from accounts.notifications import notify
from core import clock
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer
from offers.offers.services.answers import recipients_of

#: Offers that expired earlier were imported as such: no reminder is sent.
REMIND_WITHIN = dt.timedelta(days=7)


def offers_remind() -> int:
    """Notify account managers once before a sent offer expires and once after; return the number of offers.

    Concurrent runs do not notify twice. ``Offer.reminded_at`` is the time of the last reminder: within the days before
    the end it was the first one, after the end the second. An offer with a new end is reminded of again.
    """
    today, notice = clock.today(), dt.timedelta(days=settings.OFFER_REMINDER_DAYS)
    sent = Offer.objects.filter(status=OfferStatus.SENT, customer__state="active")
    ending = sent.filter(valid_until__gte=today, valid_until__lte=today + notice)
    expired = sent.filter(valid_until__lt=today, valid_until__gte=today - REMIND_WITHIN)
    count = 0
    for pk in [*ending.values_list("pk", flat=True), *expired.values_list("pk", flat=True)]:
        count += _remind(pk, today, notice)
    return count


@transaction.atomic
def _remind(pk: int, today: dt.date, notice: dt.timedelta) -> bool:
    offers = Offer.objects.select_for_update(of=("self",), skip_locked=True).select_related("owner", "customer")
    offer = offers.filter(pk=pk, status=OfferStatus.SENT).first()
    if offer is None or offer.valid_until is None:
        return False
    is_expired = offer.valid_until < today
    reminder_due = offer.valid_until + dt.timedelta(days=1) if is_expired else offer.valid_until - notice
    if offer.reminded_at and clock.day_of(offer.reminded_at) >= reminder_due:
        return False
    Offer.objects.filter(pk=pk).update(reminded_at=clock.now())
    notify(
        users=recipients_of(offer),
        kind="offer_expired" if is_expired else "offer_expiring",
        url=offer.get_absolute_url(),
        number=offer.number,
        title=offer.title,
        customer=str(offer.customer),
        day=offer.valid_until.isoformat(),
    )
    return True
