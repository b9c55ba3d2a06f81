"""What may be done with an offer now: one table for its page, lists and the board."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from core.permissions import allowed
from core.registry import declared
from core.steps import Step
from offers.offers.enums import OFFER_TRANSITIONS, ApprovalState, OfferStatus
from offers.offers.models import Offer
from offers.offers.selectors import step_states


@dataclass(frozen=True)
class StepPage:
    """The page that moves an offer to a status: text of its button, icon in menus, name of its URL."""

    url_name: str
    label: Any
    icon: str

    def url(self, offer: Offer) -> str:
        return reverse(self.url_name, args=[offer.pk])


#: Pages of this app.
OWN_PAGES: dict[OfferStatus, StepPage] = {
    OfferStatus.LOST: StepPage("offers:lose", pgettext_lazy("offer step", "Mark as lost…"), "x"),
    OfferStatus.OPEN: StepPage("offers:reopen", pgettext_lazy("offer step", "Reopen…"), "arrow-back-up"),
}


@cache
def step_pages() -> dict[OfferStatus, StepPage]:
    """Return the page of each status. Sending has its own panel; orders declare the page that accepts an offer."""
    return OWN_PAGES | dict(declared("OFFER_STEPS"))


def head_steps(offer: Offer, user: Any) -> list[Step]:
    """Return the steps of the head of an offer's page: what brings a draft out comes first and is the main one."""
    steps = steps_of(offer, user)
    if offer.status != OfferStatus.OPEN or not steps:
        return steps
    following = _way_out(offer, user)
    return [*following, *(replace(step, is_main=False) for step in steps)]


def _way_out(offer: Offer, user: Any) -> list[Step]:
    """Return the step of a draft toward the customer: approval is requested, or it is sent or marked as sent.

    A draft that waits for an approval has none.
    """
    states = step_states(offer)
    if not all(state.is_approved for state in states):
        is_waiting = any(state.approval and state.approval.state == ApprovalState.WAITING for state in states)
        url = reverse("offers:approval_ask", args=[offer.pk])
        ask = Step(label=_("Request approval"), url=url, icon="user-check", asks=True, is_main=True)
        return [] if is_waiting or not allowed(user, "offers.edit_offer", offer) else [ask]
    if offer.type.is_funder_form:
        url = reverse("offers:mark_sent", args=[offer.pk])
        return [Step(label=_("Mark as sent"), url=url, icon="send", asks=True, is_main=True)]
    url = reverse("offers:send", args=[offer.pk])
    return [Step(label=_("Send the offer"), url=url, icon="send", is_page=True, is_main=True)]


def steps_of(offer: Offer, user: Any) -> list[Step]:
    """Return the steps that the user may take with the offer now; sending it is a step of its page alone."""
    if not allowed(user, "offers.decide_offer", offer):
        return []
    pages = step_pages()
    following = [status for status in OFFER_TRANSITIONS[OfferStatus(offer.status)] if status in pages]
    steps = [(pages[status], status == OfferStatus.ORDER) for status in following]
    return [
        Step(label=page.label, url=page.url(offer), icon=page.icon, asks=True, is_main=is_main)
        for page, is_main in steps
    ]
