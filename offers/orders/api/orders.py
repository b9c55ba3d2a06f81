"""Endpoints of orders, their statuses and deliveries, and of accepting an offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import VersionedSerializer, VersionSerializer, WriteViewSet
from customers.models import Contact, Customer
from offers.offers.api.offers import CHANGED as OFFER_RESPONSES
from offers.offers.api.offers import NUMBERS, LineSerializer, OfferActionViewSet, line_data
from offers.offers.models import OfferType
from offers.orders.enums import AcceptConfirmation, OrderStatus
from offers.orders.filters import OrderApiFilter
from offers.orders.lines import OrderLineData, order_lines_of
from offers.orders.models import Delivery, Order, OrderLine
from offers.orders.selectors import orders_to_invoice
from offers.orders.services.deliveries import deliver_all, deliveries_add, delivery_remove
from offers.orders.services.orders import offer_accept, order_change, order_create
from offers.orders.services.status import order_set_status
from offers.orders.tables import ORDER_TABLE
from offers.products.lines import LineData
from offers.products.money import MAX_QUANTITY


class AcceptSerializer(serializers.Serializer[Any]):
    actor = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text=_("The name of the person who accepted.")
    )
    comment = serializers.CharField(max_length=1_000, required=False, allow_blank=True)
    confirm = serializers.ListField(
        child=serializers.ChoiceField(choices=AcceptConfirmation.choices),
        required=False,
        help_text=_("What is confirmed, with a reason: that the offer has expired, or has not been sent."),
    )
    reason = serializers.CharField(
        max_length=1_000, required=False, allow_blank=True, help_text=_("Why it is accepted anyway.")
    )


MAX_ID = 2**63 - 1


class OrderLineSerializer(LineSerializer):
    """A line with an ``id`` gets the sent fields; a line without one is new."""

    id = serializers.IntegerField(required=False, min_value=1, max_value=MAX_ID)
    content_owner = VisibleRelatedField(
        source="responsible", queryset=User.objects.all(), required=False, allow_null=True
    )

    class Meta(LineSerializer.Meta):
        model = OrderLine  # type: ignore[assignment]
        fields = ("id", *LineSerializer.Meta.fields, "delivered", "invoiced")  # type: ignore[assignment]
        read_only_fields = ("net", "delivered", "invoiced")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs if "id" in attrs else super().validate(attrs)


WRITABLE_FIELDS = (
    "type", "title", "customer", "contact", "owner", "date", "delivery_start", "delivery_end", "participants", "place",
    "trainer", "buyer_reference", "estimate", "notes", "lines", "version",
)  # fmt: skip

LIST_FIELDS = (
    "id", "version", "number", "type", "title", "customer", "customer_name", "contact", "owner", "offer",
    "offer_version", "status", "status_since", "date", "delivery_start", "delivery_end", "participants", "place",
    "trainer", "buyer_reference", "estimate", "notes", "net", "vat", "cancel_reason", "created_by", "created_at",
    "updated_at",
)  # fmt: skip


class OrderRowSerializer(VersionedSerializer):
    """An order in a list, without its lines."""

    type = serializers.SlugRelatedField(slug_field="code", queryset=OfferType.objects.all(), help_text=_("Code."))
    customer = VisibleRelatedField(queryset=Customer.objects.all())
    customer_name = serializers.CharField(source="customer.name", read_only=True)
    contact = VisibleRelatedField(queryset=Contact.objects.all(), required=False, allow_null=True)
    owner = VisibleRelatedField(queryset=User.objects.all(), required=False, help_text=_("Default: the writer."))
    trainer = VisibleRelatedField(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Order
        fields: tuple[str, ...] = LIST_FIELDS
        read_only_fields = tuple(name for name in LIST_FIELDS if name not in WRITABLE_FIELDS)
        validators: ClassVar[list[Any]] = []


class OrderSerializer(OrderRowSerializer):
    lines = OrderLineSerializer(
        many=True, required=False, help_text=_("The complete list: lines that are left out are removed.")
    )

    class Meta(OrderRowSerializer.Meta):
        fields = (*LIST_FIELDS, "lines")

    def create(self, validated_data: dict[str, Any]) -> Order:
        user = self.context["request"].user
        validated_data.pop("version", None)
        lines = validated_data.pop("lines", [])
        order = Order(**{"owner": user} | validated_data)
        return order_create(order=order, user=user, lines=order_line_data(lines, order))

    def update(self, instance: Order, validated_data: dict[str, Any]) -> Order:
        user, version = self.context["request"].user, validated_data.pop("version", None)
        given = validated_data.pop("lines", None)
        lines = None if given is None else order_line_data(given, instance)
        return order_change(order=instance, user=user, changes=validated_data, lines=lines, version=version)


RESPONSES = {200: OrderSerializer, 400: ErrorSerializer, 409: ErrorSerializer}


class OfferAcceptanceViewSet(OfferActionViewSet):
    """Accepting an offer on behalf of the customer."""

    rule_permissions: ClassVar[dict[str, str]] = {"accept": "offers.decide_offer"}

    @extend_schema(request=AcceptSerializer, responses=OFFER_RESPONSES)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Accept the offer on behalf of the customer: exactly one order is made. Its id is in `order`.

        An offer that has expired or was not sent is refused with `confirm_expired`, `confirm_unsent` or
        `confirm_expired_unsent` until those words are in `confirm` and there is a `reason`.
        """
        offer = self.get_object()
        offer_accept(offer=offer, user=self.user, **self.content(AcceptSerializer))
        return self.answer(offer)


