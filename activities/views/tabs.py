"""The activities of a customer and of a contact: the list with its filters, as a tab of their pages."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from activities.tables import CUSTOMER_TABLE
from activities.views.lists import ActivityListView
from customers.models import Customer
from customers.views.tabs import page_context


class CustomerTabView(ActivityListView):
    table = CUSTOMER_TABLE
    page_template = "customers/detail.html"
    content_template = "activities/tab.html"

    @property
    def template_name(self) -> str:  # type: ignore[override]
        """The page around the tab, the tab alone (htmx), or the list alone (its filters)."""
        targets = {"tab": self.content_template, "list": "generic/list.html"}
        return targets.get(self.request.headers.get("HX-Target", ""), self.page_template)

    @cached_property
    def customer(self) -> Customer:
        customers = Customer.objects.visible_to(self.request.user).with_summary().select_related("parent")
        return get_object_or_404(customers, pk=self.kwargs["pk"])

    def get_permission_object(self) -> Any:
        return self.customer

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(customer=self.customer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        about = page_context(self.customer, self.request.user, "activities")
        return {**context, "customer": self.customer, "content_template": self.content_template, **about}
