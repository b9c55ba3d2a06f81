"""The list of offers and an offer's page, with a head of next steps and the tabs registered at ``offer``."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from activities.log.forms.follow_ups import FollowUpForm, FollowUpRows
from core import registry
from core.actions import Action
from core.document_views import DocumentAddView, DocumentRemoveView, DocumentsOf, DocumentsTab
from core.forms import OnceFormMixin
from core.history import status_history_of
from core.list_views import TabbedListView
from core.permissions import allowed
from core.tables import Table
from core.tabs import TabView
from core.views import VisibleObjectMixin
from offers.offers.actions import steps_of
from offers.offers.filters import OFFER_TABS, OfferFilter
from offers.offers.models import Approval, Offer, OfferActivity, OfferLine, OfferLink
from offers.offers.selectors import activities_of, came_from, own_open_count
from offers.offers.tables import DECIDED_TABLE, MINE_TABLE, OFFER_TABLE, OPEN_TABLE
from offers.products.money import totals

PLACE = "offer"
CHANGES = 20


class OfferMixin(VisibleObjectMixin):
    """A page about one offer that the user can see, with the data of its head."""

    model = Offer
    permission_required = "offers.view_offer"

    def get_queryset(self) -> QuerySet[Any]:
        names = ("customer", "contact", "owner", "type", "created_by", "lost_reason", "copied_from", "order")
        return super().get_queryset().select_related(*names)


class OfferTabView(OfferMixin, TabView):
    template_name = "offers/offers/page.html"
    place = PLACE

    def get_page_context(self) -> dict[str, Any]:
        offer, user = self.object, self.user
        return {
            **super().get_page_context(),
            "title": f"{offer.number} {offer.title}",
            "may_edit": allowed(user, "offers.edit_offer", offer),
            "may_copy": allowed(user, "offers.add_offer"),
            "steps": steps_of(offer, user),
        }


class OverviewView(OfferTabView):
    tab = "overview"
    content_template = "offers/offers/overview.html"

    def get_tab_context(self) -> dict[str, Any]:
        offer, user = self.object, self.user
        lines = list(offer.lines.select_related("unit", "product", "content_owner"))
        return {
            "lines": lines,
            "totals": totals((line.net, line.vat_rate) for line in lines if not line.is_heading),
            **registry.placed_panels(PLACE, user, offer),
            "changes": offer.status_changes.select_related("user")[:CHANGES],
            "came_from": came_from(user, offer),
        }


class ActivitiesView(OfferTabView):
    """What belongs to the offer, and one line that adds the next step."""

    tab = "activities"
    content_template = "offers/offers/activities.html"

    def get_tab_context(self) -> dict[str, Any]:
        offer, user = self.object, self.user
        may_log = allowed(user, "offers.log_for_offer", offer)
        return {
            "activities": activities_of(user, offer),
            "quick": quick_form(user) if may_log else None,
            "once": OnceFormMixin(),
            "may_link": may_log,
            "came_from_pk": offer.came_from_id,
        }


def quick_form(user: User | Any) -> FollowUpForm:
    [row] = FollowUpRows(None, user=user, has_customer=True, shown=1)
    return row


class OfferDocuments(DocumentsOf):
    model = Offer
    permission_required = "offers.attach_to_offer"
    tab_url = "offers:documents"


class DocumentsView(DocumentsTab, OfferTabView):
    documents = OfferDocuments


class HistoryView(OfferTabView):
    """Changes of the offer, its lines, approvals, links and activities, and the reasons of its statuses."""

    tab = "history"
    content_template = "generic/history.html#history"

    def get_tab_context(self) -> dict[str, Any]:
        models = (OfferLine, Approval, OfferLink, OfferActivity)
        return {"entries": status_history_of(self.object, models, viewer=self.user)}


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
        """Return the default tab: open offers for users who write no offers."""
        return "mine" if allowed(self.user, "offers.add_offer") else "open"

    @property
    def table(self) -> Table:  # type: ignore[override]
        return self.tables.get(self.tab, OFFER_TABLE)

    def get_queryset(self) -> QuerySet[Any]:
        user = self.user
        return Offer.objects.visible_to(user).select_related(*NAMES).filter(OFFER_TABS[self.tab](user))

    def tab_counts(self) -> dict[str, tuple[int, bool]]:
        return {"mine": own_open_count(self.user)}


class OfferDocumentAddView(OfferDocuments, DocumentAddView):
    pass


class OfferDocumentRemoveView(OfferDocuments, DocumentRemoveView):
    pass
