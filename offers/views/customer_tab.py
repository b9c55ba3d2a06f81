"""The customer's tab of offers and orders: what is running and coming, what has been before."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from crm.permissions import allowed
from customers.views.tabs import CustomerTabView
from offers.enums import UNDECIDED, UNFINISHED_ORDERS
from offers.models import Offer, Order

SHOWN = 20


class CustomerOffersView(CustomerTabView):
    permission_required = "offers.view_offer"
    content_template = "offers/customer/tab.html"
    tab = "offers"

    def get_tab_context(self) -> dict[str, Any]:
        customer, user = self.object, self.user
        offers = Offer.objects.filter(customer=customer).select_related("type", "owner", "lost_reason")
        orders = Order.objects.filter(customer=customer).select_related("type", "owner")
        query = {"customer": customer.pk}
        may_offer = not customer.is_passive and allowed(user, "offers.add_offer")
        return {
            "running": orders.filter(status__in=UNFINISHED_ORDERS).order_by("delivery_start", "-date", "-pk")[:SHOWN],
            "open_offers": offers.filter(status__in=UNDECIDED).order_by("expected_close", "-date", "-pk")[:SHOWN],
            "past_offers": offers.exclude(status__in=UNDECIDED).order_by("-date", "-pk")[:SHOWN],
            "past_orders": orders.exclude(status__in=UNFINISHED_ORDERS).order_by("-date", "-pk")[:SHOWN],
            "all_offers_url": reverse("offers:list", query=query),
            "all_orders_url": reverse("offers:orders", query=query),
            "create_url": reverse("offers:create", query=query) if may_offer else "",
            "order_url": reverse("offers:order_create", query=query) if may_offer else "",
        }
