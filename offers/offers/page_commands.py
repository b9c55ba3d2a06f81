"""Commands of the palette about the offer of the open page, and the contact or customer of the offer."""

from __future__ import annotations

from typing import Any

from django.urls import ResolverMatch, reverse
from django.utils.translation import gettext as _

from core.permissions import allowed
from core.registry import SearchHit
from customers.page_commands import subject_of_row
from offers.offers.models import Offer

PAGES = "offers/<int:pk>/"
offer_subject = subject_of_row(PAGES, Offer, "contact", "customer")


def page_commands(user: Any, match: ResolverMatch) -> list[SearchHit]:
    """Return what the user may change of the offer."""
    if not match.route.startswith(PAGES):
        return []
    offer = Offer.objects.visible_to(user).filter(pk=match.kwargs["pk"]).first()
    if offer is None or not allowed(user, "offers.edit_offer", offer):
        return []
    edit = reverse("offers:edit", args=[offer.pk])
    owner = SearchHit(_("Change owner: %s") % offer, "", f"{edit}#id_owner", "user-check")
    return [owner, SearchHit(_("Edit: %s") % offer, "", edit, "pencil")]
