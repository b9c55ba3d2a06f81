"""From one column of the board to another: which page does it, and the sentence where no page can."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from activities.models import Activity
from crm.exceptions import BusinessRuleError
from offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.models import Offer
from offers.steps import step_pages


def is_page(url: str) -> bool:
    """Whether a move is too much for a dialog: the letter that sends an offer is a page of its own."""
    return url.endswith("/send/")


def offer_move_url(offer: Offer, to: str) -> str:
    """Return the page that makes an offer ``to``. What is on the funder's own form is sent outside: it is marked only.

    Raises :class:`BusinessRuleError`: ``status_not_allowed``.
    """
    if to not in OfferStatus or to not in OFFER_TRANSITIONS[OfferStatus(offer.status)]:
        raise BusinessRuleError("status_not_allowed", _sentence(offer, to))
    if to == OfferStatus.SENT:
        return reverse("offers:mark_sent" if offer.type.is_funder_form else "offers:send", args=[offer.pk])
    return step_pages()[OfferStatus(to)].url(offer)


def _sentence(offer: Offer, to: str) -> str:
    if to not in OfferStatus:
        return _("An offer does not become a lead again.")
    words = {"status": offer.get_status_display(), "next": OfferStatus(to).label}
    return _("An offer with the status “%(status)s” cannot become “%(next)s”.") % words


def lead_move_url(lead: Activity, to: str) -> tuple[str, str]:
    """Return the page that makes a lead ``to`` and the rule that opens it: it becomes an offer or is closed.

    Raises :class:`BusinessRuleError`: ``offer_first``.
    """
    if to == OfferStatus.OPEN:
        return f"{reverse('offers:create')}?activity={lead.pk}", "offers.add_offer"
    if to == OfferStatus.LOST:
        return reverse("activities:lead_close", args=[lead.pk]), "activities.handle_lead"
    raise BusinessRuleError("offer_first", _("Make an offer of the lead first."))
