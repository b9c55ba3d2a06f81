"""What may be done with an offer next: its buttons are a loop over the statuses that may follow its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from crm.permissions import allowed
from offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.models import Offer


@dataclass(frozen=True)
class Step:
    """A button: the status that it leads to, its words, and the page that asks what has to be told."""

    status: OfferStatus
    label: Any
    url: str


#: The page of each status, and what its button says. Sending has its own panel.
PAGES: dict[OfferStatus, tuple[str, Any]] = {
    OfferStatus.ORDER: ("offers:accept", pgettext_lazy("offer step", "Accepted…")),
    OfferStatus.LOST: ("offers:lose", pgettext_lazy("offer step", "Lost…")),
    OfferStatus.OPEN: ("offers:reopen", pgettext_lazy("offer step", "Prepare again…")),
}


def steps_of(offer: Offer, user: Any) -> list[Step]:
    """Return the steps that the user may take with the offer now."""
    if not allowed(user, "offers.decide_offer", offer):
        return []
    following = [status for status in OFFER_TRANSITIONS[OfferStatus(offer.status)] if status in PAGES]
    return [Step(status, PAGES[status][1], reverse(PAGES[status][0], args=[offer.pk])) for status in following]
