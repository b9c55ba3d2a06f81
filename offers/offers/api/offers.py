"""Endpoints of offers, their lines, approvals and types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from activities.log.models import Activity
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ReadOnlyViewSet, VersionedSerializer, VersionSerializer, VisibleViewSet, WriteViewSet
from core.permissions import allowed
from customers.models import Contact, Customer
from offers.offers.enums import ApprovalState
from offers.offers.filters import OfferApiFilter
from offers.offers.models import Approval, LostReason, Offer, OfferLine, OfferType
from offers.offers.selectors import offer_sums, steps_needed, waiting_for
from offers.offers.services.approvals import approval_decide, approvals_ask
from offers.offers.services.offers import offer_activity_link, offer_change, offer_copy, offer_create
from offers.offers.services.status import offer_lose, offer_reopen
from offers.offers.tables import ANY_TAB_TABLE, OFFER_TABLE, TAB_TABLES
from offers.products.enums import LineKind
from offers.products.lines import LineData, line_of_product
from offers.products.models import Product, Unit
from offers.products.money import MAX_QUANTITY, MAX_UNIT_PRICE
from offers.products.reductions import DEFINITION, reductions_of

NUMBERS = ("quantity", "unit_price", "discount", "vat_rate")


def _percent(**kwargs: Any) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), required=False, **kwargs
    )


class LineSerializer(serializers.ModelSerializer[OfferLine]):
    """A line. A product supplies the fields that are left out: name, description, price, VAT, unit, owner."""

    kind = serializers.ChoiceField(choices=LineKind.choices, required=False)
    product = VisibleRelatedField(queryset=Product.objects.all(), required=False, allow_null=True)
    name = serializers.CharField(max_length=200, required=False)
    unit = serializers.SlugRelatedField(
        slug_field="code", queryset=Unit.objects.all(), required=False, allow_null=True, help_text=_("Code.")
    )
    quantity = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=Decimal("0.01"), max_value=MAX_QUANTITY, required=False
    )
    unit_price = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=Decimal(0), max_value=MAX_UNIT_PRICE, required=False
    )
    discount = _percent()
    vat_rate = _percent()
    net = serializers.DecimalField(max_digits=16, decimal_places=2, read_only=True)
    content_owner = VisibleRelatedField(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = OfferLine
        fields = (
            "kind", "product", "name", "details", "quantity", "unit", "unit_price", "discount", "vat_rate",
            "content_owner", "net",
        )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("name") and not attrs.get("product"):
            raise serializers.ValidationError({"name": [_("Enter what is offered.")]})
        return attrs


def line_data(given: Iterable[dict[str, Any]], *, day: dt.date, language: str) -> list[LineData]:
    """Return lines for the services; fields left out are filled from the product as of ``day``."""
    given = list(given)
    ids = {line["product"].pk for line in given if line.get("product")}
    products = {product.pk: product for product in Product.objects.with_prices().filter(pk__in=ids)}
    return [_fill_line(line, products, day, language) for line in given]


def _fill_line(given: dict[str, Any], products: dict[int, Product], day: dt.date, language: str) -> LineData:
    product = products[given["product"].pk] if given.get("product") else None
    fields = {name: given[name] for name in ("name", "details", *NUMBERS) if name in given}
    if "unit" in given:
        fields["unit_id"] = given["unit"].pk if given["unit"] else None
    if "content_owner" in given:
        fields["owner_id"] = given["content_owner"].pk if given["content_owner"] else None
    if product:
        return replace(line_of_product(product, day=day, language=language), **fields)
    kind = given.get("kind", LineKind.FREE)
    return LineData(kind=LineKind(kind), **fields)


READ = dict.fromkeys(("list", "retrieve", "summary", "approvals", "waiting"), "offers.view_offer")
GROUPS = 200
ROW = (
    "id", "version", "number", "type", "title", "customer", "customer_name", "contact", "owner", "came_from",
    "copied_from", "status", "status_since", "is_expired", "language", "date", "valid_until", "expected_close",
    "probability", "likely", "estimate", "net", "vat", "decided_at", "lost_reason", "competitor", "order",
    "created_by", "created_at", "updated_at",
)  # fmt: skip
CHOSEN = (
    "type", "title", "customer", "contact", "owner", "came_from", "language", "date", "valid_until", "expected_close",
    "probability", "estimate", "intro", "terms", "internal_notes", "customer_notes", "lines", "version",
)  # fmt: skip


class OfferRowSerializer(VersionedSerializer):
    """An offer in a list, without its lines and texts."""

    type = serializers.SlugRelatedField(slug_field="code", queryset=OfferType.objects.all(), help_text=_("Code."))
    customer = VisibleRelatedField(queryset=Customer.objects.all())
    customer_name = serializers.CharField(source="customer.name", read_only=True)
    contact = VisibleRelatedField(queryset=Contact.objects.all(), required=False, allow_null=True)
    owner = VisibleRelatedField(queryset=User.objects.all(), required=False, help_text=_("Default: the current user."))
    came_from = VisibleRelatedField(queryset=Activity.objects.all(), required=False, allow_null=True)
    lost_reason: Any = serializers.SlugRelatedField(slug_field="code", read_only=True)
    is_expired = serializers.BooleanField(read_only=True)
    likely = serializers.IntegerField(
        read_only=True, help_text=_("Probability in per cent: the offer's own, or the default of its stage.")
    )
    order: Any = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Offer
        fields: tuple[str, ...] = ROW
        read_only_fields = tuple(name for name in ROW if name not in CHOSEN)
        validators: ClassVar[list[Any]] = []


class OfferLineSerializer(LineSerializer):
    """A line of an offer, with its reduction from the product register."""

    register_price = serializers.DecimalField(
        source="reduction.register_price", max_digits=12, decimal_places=2, read_only=True, allow_null=True
    )
    reduction = serializers.DecimalField(
        source="reduction.percent", max_digits=5, decimal_places=2, read_only=True, help_text=DEFINITION
    )

    class Meta(LineSerializer.Meta):
        fields = (*LineSerializer.Meta.fields, "register_price", "reduction")  # type: ignore[assignment]


class OfferSerializer(OfferRowSerializer):
    lines = OfferLineSerializer(
        many=True, required=False, help_text=_("The complete list: lines that are left out are removed.")
    )

    class Meta(OfferRowSerializer.Meta):
        fields = (*ROW, "intro", "terms", "internal_notes", "customer_notes", "lines")

    def to_representation(self, instance: Offer) -> dict[str, Any]:
        lines: Any = list(instance.lines.all())
        for line, reduction in zip(lines, reductions_of(lines, instance.date), strict=True):
            line.reduction = reduction
        return super().to_representation(instance)

    def create(self, validated_data: dict[str, Any]) -> Offer:
        user = self.context["request"].user
        validated_data.pop("version", None)
        lines = validated_data.pop("lines", [])
        offer = Offer(**{"owner": user} | validated_data)
        data = line_data(lines, day=offer.date, language=offer.language)
        return offer_create(offer=offer, user=user, lines=data)

    def update(self, instance: Offer, validated_data: dict[str, Any]) -> Offer:
        user, version = self.context["request"].user, validated_data.pop("version", None)
        given = validated_data.pop("lines", None)
        day = validated_data.get("date", instance.date)
        language = validated_data.get("language", instance.language)
        lines = None if given is None else line_data(given, day=day, language=language)
        return offer_change(offer=instance, user=user, changes=validated_data, lines=lines, version=version)


_GREATEST = format_lazy("{} {}", _("The greatest reduction of a line, in per cent."), DEFINITION)


class ApprovalSerializer(serializers.ModelSerializer[Approval]):
    reduction = serializers.DecimalField(
        source="offer.max_discount", max_digits=5, decimal_places=2, read_only=True, help_text=_GREATEST
    )
    is_current = serializers.SerializerMethodField(help_text=_("Whether it concerns the current content of the offer."))

    class Meta:
        model = Approval
        fields = (
            "id", "offer", "step", "state", "is_current", "reduction", "asked_by", "asked_at", "decided_by",
            "decided_at", "comment",
        )  # fmt: skip

    def get_is_current(self, approval: Approval) -> bool:
        return approval.content_version == approval.offer.content_version


@extend_schema_serializer(many=False)
class ApprovalsSerializer(serializers.Serializer[Any]):
    needed = serializers.ListField(child=serializers.CharField())
    reduction = serializers.DecimalField(max_digits=5, decimal_places=2, help_text=_GREATEST)
    reduction_limit = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    approvals = ApprovalSerializer(many=True)


class LoseSerializer(VersionSerializer):
    reason = serializers.SlugRelatedField(slug_field="code", queryset=LostReason.objects.all())
    competitor = serializers.CharField(max_length=120, required=False, allow_blank=True)
    note = serializers.CharField(max_length=1_000, required=False, allow_blank=True)


class ReopenSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=1_000)


class CopySerializer(serializers.Serializer[Any]):
    customer = VisibleRelatedField(queryset=Customer.objects.all(), required=False)
    contact = VisibleRelatedField(queryset=Contact.objects.all(), required=False)


class DecideSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=[ApprovalState.APPROVED, ApprovalState.REJECTED])
    comment = serializers.CharField(max_length=1_000, required=False, allow_blank=True)


class LinkActivitySerializer(serializers.Serializer[Any]):
    activity = VisibleRelatedField(queryset=Activity.objects.all())


class SumSerializer(serializers.Serializer[Any]):
    key: Any = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    net = serializers.DecimalField(max_digits=16, decimal_places=2)


@extend_schema_serializer(many=False)
class OfferSummarySerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    net = serializers.DecimalField(max_digits=16, decimal_places=2)
    by_status = SumSerializer(many=True)
    by_type = SumSerializer(many=True)
    by_owner = SumSerializer(many=True)
    by_customer = SumSerializer(many=True, help_text=_("The 200 largest."))


CHANGED = {200: OfferSerializer, 400: ErrorSerializer, 409: ErrorSerializer}


class OfferActionViewSet(VisibleViewSet):
    """Common part of the endpoints of one offer: they return the offer as it is afterwards."""

    queryset = Offer.objects.select_related("type", "customer", "lost_reason", "order")
    detail_prefetch = ("lines__unit",)
    serializer_class: Any = OfferSerializer
    filterset_class = OfferApiFilter
    filters_details = False


@extend_schema_view(
    create=extend_schema(responses={201: OfferSerializer, 400: ErrorSerializer, 409: ErrorSerializer}),
    partial_update=extend_schema(responses=CHANGED),
    list=extend_schema(responses=OfferRowSerializer(many=True)),
)
class OfferViewSet(OfferActionViewSet, WriteViewSet):
    """Offers. They are never deleted: an offer that is not needed is marked as lost with a reason."""

    serializer_classes: ClassVar[dict[str, Any]] = {"list": OfferRowSerializer}
    rule_permissions: ClassVar[dict[str, str]] = {
        **READ,
        "create": "offers.add_offer",
        "copy": "offers.add_offer",
        "partial_update": "offers.decide_offer",  # the service refuses a decided offer
        **dict.fromkeys(("lose", "reopen"), "offers.decide_offer"),
        "ask_approval": "offers.edit_offer",
        "decide": "offers.view_offer",  # the rule of the approval is checked in the action
        "link_activity": "offers.log_for_offer",
    }

    @property
    def table(self) -> Any:
        """The columns of the tab that is asked for: each has indexes for those it is sorted by."""
        if getattr(self, "swagger_fake_view", False):
            return ANY_TAB_TABLE
        return TAB_TABLES.get(self.request.query_params.get("tab", ""), OFFER_TABLE)

    @extend_schema(request=LoseSerializer, responses=CHANGED)
    @action(detail=True, methods=["post"])
    def lose(self, request: Request, pk: str) -> Response:
        """Mark the offer as lost, with the reason and optionally the competitor."""
        offer = self.get_object()
        return self.answer(offer_lose(offer=offer, user=self.user, **self.content(LoseSerializer)))

    @extend_schema(request=ReopenSerializer, responses=CHANGED)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Reopen a lost or sent offer."""
        offer = self.get_object()
        return self.answer(offer_reopen(offer=offer, user=self.user, **self.content(ReopenSerializer)))

    @extend_schema(request=CopySerializer, responses={201: OfferSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: str) -> Response:
        """Create a new offer dated today with the same content, for the same customer or another."""
        offer = self.get_object()
        return self.answer(offer_copy(offer=offer, user=self.user, **self.content(CopySerializer)), 201)

    @extend_schema(request=LinkActivitySerializer, responses=CHANGED)
    @action(detail=True, methods=["post"], url_path="link-activity")
    def link_activity(self, request: Request, pk: str) -> Response:
        """Link an activity of the same customer to the offer."""
        offer = self.get_object()
        offer_activity_link(offer=offer, user=self.user, **self.content(LinkActivitySerializer))
        return self.answer(offer)

    @extend_schema(responses=ApprovalsSerializer)
    @action(detail=True)
    def approvals(self, request: Request, pk: str) -> Response:
        """Return the approvals that the offer needs and those that have been requested, newest content first."""
        offer = self.get_object()
        rows = offer.approvals.select_related("offer")
        content = {
            "needed": steps_needed(offer),
            "reduction": offer.max_discount,
            "reduction_limit": offer.type.discount_limit,
            "approvals": rows,
        }
        return Response(ApprovalsSerializer(content).data)

    @extend_schema(request=None, responses={200: ApprovalSerializer(many=True), 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="ask-approval")
    def ask_approval(self, request: Request, pk: str) -> Response:
        """Request the approvals that are missing."""
        approvals = approvals_ask(offer=self.get_object(), user=self.user)
        return Response(ApprovalSerializer(approvals, many=True).data)

    @extend_schema(request=DecideSerializer, responses={200: ApprovalSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path=r"approvals/(?P<approval>\d{1,18})/decide")
    def decide(self, request: Request, pk: str, approval: str) -> Response:
        """Approve a step, or send the offer back with a comment."""
        pending = get_object_or_404(Approval.objects.select_related("offer"), offer=self.get_object(), pk=approval)
        if not allowed(self.user, "offers.approve_offer", pending):
            raise PermissionDenied
        content = self.content(DecideSerializer)
        return Response(ApprovalSerializer(approval_decide(approval=pending, user=self.user, **content)).data)

    @extend_schema(responses=ApprovalSerializer(many=True), filters=False)
    @action(detail=False, pagination_class=None)
    def waiting(self, request: Request) -> Response:
        """Return approvals that wait for the user, oldest first."""
        rows = waiting_for(self.user).order_by("asked_at", "pk")[:GROUPS]
        return Response(ApprovalSerializer(rows, many=True).data)

    @extend_schema(responses=OfferSummarySerializer)
    @action(detail=False, pagination_class=None)
    def summary(self, request: Request) -> Response:
        """Count and value of the offers that match the same filters as the list."""
        rows = Offer.objects.all_visible_to(self.user)
        return Response(OfferSummarySerializer(offer_sums(self.filter_queryset(rows))).data)


class OfferTypeSerializer(serializers.ModelSerializer[OfferType]):
    is_retired = serializers.BooleanField(read_only=True)

    class Meta:
        model = OfferType
        fields = (
            "id", "code", "name_fi", "name_en", "is_funder_form", "needs_contact", "needs_expected_close",
            "valid_days", "open_probability", "sent_probability", "open_days", "sent_days", "content_limit",
            "price_limit", "discount_limit", "signature_limit", "order", "is_retired",
        )  # fmt: skip


class LostReasonSerializer(serializers.ModelSerializer[LostReason]):
    is_retired = serializers.BooleanField(read_only=True)

    class Meta:
        model = LostReason
        fields = ("id", "code", "name_fi", "name_en", "order", "is_retired")


class OfferTypeViewSet(ReadOnlyViewSet):
    queryset: QuerySet[Any] = OfferType.objects.all()
    serializer_class = OfferTypeSerializer


class LostReasonViewSet(ReadOnlyViewSet):
    queryset: QuerySet[Any] = LostReason.objects.all()
    serializer_class = LostReasonSerializer
