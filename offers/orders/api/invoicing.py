"""Endpoints of invoice batches with their files, and of customers' billing details."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api.errors import ErrorSerializer
from core.api.views import ReadViewSet, VersionedSerializer, VisibleViewSet
from core.services import check_version, versioned_save
from customers.models import Customer
from offers.orders.api.orders import LineQuantitySerializer, quantities_by_line
from offers.orders.enums import VatCode
from offers.orders.filters import BatchFilter
from offers.orders.invoice_files import batch_csv, batch_zip
from offers.orders.invoices import billing_of, check_billing
from offers.orders.models import BillingDetails, Invoice, InvoiceBatch, InvoiceLine
from offers.orders.services.invoicing import batch_fetch, batch_make, batch_take_back
from offers.orders.tables import BATCH_TABLE
from offers.orders.views.invoicing import CSV, ZIP, download


class InvoiceLineSerializer(serializers.ModelSerializer[InvoiceLine]):
    vat_code = serializers.ChoiceField(
        source="vat_category", choices=VatCode.choices, read_only=True, help_text=_("By UNTDID 5305.")
    )

    class Meta:
        model = InvoiceLine
        fields = (
            "line",
            "position",
            "code",
            "name",
            "unit",
            "quantity",
            "unit_price",
            "discount",
            "vat_rate",
            "vat_code",
            "net",
        )


class VatSumSerializer(serializers.Serializer[Any]):
    """The sums of one VAT rate of an invoice, in euros."""

    rate = serializers.DecimalField(max_digits=5, decimal_places=2, help_text=_("Per cent."))
    net = serializers.DecimalField(max_digits=14, decimal_places=2)
    vat = serializers.DecimalField(max_digits=14, decimal_places=2)


class InvoiceSerializer(serializers.ModelSerializer[Invoice]):
    lines = InvoiceLineSerializer(many=True)
    vat_rates = VatSumSerializer(source="totals.rates", many=True, read_only=True)

    class Meta:
        model = Invoice
        fields = ("id", "number", "order", "buyer", "due", "reference", "net", "vat", "vat_rates", "lines")


class BatchRowSerializer(serializers.ModelSerializer[InvoiceBatch]):
    """A batch in a list, without its invoices."""

    class Meta:
        model = InvoiceBatch
        fields: tuple[str, ...] = (
            "id", "number", "created_by", "created_at", "day", "count", "net", "vat", "fetched_at", "taken_back_at",
            "taken_back_by", "taken_back_reason",
        )  # fmt: skip


class BatchSerializer(BatchRowSerializer):
    invoices = InvoiceSerializer(many=True)

    class Meta(BatchRowSerializer.Meta):
        fields = (*BatchRowSerializer.Meta.fields, "seller", "invoices")


class HandOverSerializer(serializers.Serializer[Any]):
    day = serializers.DateField(required=False, help_text=_("Invoice date; today by default."))
    lines = LineQuantitySerializer(many=True, allow_empty=False)


class TakeBackSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=1_000)


class InvoiceBatchViewSet(ReadViewSet):
    """Invoice batches that were handed over to the accounting system."""

    queryset = InvoiceBatch.objects.all()
    detail_prefetch = ("invoices__lines",)
    serializer_class = BatchSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"list": BatchRowSerializer}
    filterset_class = BatchFilter
    table = BATCH_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("list", "retrieve"), "orders.view_invoicing"),
        **dict.fromkeys(("create", "csv", "finvoice", "take_back"), "orders.hand_over"),
    }

    @extend_schema(request=HandOverSerializer, responses={201: BatchSerializer, 409: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Hand quantities of order lines over to invoicing, one invoice for each order: all or none."""
        content = self.content(HandOverSerializer)
        day = content.get("day") or clock.today()
        return self.answer(batch_make(order_lines=quantities_by_line(content["lines"]), user=self.user, day=day), 201)

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.BINARY, 409: ErrorSerializer})
    @action(detail=True)
    def csv(self, request: Request, pk: str) -> HttpResponse:
        """Return the batch as CSV, the same bytes each time. After the first download it cannot be taken back."""
        batch = batch_fetch(batch=self.get_object())
        return download(f"{batch.number}.csv", CSV, batch_csv(batch))

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY, 409: ErrorSerializer})
    @action(detail=True)
    def finvoice(self, request: Request, pk: str) -> HttpResponse:
        """Return the batch as a ZIP of Finvoice 3.0 files, one for each invoice: the same bytes each time."""
        batch = batch_fetch(batch=self.get_object())
        return download(f"{batch.number}.zip", ZIP, batch_zip(batch))

    @extend_schema(request=TakeBackSerializer, responses={200: BatchSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Take back a batch that has not been downloaded."""
        batch, content = self.get_object(), self.content(TakeBackSerializer)
        return self.answer(batch_take_back(batch=batch, user=self.user, **content))


class BillingSerializer(VersionedSerializer):
    """The billing details of a customer; the id is the customer's."""

    class Meta:
        model = BillingDetails
        fields = ("customer", "version", "einvoice_address", "einvoice_operator", "email", "reference")
        read_only_fields = ("customer",)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        problems = check_billing(attrs, self.instance)
        if problems:
            raise serializers.ValidationError({name: [text] for name, text in problems.items()})
        return attrs

    def update(self, instance: BillingDetails, validated_data: dict[str, Any]) -> BillingDetails:
        check_version(instance, validated_data.pop("version", None))
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return versioned_save(instance)


class BillingViewSet(VisibleViewSet):
    """Billing details by the customer's id."""

    queryset = Customer.objects.all()
    serializer_class = BillingSerializer
    rule_permissions: ClassVar[dict[str, str]] = {
        "retrieve": "orders.view_order",
        "partial_update": "orders.edit_billing",
    }

    def get_object(self) -> BillingDetails:
        billing = billing_of(get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"]))
        self.check_object_permissions(self.request, billing)
        return billing

    @extend_schema(responses=BillingSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return the billing details of a customer; empty until they are saved."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=BillingSerializer, responses={200: BillingSerializer, 409: ErrorSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the billing details of a customer."""
        serializer = self.valid(BillingSerializer, self.get_object(), partial=True)
        serializer.save()
        return Response(serializer.data)
