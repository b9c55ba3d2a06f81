"""The list of offers: one's own open ones, all open ones, decided ones, all."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.actions import Action
from crm.permissions import allowed
from crm.tables import Table
from crm.views import TabbedListView
from offers.filters_offers import OFFER_TABS, OfferFilter
from offers.models import Offer
from offers.selectors_offers import own_open_count
from offers.tables_offers import DECIDED_TABLE, MINE_TABLE, OFFER_TABLE, OPEN_TABLE

NAMES = ("customer", "contact", "owner", "type", "lost_reason")


class OfferListView(TabbedListView):
    model = Offer
    filterset_class = OfferFilter
    title = gettext_lazy("Offers")
    permission_required = "offers.view_offer"
    empty = {
        "title": gettext_lazy("No offers here."),
        "text": gettext_lazy("Make an offer from a lead, on the customer's page or here."),
    }
    main_filters = ("owner", "status", "type", "customer", "warning", "group", "date_from")
    primary_action = Action(gettext_lazy("New offer"), "offers:create", dialog=True, rule="offers.add_offer")
    bulk_actions = (
        Action(
            gettext_lazy("Change account manager"),
            "offers:bulk_owner",
            name="owner",
            icon="user-check",
            dialog=True,
            rule="offers.add_offer",
        ),
    )
    list_tabs: ClassVar[dict[str, Any]] = {
        "mine": pgettext_lazy("tab of offers", "Mine"),
        "open": pgettext_lazy("tab of offers", "Open"),
        "decided": pgettext_lazy("tab of offers", "Decided"),
        "all": gettext_lazy("All"),
    }
    tables: ClassVar[dict[str, Table]] = {"mine": MINE_TABLE, "open": OPEN_TABLE, "decided": DECIDED_TABLE}

    def default_tab(self) -> str:
        """Who writes no offers has none of his or her own: the open ones come first then."""
        return "mine" if allowed(self.user, "offers.add_offer") else "open"

    @property
    def table(self) -> Table:  # type: ignore[override]
        return self.tables.get(self.tab, OFFER_TABLE)

    def get_queryset(self) -> QuerySet[Any]:
        user = self.user
        return Offer.objects.visible_to(user).select_related(*NAMES).filter(OFFER_TABS[self.tab](user))

    def tab_counts(self) -> dict[str, tuple[int, bool]]:
        return {"mine": own_open_count(self.user)}
