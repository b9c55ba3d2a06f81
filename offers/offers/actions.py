"""The next steps of an offer: its buttons are the statuses that may follow its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext_lazy

from core.permissions import allowed
from core.registry import declared
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.offers.models import Offer


@dataclass(frozen=True)
class StepPage:
    """The page that moves an offer to a status: text of its button, icon in menus, name of its URL."""

    url_name: str
    label: Any
    icon: str

    def url(self, offer: Offer) -> str:
        return reverse(self.url_name, args=[offer.pk])


@dataclass(frozen=True)
class Step:
    """A button: the status that it leads to, its text and the page that asks for the details."""

    status: OfferStatus
    label: Any
    url: str


#: Pages of this app.
OWN_PAGES: dict[OfferStatus, StepPage] = {
    OfferStatus.LOST: StepPage("offers:lose", pgettext_lazy("offer step", "Lost…"), "x"),
    OfferStatus.OPEN: StepPage("offers:reopen", pgettext_lazy("offer step", "Reopen…"), "arrow-back-up"),
}


@cache
def step_pages() -> dict[OfferStatus, StepPage]:
    """Return the page of each status. Sending has its own panel; orders declare the page that accepts an offer."""
    return OWN_PAGES | dict(declared("OFFER_STEPS"))


def steps_of(offer: Offer, user: Any) -> list[Step]:
    """Return the steps that the user may take with the offer now."""
    if not allowed(user, "offers.decide_offer", offer):
        return []
    pages = step_pages()
    following = [status for status in OFFER_TRANSITIONS[OfferStatus(offer.status)] if status in pages]
    return [Step(status, pages[status].label, pages[status].url(offer)) for status in following]
