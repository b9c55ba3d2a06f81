"""The status of an offer: one table says what may follow what, one function writes it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from crm.exceptions import BusinessRuleError
from crm.services import check_version, lock
from offers import validators
from offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.models import LostReason, Offer, OfferStatusChange
from offers.services.summaries import offer_sums_refresh

DECIDED = (OfferStatus.ORDER, OfferStatus.LOST)


def status_write(row: Offer, status: OfferStatus, *, user: User | None, reason: str = "", actor: str = "") -> Offer:
    """Move a locked offer to ``status`` with its history row. Raises ``status_not_allowed``."""
    if status not in OFFER_TRANSITIONS[OfferStatus(row.status)]:
        message = _("An offer with the status “%(status)s” cannot become “%(next)s”.") % {
            "status": row.get_status_display(),
            "next": status.label,
        }
        raise BusinessRuleError("status_not_allowed", message)
    now = timezone.now()
    OfferStatusChange.objects.create(
        offer=row, from_status=row.status, to_status=status, user=user, actor=actor[:200], reason=reason[:1_000], at=now
    )
    row.status, row.status_since = status, now
    row.decided_at = now if status in DECIDED else None
    row.version += 1
    row.save()
    offer_sums_refresh([row.customer_id])
    return row


@transaction.atomic
def offer_set_status(
    *,
    offer: Offer,
    status: OfferStatus,
    user: User | None,
    reason: str = "",
    actor: str = "",
    version: int | None = None,
) -> Offer:
    """Mark an offer as sent, or as being prepared again. The status that it has already changes nothing.

    An order is made by ``offer_accept``, losing has ``offer_lose``, opening again ``offer_reopen``. Raises
    :class:`BusinessRuleError`: ``status_not_allowed``, ``customer_passive``; :class:`StaleVersionError`.
    """
    row = lock(offer)
    check_version(row, version)
    if row.status == status:
        return row
    if status in DECIDED or row.status in DECIDED:
        raise BusinessRuleError("status_not_allowed", _("This cannot follow the offer's present status."))
    validators.check_customer(row.customer)
    return status_write(row, status, user=user, reason=reason.strip(), actor=actor)


@transaction.atomic
def offer_lose(
    *,
    offer: Offer,
    user: User | None,
    reason: LostReason | None,
    competitor: str = "",
    note: str = "",
    actor: str = "",
    version: int | None = None,
) -> Offer:
    """Close an offer as lost, with the reason and perhaps the competitor who won.

    Raises :class:`BusinessRuleError`: ``lost_reason_required``, ``status_not_allowed``; :class:`StaleVersionError`.
    """
    row = lock(offer)
    check_version(row, version)
    if reason is None or reason.is_retired:
        message = _("Choose why the offer was lost.")
        raise BusinessRuleError("lost_reason_required", message, field="reason")
    row.lost_reason, row.competitor = reason, " ".join(competitor.split())[:120]
    text = ": ".join(part for part in (str(reason), note.strip()) if part)
    return status_write(row, OfferStatus.LOST, user=user, reason=text, actor=actor)


@transaction.atomic
def offer_reopen(*, offer: Offer, user: User, reason: str, version: int | None = None) -> Offer:
    """Take a lost offer up again, or a sent one back into preparation, with the reason.

    Raises :class:`BusinessRuleError`: ``reason_required``, ``status_not_allowed``, ``customer_passive``;
    :class:`StaleVersionError`.
    """
    row = lock(offer)
    check_version(row, version)
    reason = validators.check_reason(reason)
    validators.check_customer(row.customer)
    row.lost_reason, row.competitor = None, ""
    return status_write(row, OfferStatus.OPEN, user=user, reason=reason)
