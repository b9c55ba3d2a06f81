"""The list of customers with plans: the cadence strip, since when contact is overdue, what is due next."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from careplans.following.counted import CountedCustomersFilter
from careplans.following.filters import ContactFilter
from careplans.following.strip import draw_strips
from careplans.following.tables import CONTACTS
from careplans.following.views.adherence import BehindFiguresMixin
from careplans.plans.selectors import customers_with_plans
from core.actions import Action
from core.list_views import FilteredListView
from customers.models import Customer


class ContactListView(FilteredListView):
    model = Customer
    filterset_class = ContactFilter
    table = CONTACTS
    title = gettext_lazy("Contact by care plan")
    permission_required = "carefollow.view_adherence"
    main_filters: tuple[str, ...] = ("mine", "overdue", "owner", "segment", "group", "care_model")
    bulk_place = "customers"
    secondary_actions: tuple[Action, ...] = (
        Action(gettext_lazy("Care plans"), "careplans:list", icon="heart-handshake"),
        Action(gettext_lazy("Adherence"), "carefollow:adherence", icon="chart-bar"),
        Action(gettext_lazy("Care plan alerts"), "carefollow:alerts", icon="alert-triangle"),
    )
    empty = {
        "title": gettext_lazy("No customers here."),
        "text": gettext_lazy("A customer gets its plan with a segment or a class that has a care model."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = customers_with_plans(self.user)
        return rows

    def page_queryset(self, rows: Any) -> Any:
        return rows.with_summary().select_related("care_status")

    def get_export_queryset(self, queryset: Any) -> Any:
        return queryset.with_summary().select_related("care_status")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        draw_strips(rows)
        return rows


class CountedView(BehindFiguresMixin, ContactListView):
    """The customers that pace and reach of the adherence page count, inactive ones for those who may list them."""

    filterset_class = CountedCustomersFilter
    title = gettext_lazy("Customers by pace and reach")
    main_filters = ("pace", "reach", "segment", "last_from", "last_to")
    secondary_actions = (Action(gettext_lazy("Adherence"), "carefollow:adherence", icon="chart-bar"),)
    empty = {
        "title": gettext_lazy("No customers here."),
        "text": gettext_lazy("The figures of adherence lead here with their days and filters."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = Customer.objects.visible_to(self.user)
        return rows
