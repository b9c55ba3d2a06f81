"""Undoing the last step of an offer that was taken by mistake: marked as sent, or as lost."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError
from core.numbers import parse_id
from core.services import lock
from offers.offers import validators
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import Offer, OfferStatusChange
from offers.offers.services.status import OFFER_STATUS

#: A step is undone at most this long after it was taken; later the offer is reopened with a reason.
UNDO_WITHIN = dt.timedelta(minutes=15)


@transaction.atomic
def offer_step_undo(*, offer: Offer, user: User, change: str) -> Offer:
    """Undo the offer's last step, if it is ``change`` and ``user``'s own and recent; return the changed offer.

    The offer counts again as being at its stage since it got there. The version that was stored when the offer was
    marked as sent by other means is removed. A message that was sent is not undone. Raises
    :class:`BusinessRuleError`: ``nothing_to_undo``, ``customer_passive``.
    """
    offer = lock(offer)
    last = offer.status_changes.first()
    if last is None or not _may_undo(offer, last, user, change):
        message = _("It can no longer be undone. Reopen the offer and give the reason.")
        raise BusinessRuleError("nothing_to_undo", message)
    validators.check_customer(offer.customer)
    if last.to_status == OfferStatus.SENT:
        _remove_version(offer, last)
    offer.lost_reason, offer.competitor = None, ""
    offer = OFFER_STATUS.take_back(offer, last, user=user)
    offer.status_since = _since(offer, last)
    offer.save(update_fields=["status_since"])
    return offer


def _may_undo(offer: Offer, last: OfferStatusChange, user: User, change: str) -> bool:
    is_asked = last.pk == parse_id(change) and last.user_id == user.pk
    is_recent = last.at >= clock.now() - UNDO_WITHIN
    was_open = last.from_status in UNDECIDED and last.to_status in (OfferStatus.SENT, OfferStatus.LOST)
    return is_asked and is_recent and was_open and not _is_mailed(offer, last)


def _is_mailed(offer: Offer, last: OfferStatusChange) -> bool:
    """Return whether the step was a message to the customer, or the offer has been mailed since."""
    if last.to_status != OfferStatus.SENT:
        return False
    version = offer.versions.order_by("number").last()
    return version is not None and (version.email_id is not None or version.links.exists())


def _remove_version(offer: Offer, last: OfferStatusChange) -> None:
    """Remove the version that was stored with the step; an offer on the funder's form has none."""
    version = offer.versions.order_by("number").last()
    if version is not None and version.made_by_id == last.user_id and last.at - version.made_at < UNDO_WITHIN:
        transaction.on_commit(partial(version.pdf.delete, save=False))
        version.delete()


def _since(offer: Offer, undone: OfferStatusChange) -> dt.datetime:
    """Return when the offer came to the stage that it is back at."""
    earlier = offer.status_changes.filter(to_status=offer.status, at__lt=undone.at).order_by("-at", "-pk").first()
    return earlier.at if earlier else offer.status_since
