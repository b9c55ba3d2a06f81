"""Endpoints of what is decided about plans: approvals and exceptions."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from careplans.caremodels.api import MOST_MONTHS, ResponsibleField
from careplans.plans.filters import ApprovalApiFilter, ExceptionApiFilter
from careplans.plans.models import PlanApproval, PlanException
from careplans.plans.services.approvals import plan_approve, plan_ask, plan_reject
from careplans.plans.services.exceptions import (
    exception_approve,
    exception_end,
    exception_reject,
    exception_request,
)
from core import clock
from core.api.errors import ErrorSerializer
from core.api.fields import DayField, DaysMixin, VisibleRelatedField
from core.api.views import ReadViewSet, VersionedSerializer, VersionSerializer
from core.permissions import allowed
from customers.models import Customer

VIEW, EDIT = "careplans.view_plan", "careplans.edit_plan"


class PlanDecisionSerializer(VersionSerializer):
    note = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class PlanRejectionSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=1_000)


class PlanApprovalSerializer(VersionedSerializer):
    """Management's decision about a customer's plan with one version of its care model."""

    class Meta:
        model = PlanApproval
        fields = (
            "id", "customer", "model_version", "status", "asked_by", "asked_on", "decided_by", "decided_on", "note",
            "version",
        )  # fmt: skip
        read_only_fields = fields


class PlanApprovalViewSet(ReadViewSet):
    queryset = PlanApproval.objects.order_by("-asked_on", "-pk")
    serializer_class = PlanApprovalSerializer
    filterset_class = ApprovalApiFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "careplans.view_approval", "retrieve": "careplans.view_approval",
        "approve": "careplans.decide_approval", "reject": "careplans.decide_approval",
        "ask": "careplans.ask_approval",
    }  # fmt: skip

    @extend_schema(request=PlanDecisionSerializer, responses={200: PlanApprovalSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve the plan: the version takes effect for the customer today."""
        approval, content = self.get_object(), self.content(PlanDecisionSerializer)
        about = {"note": content["note"], "seen": content.get("version")}
        return self.answer(plan_approve(approval=approval, user=self.user, **about))

    @extend_schema(request=PlanRejectionSerializer, responses={200: PlanApprovalSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Reject the plan, with the reason."""
        approval, content = self.get_object(), self.content(PlanRejectionSerializer)
        about = {"reason": content["reason"], "seen": content.get("version")}
        return self.answer(plan_reject(approval=approval, user=self.user, **about))

    @extend_schema(request=None, responses={200: PlanApprovalSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, pk: str) -> Response:
        """Ask management again to approve a plan that was rejected."""
        return self.answer(plan_ask(approval=self.get_object(), user=self.user))


class PlanExceptionSerializer(DaysMixin, VersionedSerializer):
    """A customer's exception from one action of its plan, on days from today on.

    Of the other fields those of its kind are read: how often it is done, or who has it.
    """

    customer: Any = VisibleRelatedField(queryset=Customer.objects.all())
    months: Any = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=12), required=False, max_length=MOST_MONTHS
    )
    responsible: Any = ResponsibleField(
        child=serializers.CharField(max_length=80), required=False, max_length=5,
        help_text="Keys in order, such as role:owner, group:management, team:5.",
    )  # fmt: skip
    first = DayField(required=False, help_text="Empty: today.")

    class Meta:
        model = PlanException
        fields = (
            "id", "customer", "code", "kind", "frequency", "count", "unit", "months", "before", "after", "responsible",
            "first", "last", "reason", "status", "requested_by", "decided_by", "decided_on", "note", "version",
        )  # fmt: skip
        read_only_fields = ("status", "requested_by", "decided_by", "decided_on", "note")
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "code": {"help_text": "Of an action that the customer's plan has on some of these days."},
            "frequency": {"help_text": "One that comes again: neither once nor on an event."},
        }
        validators: ClassVar[list[Any]] = []

    def validate_months(self, months: list[int]) -> list[int]:
        """Take each month once, in the order of the year."""
        return sorted(set(months))

    def create(self, validated_data: dict[str, Any]) -> PlanException:
        validated_data.pop("version", None)  # there is none yet
        responsible = validated_data.pop("responsible", [])
        exception = PlanException(**{"first": clock.today(), **validated_data})
        return exception_request(exception=exception, user=self.context["request"].user, responsible=responsible)


class PlanExceptionViewSet(ReadViewSet):
    """Exceptions of customers' plans. They are asked for and ended, not changed."""

    queryset = PlanException.objects.prefetch_related("responsible__group").order_by("-pk")
    serializer_class = PlanExceptionSerializer
    filterset_class = ExceptionApiFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "careplans.view_exception", "retrieve": "careplans.view_exception", "create": "careplans.add_row",
        "approve": "careplans.decide_exception", "reject": "careplans.decide_exception", "end": "careplans.edit_row",
    }  # fmt: skip

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for an exception; one of somebody who manages plans is in force at once."""
        serializer: Any = self.valid(PlanExceptionSerializer)
        if not allowed(self.user, EDIT, serializer.validated_data["customer"]):
            self.permission_denied(request)
        return self.answer(serializer.save(), 201)

    @extend_schema(request=PlanDecisionSerializer, responses={200: PlanExceptionSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Put the exception in force."""
        exception, content = self.get_object(), self.content(PlanDecisionSerializer)
        about = {"note": content["note"], "seen": content.get("version")}
        return self.answer(exception_approve(exception=exception, user=self.user, **about))

    @extend_schema(request=PlanRejectionSerializer, responses={200: PlanExceptionSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Reject the exception, with the reason."""
        exception, content = self.get_object(), self.content(PlanRejectionSerializer)
        about = {"reason": content["reason"], "seen": content.get("version")}
        return self.answer(exception_reject(exception=exception, user=self.user, **about))

    @extend_schema(request=None, responses={204: None, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End the exception; one that has not begun is removed."""
        exception_end(exception=self.get_object())
        return Response(status=204)
