"""The register of charges of all customers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from careplans.content.charging import with_changes
from careplans.content.filters import ChargeFilter
from careplans.content.models import Charge
from careplans.content.tables import CHARGES
from core.list_views import FilteredListView


class ChargeListView(FilteredListView):
    model = Charge
    filterset_class = ChargeFilter
    table = CHARGES
    title = gettext_lazy("Charges")
    permission_required = "carecontent.view"
    main_filters = ("customer", "year", "service")
    empty = {
        "title": gettext_lazy("No charges here."),
        "text": gettext_lazy("Charges are imported from a file or entered on the content of a customer's care plan."),
        "icon": "receipt",
    }

    def page_queryset(self, rows: Any) -> Any:
        return rows.select_related("customer")

    def get_export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("customer")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return with_changes(rows)
