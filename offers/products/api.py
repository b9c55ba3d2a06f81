"""Endpoints of the product register and of the lists of units and VAT classes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core import clock
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.trees import CHANGES, TreeFilterSet, TreeViewSet
from core.api.views import ReadViewSet, VersionedSerializer, WriteViewSet
from core.permissions import is_active_user
from core.services import check_version, lock
from core.tables import Column, Table
from core.trees import parents_of, paths_as_text
from offers.products.effective_dated import Dated
from offers.products.filters import ProductApiFilter
from offers.products.models import Product, ProductGroup, ProductPrice, Unit, VatClass, VatRate
from offers.products.selectors import products_by_group, rate_on
from offers.products.services import GROUPS, product_change, product_create, product_delete, product_set_retired
from offers.products.tables import PRODUCTS

VIEW, EDIT = "products.view_product", "products.edit_product"
READ: dict[str, str] = {"list": VIEW, "retrieve": VIEW}
LISTED = ("id", "code", "name_fi", "name_en", "order", "is_retired")


class PriceSerializer(serializers.ModelSerializer[ProductPrice]):
    class Meta:
        model = ProductPrice
        fields = ("valid_from", "price")


def _by_code(queryset: Any, **kwargs: Any) -> serializers.SlugRelatedField[Any]:
    return serializers.SlugRelatedField("code", queryset=queryset, **kwargs)


class OwnersField(serializers.ManyRelatedField):
    """Content owners in their order, from the prefetched rows."""

    def get_attribute(self, instance: Any) -> list[User]:
        return [owner.user for owner in instance.owners.all()]


class ProductSerializer(VersionedSerializer):
    """A product. ``prices`` and ``content_owners`` are written as complete lists; groups, units and VAT classes
    are given by code; ``price`` and ``vat_rate`` are today's.
    """

    group = _by_code(ProductGroup.objects.all(), required=False, allow_null=True)
    unit = _by_code(Unit.objects.all())
    vat_class = _by_code(VatClass.objects.all())
    prices = PriceSerializer(many=True, required=False)
    content_owners = OwnersField(child_relation=VisibleRelatedField(queryset=User.objects.all()), required=False)
    is_retired = serializers.BooleanField(read_only=True)
    price = serializers.SerializerMethodField()
    vat_rate = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = (
            "id", "version", "code", "name_fi", "name_en", "description_fi", "description_en", "group", "unit",
            "vat_class", "duration", "participants_min", "participants_max", "content_owners", "prices", "price",
            "vat_rate", "is_retired", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("created_at", "updated_at")

    def get_price(self, product: Product) -> Decimal | None:
        price = product.price_on(clock.today())
        return price.price if price else None

    def get_vat_rate(self, product: Product) -> Decimal | None:
        return rate_on(product.vat_class, clock.today())

    def create(self, validated_data: dict[str, Any]) -> Product:
        validated_data.pop("version", None)
        prices, owners = _pop_prices_and_owners(validated_data)
        return product_create(product=Product(**validated_data), prices=prices or (), owners=owners or ())

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Product:
        product = lock(instance)
        check_version(product, validated_data.pop("version", None))
        prices, owners = _pop_prices_and_owners(validated_data)
        for name, value in validated_data.items():
            setattr(product, name, value)
        return product_change(product=product, prices=prices, owners=owners)


def _pop_prices_and_owners(data: dict[str, Any]) -> tuple[Sequence[Dated] | None, list[User] | None]:
    """Take prices and owners out of the validated data; None where they were not given."""
    prices, owners = data.pop("prices", None), data.pop("content_owners", None)
    dated = None if prices is None else [Dated(row["valid_from"], row["price"]) for row in prices]
    return dated, owners


@extend_schema_view(
    create=extend_schema(responses={201: ProductSerializer, 409: ErrorSerializer}),
    partial_update=extend_schema(responses={200: ProductSerializer, 409: ErrorSerializer}),
)
class ProductViewSet(WriteViewSet):
    """The product register. A product that has been offered is retired, never deleted."""

    queryset = Product.objects.with_prices()
    serializer_class = ProductSerializer
    filterset_class = ProductApiFilter
    filters_details = False  # a retired product is found by its id
    table = PRODUCTS
    rule_permissions: ClassVar[dict[str, str]] = {
        **READ,
        **dict.fromkeys(("create", "partial_update", "destroy", "retire", "restore"), EDIT),
    }

    @extend_schema(responses={204: None, 409: ErrorSerializer})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        product_delete(product=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=ProductSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: Any = None) -> Response:
        """Retire the product: it is no longer offered; offers and orders keep it."""
        return self.answer(product_set_retired(product=self.get_object(), retired=True))

    @extend_schema(request=None, responses=ProductSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        return self.answer(product_set_retired(product=self.get_object(), retired=False))


class GroupSerializer(serializers.ModelSerializer[ProductGroup]):
    """A product group; the action ``move`` changes its place in the tree."""

    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    path = serializers.SerializerMethodField(help_text=_("Names from the top."))
    products = serializers.SerializerMethodField(help_text=_("The number of products, subgroups included."))
    is_retired = serializers.BooleanField(read_only=True)

    class Meta:
        model = ProductGroup
        fields = ("id", "code", "name_fi", "name_en", "parent", "path", "depth", "products", "is_retired")
        read_only_fields = ("code", "depth")
        validators: tuple[Any, ...] = ()

    def get_parent(self, group: ProductGroup) -> str | None:
        code: str | None = self.context["about"].parents[group.pk]
        return code

    def get_path(self, group: ProductGroup) -> str:
        return str(self.context["about"].paths[group.pk])

    def get_products(self, group: ProductGroup) -> int:
        return int(self.context["about"].counts[group.path])


class About:
    """Related data of a page of groups, in three queries for all of them."""

    def __init__(self, groups: list[ProductGroup]) -> None:
        self.paths = paths_as_text(groups)
        self.counts = products_by_group()
        self.parents = parents_of(groups, "code")


class GroupAddSerializer(serializers.ModelSerializer[ProductGroup]):
    """A new group, at the top or below ``parent``. An empty code is made from the English name."""

    parent: Any = _by_code(ProductGroup.objects.all(), required=False, allow_null=True, default=None)
    code = serializers.SlugField(max_length=60, required=False, allow_blank=True, default="")

    class Meta:
        model = ProductGroup
        fields = ("parent", "code", "name_fi", "name_en")
        validators: tuple[Any, ...] = ()


class GroupMoveSerializer(serializers.Serializer[Any]):
    parent: Any = _by_code(ProductGroup.objects.all(), allow_null=True)


class GroupFilter(TreeFilterSet):
    parent = filters.ModelChoiceFilter(queryset=ProductGroup.objects.all(), to_field_name="code", method="below")

    class Meta:
        model = ProductGroup
        fields: tuple[str, ...] = ()


class ProductGroupViewSet(TreeViewSet):
    """The tree of product groups, in its order. A group that has products is retired, never deleted."""

    queryset = ProductGroup.objects.all()
    tree = GROUPS
    serializer_class = GroupSerializer
    add_serializer_class = GroupAddSerializer
    move_serializer_class = GroupMoveSerializer
    about_class = About
    filterset_class = GroupFilter
    rule_permissions: ClassVar[dict[str, str]] = {**READ, **dict.fromkeys(CHANGES, EDIT)}


class UnitSerializer(serializers.ModelSerializer[Unit]):
    class Meta:
        model = Unit
        fields = LISTED


class RateSerializer(serializers.ModelSerializer[VatRate]):
    class Meta:
        model = VatRate
        fields = ("valid_from", "percent")


class VatClassSerializer(serializers.ModelSerializer[VatClass]):
    """A VAT class with its rates; ``rate`` is today's."""

    rates = RateSerializer(many=True, read_only=True)
    rate = serializers.SerializerMethodField()

    class Meta:
        model = VatClass
        fields = (*LISTED, "is_reverse_charge", "rate", "rates")

    def get_rate(self, vat_class: VatClass) -> Decimal | None:
        return rate_on(vat_class, clock.today())


class ListViewSet(ReadViewSet):
    """A list of the offer settings."""

    rule_permissions: ClassVar[dict[str, str]] = READ
    table = Table((Column("order", _("Order"), sort="order"),), "order")
    filter_backends = ()

    def visible_rows(self) -> QuerySet[Any]:
        return self.queryset.all() if is_active_user(self.user) else self.queryset.none()


class UnitViewSet(ListViewSet):
    queryset = Unit.objects.all()
    serializer_class = UnitSerializer


class VatClassViewSet(ListViewSet):
    queryset = VatClass.objects.prefetch_related("rates")
    serializer_class = VatClassSerializer
