"""The status of an offer: the transitions, the services that write it, and the customer's figures that depend on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import StatusMachine, check_reason
from customers.services.summaries import refresh_by
from offers.offers import validators
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.offers.models import LostReason, Offer, OfferStatusChange

DECIDED = (OfferStatus.ORDER, OfferStatus.LOST)
#: A short index scan of one customer's offers. Only rows that change are written.
_REFRESH = """
    UPDATE customers_customersummary AS kept
    SET open_offers = fresh.open_count, open_offers_net = fresh.open_net
    FROM (
        SELECT summary.customer_id, open.open_count, open.open_net
        FROM customers_customersummary summary
        CROSS JOIN LATERAL (
            SELECT count(*) AS open_count, coalesce(sum(f.net), 0) AS open_net
            FROM offers_offer f WHERE f.customer_id = summary.customer_id AND f.status IN ('open', 'sent')
        ) open
        WHERE summary.customer_id = ANY(%(ids)s)
    ) AS fresh
    WHERE kept.customer_id = fresh.customer_id
        AND (kept.open_offers, kept.open_offers_net) IS DISTINCT FROM (fresh.open_count, fresh.open_net)
"""


def offer_sums_refresh(customer_ids: Collection[int | None] | None = None) -> None:
    """Recompute count and value (euros without VAT) of open offers for these customers, or (None) for all."""
    refresh_by(_REFRESH, {}, customer_ids)


class OfferStatusMachine(StatusMachine[Offer]):
    """The status machine of offers: only it and :func:`status_load`, for imported offers, write statuses."""

    transitions = OFFER_TRANSITIONS
    since = "status_since"
    history = OfferStatusChange
    owner = "offer"
    refusal_field = None

    def refusal(self, offer: Offer, status: OfferStatus) -> str:
        labels = {"status": offer.get_status_display(), "next": status.label}
        return _("An offer with the status “%(status)s” cannot become “%(next)s”.") % labels

    def enter(self, offer: Offer, status: OfferStatus, *, at: dt.datetime, reason: str) -> None:
        offer.decided_at = at if status in DECIDED else None

    def follow(self, offer: Offer) -> None:
        offer_sums_refresh([offer.customer_id])


OFFER_STATUS = OfferStatusMachine()


def status_load(offer: Offer, status: OfferStatus, *, at: dt.datetime) -> None:
    """Set the status that an imported offer had in another system at ``at``; nothing is saved.

    The transitions are not checked, because the earlier steps were taken elsewhere. A caller that loads many offers
    saves them and their :func:`loaded_change` in bulk, and refreshes the figures of all customers afterwards.
    """
    offer.status, offer.status_since = status, at
    offer.decided_at = at if status in DECIDED else None


def loaded_change(offer: Offer, before: str, *, user: User | None, reason: str) -> OfferStatusChange:
    """Return the unsaved history entry for the status that :func:`status_load` set."""
    return OfferStatusChange(
        offer=offer, from_status=before, to_status=offer.status, user=user, reason=reason, at=offer.status_since
    )


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
    """Mark an offer as sent, or reopen it. Its present status changes nothing.

    Other transitions have ``offer_accept``, ``offer_lose`` and ``offer_reopen``. Raises :class:`BusinessRuleError`:
    ``status_not_allowed``, ``customer_passive``; :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    if offer.status == status:
        return offer
    if status in DECIDED or offer.status in DECIDED:
        raise BusinessRuleError("status_not_allowed", _("The offer cannot move to this status from its present one."))
    validators.check_customer(offer.customer)
    return OFFER_STATUS.write(offer, status, user=user, reason=reason.strip(), actor=actor)


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
    """Close an offer as lost, with the reason and optionally the competitor who won.

    Raises :class:`BusinessRuleError`: ``lost_reason_required``, ``status_not_allowed``; :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    if reason is None or reason.is_retired:
        message = _("Choose the lost reason.")
        raise BusinessRuleError("lost_reason_required", message, field="reason")
    offer.lost_reason, offer.competitor = reason, " ".join(competitor.split())[:120]
    text = ": ".join(part for part in (str(reason), note.strip()) if part)
    return OFFER_STATUS.write(offer, OfferStatus.LOST, user=user, reason=text, actor=actor)


@transaction.atomic
def offer_reopen(*, offer: Offer, user: User, reason: str, version: int | None = None) -> Offer:
    """Reopen a lost or sent offer, with the reason.

    Raises :class:`BusinessRuleError`: ``reason_required``, ``status_not_allowed``, ``customer_passive``;
    :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    reason = check_reason(reason)
    validators.check_customer(offer.customer)
    offer.lost_reason, offer.competitor = None, ""
    return OFFER_STATUS.write(offer, OfferStatus.OPEN, user=user, reason=reason)
