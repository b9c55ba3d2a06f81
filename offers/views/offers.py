"""An offer's page: a head with the steps that may follow, and tabs that apps register at the place ``offer``."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from activities.forms.follow_ups import FollowUpForm, FollowUpRows
from crm import registry
from crm.document_views import DocumentsTab
from crm.forms import OnceFormMixin
from crm.history import status_history_of
from crm.permissions import allowed
from crm.tabs import TabView
from crm.views import VisibleObjectMixin
from offers.models import Approval, Offer, OfferActivity, OfferLine, OfferLink
from offers.money import totals
from offers.selectors_offers import activities_of, came_from
from offers.steps import steps_of
from offers.views.offer_documents import OfferDocuments

PLACE = "offer"
CHANGES = 20


class OfferMixin(VisibleObjectMixin):
    """A page about one offer that the user may see, with what its head shows."""

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


class DocumentsView(DocumentsTab, OfferTabView):
    documents = OfferDocuments


class HistoryView(OfferTabView):
    """Who changed what: the offer, its lines, approvals, links and activities, and why its status changed."""

    tab = "history"
    content_template = "generic/history.html#history"

    def get_tab_context(self) -> dict[str, Any]:
        models = (OfferLine, Approval, OfferLink, OfferActivity)
        return {"entries": status_history_of(self.object, models, viewer=self.user)}
