"""The list of offers: one's own open ones, all open ones, decided ones, all."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from activities.views.feedback import TabbedListView
from crm.permissions import allowed
from crm.tables import Table
from offers.filters_offers import OFFER_TABS, OfferFilter
from offers.models import Offer
from offers.selectors_offers import own_open_count
from offers.tables_offers import DECIDED_TABLE, MINE_TABLE, OFFER_TABLE, OPEN_TABLE

MAIN_FILTERS = ("owner", "status", "type", "customer", "warning", "group", "date_from")
NAMES = ("customer", "contact", "owner", "type", "lost_reason")


class OfferListView(TabbedListView):
    model = Offer  # type: ignore[assignment]
    filterset_class = OfferFilter
    title = gettext_lazy("Offers")
    permission_required = "offers.view_offer"
    empty = {
        "title": gettext_lazy("No offers here."),
        "text": gettext_lazy("Make an offer from a lead, on the customer's page or here."),
    }
    tab_labels: ClassVar[dict[str, Any]] = {
        "mine": pgettext_lazy("tab of offers", "Mine"),
        "open": pgettext_lazy("tab of offers", "Open"),
        "decided": pgettext_lazy("tab of offers", "Decided"),
        "all": gettext_lazy("All"),
    }
    tables: ClassVar[dict[str, Table]] = {"mine": MINE_TABLE, "open": OPEN_TABLE, "decided": DECIDED_TABLE}

    @cached_property
    def tab(self) -> str:
        """Who writes no offers has none of his or her own: the open ones come first then."""
        first = "mine" if allowed(self.user, "offers.add_offer") else "open"
        asked = self.request.GET.get("tab", "")
        return asked if asked in self.tab_labels else first

    @property
    def table(self) -> Table:  # type: ignore[override]
        return self.tables.get(self.tab, OFFER_TABLE)

    @property
    def sort(self) -> str:
        return self.table.sort(self.request.GET.get("sort", ""))

    def get_queryset(self) -> QuerySet[Any]:
        user = self.user
        return Offer.objects.visible_to(user).select_related(*NAMES).filter(OFFER_TABS[self.tab](user))

    def counts(self) -> dict[str, tuple[int, bool]]:
        return {"mine": own_open_count(self.user)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(main_filters=MAIN_FILTERS, **kwargs)

    def primary_action(self) -> dict[str, Any] | None:
        if not allowed(self.user, "offers.add_offer"):
            return None
        return {"url": reverse("offers:create"), "label": _("New offer"), "dialog": True}

    def bulk_actions(self) -> list[dict[str, Any]]:
        if not allowed(self.user, "offers.add_offer"):
            return []
        url, label = reverse("offers:bulk_owner"), _("Change account manager")
        return [{"name": "owner", "label": label, "url": url, "icon": "user-check", "dialog": True}]
