"""Filters of orders and invoice batches, for pages, API and exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.filters import visible_users
from core.filters import DayFilter, FilterSet, SearchFilter
from customers.filters import CustomerFilter, NoSegmentFilter, SegmentFilter
from offers.offers.models import OfferType
from offers.orders.enums import UNFINISHED_ORDERS, OrderStatus
from offers.orders.models import InvoiceBatch, Order
from offers.orders.querysets import InvoiceBatchQuerySet, OrderQuerySet

#: The tabs of the list, by name.
ORDER_TABS: dict[str, Any] = {
    "running": lambda user: Q(status__in=UNFINISHED_ORDERS),
    "mine": lambda user: Q(owner=user),
    "all": lambda user: Q(),
}


def _user_filter(label: Any, **kwargs: Any) -> filters.ModelChoiceFilter:
    widget = forms.Select(attrs={"data-searchable": ""})
    return filters.ModelChoiceFilter(queryset=visible_users, label=label, widget=widget, **kwargs)


class OrderFilter(FilterSet):
    q = SearchFilter(method="search", label=_("Search orders"))
    status = filters.MultipleChoiceFilter(
        distinct=False, choices=OrderStatus.choices, label=_("Status"), widget=forms.CheckboxSelectMultiple
    )
    owner = _user_filter(_("Account manager"))
    type = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=OfferType.objects.all(), label=_("Type"), widget=forms.CheckboxSelectMultiple
    )
    customer = CustomerFilter()
    segment = SegmentFilter()
    no_segment = NoSegmentFilter()
    date_from = DayFilter(field_name="date", lookup_expr="gte", label=_("Ordered from"))
    date_to = DayFilter(field_name="date", lookup_expr="lte", label=_("Ordered until"))
    delivery_from = DayFilter(field_name="delivery_start", lookup_expr="gte", label=_("Delivery starts from"))
    delivery_to = DayFilter(field_name="delivery_start", lookup_expr="lte", label=_("Delivery starts by"))
    trainer = _user_filter(_("Responsible for the delivery"))
    value_from = filters.NumberFilter(field_name="net", lookup_expr="gte", label=_("Value from"))
    value_to = filters.NumberFilter(field_name="net", lookup_expr="lte", label=_("Value to"))

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def search(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset.search(value)


class OrderApiFilter(OrderFilter):
    tab = filters.ChoiceFilter(choices=[(name, name) for name in ORDER_TABS], method="on_tab", label=_("Tab"))

    def on_tab(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset.filter(ORDER_TABS[value](self.user))


class ToInvoiceFilter(FilterSet):
    """Filters of the orders to invoice."""

    q = SearchFilter(method="search", label=_("Search orders"))
    customer = CustomerFilter()
    owner = _user_filter(_("Account manager"))

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    search = OrderFilter.search


class BatchFilter(FilterSet):
    q = SearchFilter(method="by_number", label=_("Batch or invoice number"))
    day_from = DayFilter(field_name="day", lookup_expr="gte", label=_("Dated from"))
    day_to = DayFilter(field_name="day", lookup_expr="lte", label=_("Dated until"))

    class Meta:
        model = InvoiceBatch
        fields: tuple[str, ...] = ()

    def by_number(self, queryset: InvoiceBatchQuerySet, name: str, value: str) -> InvoiceBatchQuerySet:
        text = value.strip().upper()
        batches = InvoiceBatch.objects.filter(invoices__number=text).values("pk")
        return queryset.filter(Q(number__startswith=text) | Q(pk__in=batches))
