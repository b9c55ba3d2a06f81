"""Endpoints of what people write into plans: rows of sections A, B and F, charges, texts, header and goals."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from careplans.content.charging import with_changes
from careplans.content.enums import PartKind
from careplans.content.filters import (
    AgreementFilter,
    ChargeFilter,
    PlanBlockFilter,
    PlanContentFilter,
    ProjectFilter,
    SystemFilter,
)
from careplans.content.forms import contacts_of
from careplans.content.models import Agreement, Charge, PlanBlock, PlanContent, Project, System, TemplatePart
from careplans.content.services.rows import content_save, row_delete, row_save
from core.api.fields import DaysMixin, VisibleRelatedField
from core.api.views import VersionedSerializer, WriteViewSet
from core.permissions import allowed
from customers.models import Contact, Customer

VIEW, ADD, EDIT_ROW, EDIT_PLAN = "carecontent.view", "carecontent.add", "carecontent.edit_row", "careplans.edit_plan"


class PlanRowSerializer(DaysMixin, VersionedSerializer):
    """A row of a customer's plan; it stays with its customer."""

    customer: Any = VisibleRelatedField(queryset=Customer.objects.all())
    #: What stays as it was when the row was added.
    fixed: tuple[str, ...] = ("customer",)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        row = self.instance
        moved = [name for name in self.fixed if row and name in attrs and attrs[name] != getattr(row, name)]
        if moved:
            raise serializers.ValidationError(dict.fromkeys(moved, _("This can be given only when adding.")))
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Any:
        model: Any = self.Meta.model
        return self._keep(model(), validated_data)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        return self._keep(instance, validated_data)

    def _keep(self, row: Any, data: dict[str, Any]) -> Any:
        seen = data.pop("version", None)
        for name, value in data.items():
            setattr(row, name, value)
        return self.keep(row, seen)

    def keep(self, row: Any, seen: int | None) -> Any:
        return row_save(row=row, user=self.context["request"].user, seen=seen)


class OfCustomerMixin:
    """Rows that are added to a customer, with the right to change its plan."""

    user: Any
    request: Any

    def check_customer(self, customer: Customer) -> None:
        self.check_allowed(EDIT_PLAN, customer)

    def check_allowed(self, permission: str, row: Any) -> None:
        if not allowed(self.user, permission, row):
            self.permission_denied(self.request)  # type: ignore[attr-defined]


class PlanRowViewSet(OfCustomerMixin, WriteViewSet):
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW, "retrieve": VIEW, "create": ADD, "partial_update": EDIT_ROW
    }  # fmt: skip

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer: Any = self.valid(self.get_serializer_class())
        self.check_customer(serializer.validated_data["customer"])
        return self.answer(serializer.save(), 201)


class DeletedRowViewSet(PlanRowViewSet):
    rule_permissions: ClassVar[dict[str, str]] = {**PlanRowViewSet.rule_permissions, "destroy": EDIT_ROW}

    def destroy(self, request: Request, pk: Any = None) -> Response:
        row_delete(row=self.get_object())
        return Response(status=204)


class ChargeSerializer(PlanRowSerializer):
    """What a customer was charged for a service in a year; ``change`` is computed from the year before."""

    change = serializers.SerializerMethodField()

    class Meta:
        model = Charge
        fields = ("id", "customer", "service", "year", "amount", "change", "source", "version")
        validators: ClassVar[list[Any]] = []

    @extend_schema_field({"type": "string", "format": "decimal", "nullable": True})
    def get_change(self, charge: Any) -> str | None:
        if not hasattr(charge, "change"):
            with_changes([charge])
        return None if charge.change is None else str(charge.change)


class ChargeViewSet(DeletedRowViewSet):
    """Charges of customers by service and year."""

    queryset = Charge.objects.select_related("customer").order_by("-pk")
    serializer_class = ChargeSerializer
    filterset_class = ChargeFilter

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self.get_serializer(with_changes(page), many=True).data)


