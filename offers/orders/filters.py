"""Filters of orders and invoice batches, for pages, API and exports."""

from __future__ import annotations

from typing import Any, cast

import django_filters as filters
from django import forms
from django.db.models import Count, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.filters import visible_users
from accounts.models import Team
from core.filters import DayFilter, FilterSet, SearchFilter
from core.paging import COUNT_LIMIT
from customers.contact_search import exists_for_each
from customers.filters import CustomerFilter
from customers.search import pick
from customers.segment_filters import NoSegmentFilter, SegmentFilter
from customers.state_filters import CustomerStateFilter, OfActiveCustomers
from offers.offers.models import OfferType
from offers.orders.enums import UNFINISHED_ORDERS, OrderStatus
from offers.orders.models import InvoiceBatch, Order, OrderLine
from offers.orders.querysets import InvoiceBatchQuerySet, OrderQuerySet
from offers.products.models import Product, ProductGroup

#: The tabs of the list, by name.
ORDER_TABS: dict[str, Any] = {
    "running": lambda user: Q(status__in=UNFINISHED_ORDERS),
    "mine": lambda user: Q(owner=user),
    "all": lambda user: Q(),
}


def _user_filter(label: Any, **kwargs: Any) -> filters.ModelChoiceFilter:
    widget = forms.Select(attrs={"data-searchable": ""})
    return filters.ModelChoiceFilter(queryset=visible_users, label=label, widget=widget, **kwargs)


#: How many orders of a list are its customer's: the least and the most number.
TIMES: dict[str, tuple[int, int | None]] = {"1": (1, 1), "2": (2, 2), "3-5": (3, 5), "6-": (6, None)}
TIMES_CHOICES = [("1", _("one")), ("2", _("two")), ("3-5", _("3–5")), ("6-", _("more than five"))]
PURCHASES = [("first", _("the customer's first order")), ("repeat", _("a repeat purchase"))]


class OrderFilter(OfActiveCustomers, FilterSet):
    q = SearchFilter(method="search", label=_("Search orders"))
    status = filters.MultipleChoiceFilter(
        distinct=False, choices=OrderStatus.choices, label=_("Status"), widget=forms.CheckboxSelectMultiple
    )
    owner = _user_filter(_("Account manager"))
    type = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=OfferType.objects.all(), label=_("Type"), widget=forms.CheckboxSelectMultiple
    )
    team = filters.ModelChoiceFilter(queryset=Team.objects.all(), method="of_team", label=_("Team"))
    group = filters.ModelChoiceFilter(
        queryset=lambda request: ProductGroup.objects.all(), method="of_group", label=_("Product group")
    )
    purchase = filters.ChoiceFilter(choices=PURCHASES, method="of_purchase", label=_("First or repeat purchase"))
    times = filters.ChoiceFilter(choices=TIMES_CHOICES, method="bought", label=_("Orders of the customer in the list"))
    customer = CustomerFilter()
    customer_state = CustomerStateFilter()
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

    def of_team(self, queryset: OrderQuerySet, name: str, value: Team) -> OrderQuerySet:
        return queryset.filter(owner__in=value.members.values("pk"))

    def of_group(self, queryset: OrderQuerySet, name: str, value: ProductGroup) -> OrderQuerySet:
        """Return orders with a product of the group or its subgroups: of few, by their ids."""
        below = ProductGroup.objects.get_tree(value).order_by().values("pk")
        products = list(Product.objects.filter(group__in=below).order_by().values_list("pk", flat=True))
        lines = OrderLine.objects.filter(product__any_of=products).order_by()
        rows: Any = queryset
        picked: Any = pick(rows, lines.values("order"), COUNT_LIMIT)[1]
        found = rows.filter(exists_for_each(lines.filter(order=OuterRef("pk")))) if picked is None else picked
        return cast("OrderQuerySet", found)

    def of_purchase(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        orders: Any = queryset.not_cancelled().with_is_repeat()
        return cast("OrderQuerySet", orders.filter(is_repeat=value == "repeat"))

    def bought(self, queryset: OrderQuerySet, name: str, value: str) -> OrderQuerySet:
        return queryset  # it counts what the other filters leave: see below

    def filter_queryset(self, queryset: Any) -> Any:
        rows = super().filter_queryset(queryset)
        asked = TIMES.get(self.form.cleaned_data.get("times") or "")
        if not asked:
            return rows
        least, most = asked
        by_customer = rows.order_by().values("customer").annotate(times=Count("pk")).filter(times__gte=least)
        if most:
            by_customer = by_customer.filter(times__lte=most)
        return rows.filter(customer__in=by_customer.values("customer"))


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
