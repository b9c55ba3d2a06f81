"""Filters of the product register for page, API and export."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from core.filters import SEARCHABLE, FilterSet, SearchFilter
from offers.products.forms.products import GroupChoiceField
from offers.products.models import Product, ProductGroup, Unit, VatClass
from offers.products.querysets import ProductQuerySet

STATES = [
    ("in_use", pgettext_lazy("product", "in use")),
    ("retired", pgettext_lazy("product", "retired")),
    ("all", _("all")),
]


def _searchable() -> forms.Select:
    return forms.Select(attrs={SEARCHABLE: ""})


class GroupFilter(filters.ModelChoiceFilter):
    """A choice of a group: its products and those of its subgroups."""

    field_class = GroupChoiceField


class ProductFilter(FilterSet):
    q = SearchFilter(method="search", label=_("Search"))
    group = GroupFilter(
        queryset=ProductGroup.objects.all(), method="of_group", label=_("Product group"), widget=_searchable()
    )
    owner = filters.ModelChoiceFilter(
        queryset=User.objects.order_by("sort_key"), method="of_owner", label=_("Content owner"), widget=_searchable()
    )
    unit = filters.ModelChoiceFilter(queryset=Unit.objects.all(), label=_("Unit"))
    vat_class = filters.ModelChoiceFilter(queryset=VatClass.objects.all(), label=_("VAT class"))
    state = filters.ChoiceFilter(choices=STATES, method="in_state", empty_label=None, label=_("State"))

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: Any) -> Any:
        """Leave retired products out unless the state asks for them."""
        if not self.form.cleaned_data.get("state"):
            queryset = queryset.in_use()
        return super().filter_queryset(queryset)

    def search(self, queryset: ProductQuerySet, name: str, value: str) -> ProductQuerySet:
        return queryset.search(value)

    def of_group(self, queryset: ProductQuerySet, name: str, value: ProductGroup) -> ProductQuerySet:
        below = ProductGroup.objects.in_subtree(value).order_by().values("pk")
        return queryset.filter(group__in=below)

    def of_owner(self, queryset: ProductQuerySet, name: str, value: User) -> ProductQuerySet:
        return queryset.filter(pk__in=value.owned_products.values("product"))

    def in_state(self, queryset: ProductQuerySet, name: str, value: str) -> ProductQuerySet:
        return queryset if value == "all" else queryset.filter(retired_at__isnull=value == "in_use")


class ProductApiFilter(ProductFilter):
    """The same filters for the API, with groups, units and VAT classes given by code."""

    group = filters.ModelChoiceFilter(
        queryset=ProductGroup.objects.all(), to_field_name="code", method="of_group", label=_("Product group")
    )
    unit = filters.ModelChoiceFilter(queryset=Unit.objects.all(), to_field_name="code", label=_("Unit"))
    vat_class = filters.ModelChoiceFilter(queryset=VatClass.objects.all(), to_field_name="code", label=_("VAT class"))
    code = filters.CharFilter(lookup_expr="iexact", max_length=60, label=_("Product code"))
