"""The status of an offer: one table lists what may follow what, one machine writes it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import StatusMachine, check_reason
from offers.offers import validators
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.offers.models import LostReason, Offer, OfferStatusChange
from offers.offers.services.summaries import offer_sums_refresh

DECIDED = (OfferStatus.ORDER, OfferStatus.LOST)


class OfferStatusMachine(StatusMachine[Offer]):
    """The statuses of offers. Only this writes them, and :func:`status_load` for offers of other systems."""

    transitions = OFFER_TRANSITIONS
    since = "status_since"
    history = OfferStatusChange
    owner = "offer"
    refusal_field = None

    def refusal(self, offer: Offer, status: OfferStatus) -> str:
        words = {"status": offer.get_status_display(), "next": status.label}
        return _("An offer with the status “%(status)s” cannot become “%(next)s”.") % words

    def enter(self, offer: Offer, status: OfferStatus, *, at: dt.datetime, reason: str) -> None:
        offer.decided_at = at if status in DECIDED else None

    def follow(self, offer: Offer) -> None:
        offer_sums_refresh([offer.customer_id])


OFFER_STATUS = OfferStatusMachine()


def status_load(offer: Offer, status: OfferStatus, *, at: dt.datetime) -> None:
    """Give an offer of another system the status that it got there at ``at``; nothing is saved.

    The table of transitions is not asked, because the steps in between were taken elsewhere. Who loads many offers
    saves them and their :func:`loaded_change` at once, and refreshes the figures of all customers afterwards.
    """
    offer.status, offer.status_since = status, at
    offer.decided_at = at if status in DECIDED else None


def loaded_change(offer: Offer, before: str, *, user: User | None, reason: str) -> OfferStatusChange:
    """Return the unsaved entry of the history for what :func:`status_load` wrote."""
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
    """Mark an offer as sent, or as being prepared again. The status that it has already changes nothing.

    An order is made by ``offer_accept``, losing has ``offer_lose``, opening again ``offer_reopen``. Raises
    :class:`BusinessRuleError`: ``status_not_allowed``, ``customer_passive``; :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    if offer.status == status:
        return offer
    if status in DECIDED or offer.status in DECIDED:
        raise BusinessRuleError("status_not_allowed", _("This cannot follow the offer's present status."))
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
    """Close an offer as lost, with the reason and perhaps the competitor who won.

    Raises :class:`BusinessRuleError`: ``lost_reason_required``, ``status_not_allowed``; :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    if reason is None or reason.is_retired:
        message = _("Choose why the offer was lost.")
        raise BusinessRuleError("lost_reason_required", message, field="reason")
    offer.lost_reason, offer.competitor = reason, " ".join(competitor.split())[:120]
    text = ": ".join(part for part in (str(reason), note.strip()) if part)
    return OFFER_STATUS.write(offer, OfferStatus.LOST, user=user, reason=text, actor=actor)


@transaction.atomic
def offer_reopen(*, offer: Offer, user: User, reason: str, version: int | None = None) -> Offer:
    """Take a lost offer up again, or a sent one back into preparation, with the reason.

    Raises :class:`BusinessRuleError`: ``reason_required``, ``status_not_allowed``, ``customer_passive``;
    :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    reason = check_reason(reason)
    validators.check_customer(offer.customer)
    offer.lost_reason, offer.competitor = None, ""
    return OFFER_STATUS.write(offer, OfferStatus.OPEN, user=user, reason=reason)