class PlanProjectSerializer(PlanRowSerializer):
    """A development project of a customer (section A). ``follow_every`` makes an internal action of the plan."""

    representative: Any = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )

    class Meta:
        model = Project
        fields = (
            "id", "customer", "name", "priority", "start", "end", "manager", "budget", "representative",
            "follow_every", "follow_up", "version", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("created_at", "updated_at")


class PlanProjectViewSet(DeletedRowViewSet):
    """Development projects of customers: section A of their plans."""

    queryset = Project.objects.select_related("customer").order_by("-pk")
    serializer_class = PlanProjectSerializer
    filterset_class = ProjectFilter


class PlanSystemSerializer(PlanRowSerializer):
    """A system of critical services with its regular actions (section B). ``next_update`` is a month."""

    class Meta:
        model = System
        fields = (
            "id", "customer", "name", "updates", "next_update", "contact", "supplier", "keeper", "resources", "other",
            "version", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("created_at", "updated_at")


class PlanSystemViewSet(DeletedRowViewSet):
    """Systems of customers' critical services: section B of their plans."""

    queryset = System.objects.select_related("customer").order_by("-pk")
    serializer_class = PlanSystemSerializer
    filterset_class = SystemFilter


class PlanAgreementSerializer(PlanRowSerializer):
    """What the managements have agreed (section F)."""

    class Meta:
        model = Agreement
        fields = (
            "id", "customer", "name", "day", "parties", "document", "follow_up", "version", "created_at", "updated_at"
        )  # fmt: skip
        read_only_fields = ("created_at", "updated_at")


class PlanAgreementViewSet(DeletedRowViewSet):
    """Agreements between managements: section F of plans."""

    queryset = Agreement.objects.select_related("customer").order_by("-pk")
    serializer_class = PlanAgreementSerializer
    filterset_class = AgreementFilter


class PlanTextSerializer(PlanRowSerializer):
    """A free text of a plan. ``code`` is that of a text of a template; an empty text is none."""

    fixed = ("customer", "code")

    class Meta:
        model = PlanBlock
        fields = ("id", "customer", "code", "text", "version", "created_at", "updated_at")
        read_only_fields = ("created_at", "updated_at")
        validators: ClassVar[list[Any]] = []  # the constraint refuses a second one

    def validate_code(self, code: str) -> str:
        if not TemplatePart.objects.filter(kind=PartKind.BLOCK, code=code).exists():
            raise serializers.ValidationError(_("No template has a text with this code."))
        return code

    def create(self, validated_data: dict[str, Any]) -> Any:
        customer, code = validated_data["customer"], validated_data["code"]
        if PlanBlock.objects.filter(customer=customer, code=code).exists():
            raise serializers.ValidationError({"code": [_("The plan has this text already: change it.")]})
        return super().create(validated_data)


class PlanTextViewSet(PlanRowViewSet):
    """Free texts of plans, one of each code for a customer."""

    queryset = PlanBlock.objects.select_related("customer").order_by("-pk")
    serializer_class = PlanTextSerializer
    filterset_class = PlanBlockFilter


class PlanHeaderSerializer(PlanRowSerializer):
    """The header of a plan as far as people write it, and the goals that the customer is shown."""

    customer: Any = VisibleRelatedField(queryset=Customer.objects.all())
    data_by: Any = VisibleRelatedField(queryset=Contact.objects.all(), required=False, allow_null=True)

    class Meta:
        model = PlanContent
        fields = (
            "id", "customer", "data_by", "asked_on", "given_on", "goals", "changed_by", "version", "created_at",
            "updated_at",
        )  # fmt: skip
        read_only_fields = ("changed_by", "created_at", "updated_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs, row = super().validate(attrs), cast("PlanContent", self.instance)
        customer, contact = attrs.get("customer") or row.customer, attrs.get("data_by")
        if contact and not contacts_of(customer.pk).filter(pk=contact.pk).exists():
            raise serializers.ValidationError({"data_by": _("Choose a contact of the customer.")})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Any:
        if PlanContent.objects.filter(customer=validated_data["customer"]).exists():
            raise serializers.ValidationError({"customer": [_("The plan has a header already: change it.")]})
        return super().create(validated_data)

    def keep(self, row: Any, seen: int | None) -> Any:
        return content_save(content=row, user=self.context["request"].user, seen=seen)


class PlanHeaderViewSet(PlanRowViewSet):
    """Headers and goals of plans, one for a customer."""

    queryset = PlanContent.objects.select_related("customer").order_by("-pk")
    serializer_class = PlanHeaderSerializer
    filterset_class = PlanContentFilter