READ = dict.fromkeys(("list", "retrieve", "deliveries"), "orders.view_order")


class QuantityField(serializers.DecimalField):
    """A quantity of a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=10, decimal_places=2, min_value=Decimal("0.01"), max_value=MAX_QUANTITY, **kwargs)


class LineQuantitySerializer(serializers.Serializer[Any]):
    """A quantity of a line, for deliveries and invoices."""

    line = serializers.IntegerField(min_value=1, max_value=MAX_ID)
    quantity = QuantityField()


def quantities_by_line(lines: Sequence[dict[str, Any]]) -> dict[int, Decimal]:
    """Return the quantities by line id. Raise ``ValidationError`` if a line is given twice."""
    quantities = {line["line"]: line["quantity"] for line in lines}
    if len(quantities) != len(lines):
        raise serializers.ValidationError({"lines": [_("Give each line only once.")]})
    return quantities


def order_line_data(given: Sequence[dict[str, Any]], order: Order) -> list[LineData]:
    """Return the sent lines for the services: present lines with their changes, new lines as those of offers."""
    present = {line.pk: line for line in order_lines_of(order)} if order.pk else {}
    new = [line for line in given if "id" not in line]
    read = iter(
        line_data(
            [line | ({"content_owner": line["responsible"]} if "responsible" in line else {}) for line in new],
            day=order.date,
            language="fi",
        )
    )
    return [_changed_line(present.get(line["id"]), line) if "id" in line else next(read) for line in given]


def _changed_line(line: OrderLineData | None, given: dict[str, Any]) -> OrderLineData:
    """Return a present line with the sent fields; a removed line is left for the service to refuse."""
    changes = {name: given[name] for name in ("kind", "name", "details", *NUMBERS) if name in given}
    for name, key in (("unit", "unit_id"), ("product", "product_id"), ("responsible", "owner_id")):
        if name in given:
            changes[key] = given[name].pk if given[name] else None
    return replace(line or OrderLineData(pk=given["id"], name="?"), **changes)


class OrderStatusSerializer(VersionSerializer):
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    reason = serializers.CharField(max_length=1_000, required=False, allow_blank=True)


class DeliverSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)
    lines = LineQuantitySerializer(many=True, required=False, help_text=_("Everything that is left by default."))


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    class Meta:
        model = Delivery
        fields = ("id", "line", "day", "quantity", "note", "user", "created_at")


@extend_schema_view(
    create=extend_schema(responses={201: OrderSerializer, 400: ErrorSerializer, 409: ErrorSerializer}),
    partial_update=extend_schema(responses=RESPONSES),
    list=extend_schema(responses=OrderRowSerializer(many=True)),
)
class OrderViewSet(WriteViewSet):
    """Orders. An order of an offer is made by accepting the offer; others are added here."""

    queryset = Order.objects.select_related("type", "customer")
    detail_prefetch = ("lines__unit",)
    serializer_class = OrderSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"list": OrderRowSerializer}
    filterset_class = OrderApiFilter
    filters_details = False
    table = ORDER_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        **READ,
        "create": "orders.add_order",
        "to_invoice": "orders.view_invoicing",
        # The services refuse changes to finished orders.
        **dict.fromkeys(("partial_update", "set_status", "deliver", "take_back"), "orders.move_order"),
    }

    @extend_schema(request=OrderStatusSerializer, responses=RESPONSES)
    @action(detail=True, methods=["post"], url_path="status")
    def set_status(self, request: Request, pk: str) -> Response:
        """Change the status; cancelling and returning to waiting need a reason."""
        order, content = self.get_object(), self.content(OrderStatusSerializer)
        status = OrderStatus(content.pop("status"))
        return self.answer(order_set_status(order=order, status=status, user=self.user, **content))

    @extend_schema(request=DeliverSerializer, responses=RESPONSES)
    @action(detail=True, methods=["post"])
    def deliver(self, request: Request, pk: str) -> Response:
        """Record a delivery on a day: quantities by line, or everything that is left."""
        order, content = self.get_object(), self.content(DeliverSerializer)
        lines = content.pop("lines", None)
        if lines is None:
            deliver_all(order=order, user=self.user, **content)
        else:
            deliveries_add(order=order, quantities=quantities_by_line(lines), user=self.user, **content)
        return self.answer(order)

    @extend_schema(responses=DeliverySerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def deliveries(self, request: Request, pk: str) -> Response:
        """List the deliveries, the newest first."""
        rows = Delivery.objects.filter(line__order=self.get_object())
        return Response(DeliverySerializer(rows, many=True).data)

    @extend_schema(request=None, responses={204: None, 409: ErrorSerializer})
    @action(detail=True, methods=["delete"], url_path=r"deliveries/(?P<delivery>\d{1,18})")
    def take_back(self, request: Request, pk: str, delivery: str) -> Response:
        """Take back a delivery that has not been invoiced."""
        rows = Delivery.objects.filter(line__order=self.get_object()).select_related("line__order")
        delivery_remove(delivery=get_object_or_404(rows, pk=delivery), user=self.user)
        return Response(status=204)

    @extend_schema(responses=OrderSerializer(many=True))
    @action(detail=False, url_path="to-invoice")
    def to_invoice(self, request: Request) -> Response:
        """List the orders in delivery that have something delivered and not yet invoiced."""
        waiting = orders_to_invoice(self.user).select_related("type", "customer").prefetch_related("lines__unit")
        page = self.paginate_queryset(self.filter_queryset(waiting))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)
