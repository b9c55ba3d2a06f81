"""What is edited in place of offers: each field by the form that changes it, the status by its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.inline.declarations import Editable, Editing, Steps
from core.inline.views import InlineView
from customers.models import Responsibility
from offers.offers.acting import mark_offers
from offers.offers.enums import UNDECIDED
from offers.offers.models import Offer
from offers.offers.steps import steps_of
from offers.offers.tables import OFFER_TABLE
from offers.offers.views.offers import LISTED, OfferChangeView


def _own(name: str, label: Any) -> Editable:
    return Editable(name=name, label=label, page=OfferChangeView, form_url_name="offers:edit")


def changeable(user: Any, offers: Sequence[Offer]) -> set[int]:
    """Return the ids of those that the user passes ``offers.edit_offer`` for, in one query at most."""
    in_use = [offer for offer in offers if offer.status in UNDECIDED and not offer.customer.is_passive]
    if user.has_perm("offers.change_any_offer"):
        return {offer.pk for offer in in_use}
    if not user.has_perm("offers.write_offers"):
        return set()
    others = {offer.customer_id for offer in in_use if offer.owner_id != user.pk}
    own = Responsibility.objects.current().filter(user=user, customer__in=others) if others else None
    customers = set(own.values_list("customer", flat=True)) if own is not None else set()
    return {offer.pk for offer in in_use if offer.owner_id == user.pk or offer.customer_id in customers}


def _listed(user: Any, pk: int) -> Offer | None:
    offers: Any = Offer.objects.visible_to(user)
    found: Offer | None = offers.select_related(*LISTED).filter(pk=pk).first()
    mark_offers(user, [found] if found else [])
    return found


OFFER = Editing(
    place="offer",
    model=Offer,
    url_name="offers:inline",
    fields=(
        Steps(name="status", label=_("Status"), steps=lambda user, offer, back: steps_of(offer, user)),
        _own("title", pgettext_lazy("offer", "Title")),
        _own("contact", _("Contact")),
        _own("owner", _("Account manager")),
        _own("date", _("Date")),
        _own("valid_until", _("Valid until")),
        _own("expected_close", _("Expected close")),
        _own("probability", _("Probability")),
        _own("estimate", _("Estimated value")),
        _own("internal_notes", _("Internal notes")),
    ),
    table=OFFER_TABLE,
    listed=_listed,
    changeable=changeable,
)


class OfferInlineView(InlineView):
    model = Offer
    permission_required = "offers.view_offer"
    editing = OFFER
