"""Endpoints of needs, of versions of plans and of their templates: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from careplans.content.filters import NeedFilter, PlanVersionFilter
from careplans.content.models import Need, PlanTemplate, PlanVersion, TemplatePart
from careplans.content.row_api import ADD, VIEW, OfCustomerMixin
from careplans.content.selectors import with_customers
from careplans.content.services.needs import (
    need_add,
    need_change,
    need_decline,
    need_join,
    need_reopen,
    need_share,
    need_to_lead,
    need_to_offer,
    need_unshare,
)
from careplans.content.services.versions import version_keep
from core.api.errors import ErrorSerializer
from core.api.fields import DayField, VisibleRelatedField
from core.api.views import ReadOnlyViewSet, ReadViewSet, VersionedSerializer, VersionSerializer, WriteViewSet
from customers.models import Customer
from offers.offers.models import Offer


class NeedCustomerSerializer(serializers.Serializer[Any]):
    customer = serializers.IntegerField(source="customer_id")
    noticed_on = serializers.DateField()


class NeedSerializer(VersionedSerializer):
    """A development need with the customers that have it. ``customer`` and ``noticed_on`` are given when adding."""

    customers = serializers.SerializerMethodField()
    customer: Any = VisibleRelatedField(queryset=Customer.objects.all(), write_only=True, required=False)
    noticed_on = DayField(write_only=True, required=False)

    class Meta:
        model = Need
        fields = (
            "id", "name", "impact", "is_budgeted", "fits_environment", "status", "reason", "offer", "lead",
            "joined_to", "customers", "customer", "noticed_on", "version",
        )  # fmt: skip
        read_only_fields = ("status", "reason", "offer", "lead", "joined_to")

    @extend_schema_field(NeedCustomerSerializer(many=True))
    def get_customers(self, need: Any) -> Any:
        if not hasattr(need, "shown_customers"):
            with_customers([need], self.context["request"].user)
        return NeedCustomerSerializer(need.shown_customers, many=True).data

    def update(self, instance: Need, validated_data: dict[str, Any]) -> Need:
        seen = validated_data.pop("version", None)
        for name in ("name", "impact", "is_budgeted", "fits_environment"):
            if name in validated_data:
                setattr(instance, name, validated_data[name])
        return need_change(need=instance, seen=seen)


class NewNeedSerializer(NeedSerializer):
    customer: Any = VisibleRelatedField(queryset=Customer.objects.all(), write_only=True)

    def create(self, validated_data: dict[str, Any]) -> Need:
        validated_data.pop("version", None)
        about = {"customer": validated_data.pop("customer"), "noticed_on": validated_data.pop("noticed_on", None)}
        return need_add(need=Need(**validated_data), user=self.context["request"].user, **about)


class NeedReasonSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=1_000)


class NeedShareSerializer(VersionSerializer):
    customer: Any = VisibleRelatedField(queryset=Customer.objects.all())
    noticed_on = DayField(required=False, allow_null=True, default=None)


class NeedOfCustomerSerializer(VersionSerializer):
    customer: Any = VisibleRelatedField(queryset=Customer.objects.active())


class NeedJoinSerializer(VersionSerializer):
    into: Any = VisibleRelatedField(queryset=Need.objects.kept(), help_text="The need that stays.")


class NeedOfferSerializer(VersionSerializer):
    offer: Any = VisibleRelatedField(queryset=Offer.objects.undecided().select_related("customer"))


STEP = {200: NeedSerializer, 409: ErrorSerializer}


class NeedViewSet(OfCustomerMixin, WriteViewSet):
    """The register of development needs. Needs are declined with a reason, not deleted."""

    queryset = Need.objects.order_by("-pk")
    serializer_class = NeedSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"create": NewNeedSerializer}
    filterset_class = NeedFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW, "retrieve": VIEW, "create": ADD,
        **dict.fromkeys(
            ("partial_update", "decline", "reopen", "share", "unshare", "join", "lead", "offer"),
            "carecontent.edit_need",
        ),
    }  # fmt: skip

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.get_serializer(with_customers(page, self.user), many=True).data)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer: Any = self.valid(NewNeedSerializer)
        self.check_customer(serializer.validated_data["customer"])
        return self.answer(serializer.save(), 201)

    @extend_schema(request=NeedReasonSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """Decline a need; it is kept with the reason."""
        need, content = self.get_object(), self.content(NeedReasonSerializer)
        about = {"reason": content["reason"], "seen": content.get("version")}
        return self.answer(need_decline(need=need, user=self.user, **about))

    @extend_schema(request=NeedReasonSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Take a declined need up again."""
        need, content = self.get_object(), self.content(NeedReasonSerializer)
        return self.answer(need_reopen(need=need, user=self.user, reason=content["reason"]))

    @extend_schema(request=NeedShareSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def share(self, request: Request, pk: str) -> Response:
        """Note that another customer has the need too."""
        need, content = self.get_object(), self.content(NeedShareSerializer)
        self.check_customer(content["customer"])
        about = {name: content[name] for name in ("customer", "noticed_on")}
        return self.answer(need_share(need=need, seen=content.get("version"), **about).need)

    @extend_schema(request=NeedOfCustomerSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def unshare(self, request: Request, pk: str) -> Response:
        """Note that a customer does not have the need."""
        need, customer = self.get_object(), self.content(NeedOfCustomerSerializer)["customer"]
        self.check_customer(customer)
        row = need.customers.filter(customer=customer).first()
        if row is None:
            raise serializers.ValidationError({"customer": [_("The customer does not have this need.")]})
        need_unshare(row=row)
        return self.answer(need)

    @extend_schema(request=NeedJoinSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def join(self, request: Request, pk: str) -> Response:
        """Join the need to another one, which gets its customers and is returned."""
        need, into = self.get_object(), self.content(NeedJoinSerializer)["into"]
        self.check_allowed("carecontent.edit_need", into)
        return self.answer(need_join(need=need, into=into, user=self.user))

    @extend_schema(request=NeedOfCustomerSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def lead(self, request: Request, pk: str) -> Response:
        """Make a lead of the need of one of its customers."""
        need, customer = self.get_object(), self.content(NeedOfCustomerSerializer)["customer"]
        need_to_lead(need=need, customer=customer, user=self.user)
        return self.answer(need)

    @extend_schema(request=NeedOfferSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def offer(self, request: Request, pk: str) -> Response:
        """Note which open offer to one of its customers has come of the need."""
        need, offer = self.get_object(), self.content(NeedOfferSerializer)["offer"]
        return self.answer(need_to_offer(need=need, offer=offer, user=self.user))


class PlanVersionSerializer(serializers.ModelSerializer[PlanVersion]):
    """A customer's plan as it was when it was reviewed, accepted, approved or kept by hand."""

    class Meta:
        model = PlanVersion
        fields: tuple[str, ...] = ("id", "customer", "kind", "at", "user")
        read_only_fields = fields


class PlanVersionDetailSerializer(PlanVersionSerializer):
    """The same with its content, in the language of the user: header, sections with their rows, texts."""

    content = serializers.SerializerMethodField()

    class Meta(PlanVersionSerializer.Meta):
        fields = (*PlanVersionSerializer.Meta.fields, "content")
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "array", "items": {"type": "object"}}})
    def get_content(self, version: PlanVersion) -> Any:
        return version.content.get(get_language() or "fi", {})


class NewPlanVersionSerializer(serializers.Serializer[Any]):
    customer: Any = VisibleRelatedField(queryset=Customer.objects.all())


class PlanVersionViewSet(OfCustomerMixin, ReadViewSet):
    """Versions of customers' plans."""

    queryset = PlanVersion.objects.order_by("-pk")
    serializer_class = PlanVersionSerializer
    filterset_class = PlanVersionFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {"list": VIEW, "retrieve": VIEW, "create": ADD}

    @extend_schema(responses={200: PlanVersionDetailSerializer})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(PlanVersionDetailSerializer(self.get_object()).data)

    @extend_schema(request=NewPlanVersionSerializer, responses={201: PlanVersionSerializer, 409: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Keep the customer's plan as it is now."""
        customer = self.content(NewPlanVersionSerializer)["customer"]
        self.check_customer(customer)
        return self.answer(version_keep(customer=customer, user=self.user), 201)


class PlanTemplatePartSerializer(serializers.ModelSerializer[TemplatePart]):
    class Meta:
        model = TemplatePart
        fields = ("id", "kind", "code", "title_fi", "title_en", "order", "is_required", "is_shown")


class PlanTemplateSerializer(serializers.ModelSerializer[PlanTemplate]):
    """The structure of plans: of the customers of a scheme, or without one of all others."""

    parts = PlanTemplatePartSerializer(many=True)

    class Meta:
        model = PlanTemplate
        fields = ("id", "scheme", "owner", "parts", "version")


class PlanTemplateViewSet(ReadOnlyViewSet):
    """The templates of plans; administrators change them on their page."""

    queryset = PlanTemplate.objects.prefetch_related("parts").order_by("pk")
    serializer_class = PlanTemplateSerializer
