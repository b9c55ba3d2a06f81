"""Endpoints of customers' own actions: adding, changing, ending, and what the management decides about them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from careplans.caremodels.api import CareActionSerializer
from careplans.caremodels.register_api import ActionRowSerializer
from careplans.caremodels.selectors import complete
from careplans.plans.decision_api import VIEW, PlanRejectionSerializer
from careplans.plans.filters import OwnActionApiFilter
from careplans.plans.models import CustomerAction
from careplans.plans.services.actions import (
    customer_action_approve,
    customer_action_end,
    customer_action_reject,
    customer_action_save,
)
from core import clock
from core.api.errors import ErrorSerializer
from core.api.fields import DayField, VisibleRelatedField
from core.api.views import VersionSerializer, WriteViewSet
from core.permissions import allowed
from customers.models import Customer

EDIT, EDIT_ROW, DECIDE = "careplans.edit_plan", "careplans.edit_row", "careplans.decide_action"
#: What an action of a model says that one of a customer does not.
OF_MODELS = frozenset({"id", "version", "model", "draft_version", "code", "order"})


class CustomerActionSerializer(ActionRowSerializer):
    """An action of one customer only; its code is made of its name. ``responsible`` has keys, as of care actions."""

    customer: Any = VisibleRelatedField(queryset=Customer.objects.all())
    first = DayField(required=False, help_text="Empty: today.")

    class Meta:
        model = CustomerAction
        fields = (
            "id", "version", "customer", "code",
            *(name for name in CareActionSerializer.Meta.fields if name not in OF_MODELS),
            "first", "last", "asked_by", "approved_by", "approved_on",
        )  # fmt: skip
        read_only_fields = ("code", "asked_by", "approved_by", "approved_on")
        validators: ClassVar[list[Any]] = []

    def create(self, validated_data: dict[str, Any]) -> Any:
        validated_data.setdefault("first", clock.today())
        return self._saved(CustomerAction(customer=validated_data.pop("customer")), validated_data)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        validated_data.pop("customer", None)  # it stays
        return super().update(instance, validated_data)

    def keep(self, row: Any, **about: Any) -> Any:
        return customer_action_save(action=row, user=self.context["request"].user, **about)


class CustomerActionViewSet(WriteViewSet):
    """Customers' own actions. One that has begun and is changed ends yesterday, and the changed one begins today."""

    queryset = CustomerAction.objects.select_related("customer").order_by("-pk")
    serializer_class = CustomerActionSerializer
    filterset_class = OwnActionApiFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW, "retrieve": VIEW, "create": "careplans.add_row", "partial_update": EDIT_ROW, "end": EDIT_ROW,
        "approve": DECIDE, "reject": DECIDE,
    }  # fmt: skip

    def visible_rows(self) -> Any:
        return complete(super().visible_rows())

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer: Any = self.valid(CustomerActionSerializer)
        if not allowed(self.user, EDIT, serializer.validated_data["customer"]):
            self.permission_denied(request)
        return self.answer(serializer.save(), 201)

    @extend_schema(request=None, responses={204: None, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """End the action today; one that has not begun is removed."""
        customer_action_end(action=self.get_object())
        return Response(status=204)

    @extend_schema(request=VersionSerializer, responses={200: CustomerActionSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let an action of a customer in a segment that needs approval take effect."""
        row, seen = self.get_object(), self.content(VersionSerializer).get("version")
        return self.answer(customer_action_approve(action=row, user=self.user, seen=seen))

    @extend_schema(request=PlanRejectionSerializer, responses={204: None, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Remove an action that waits for the management, with the reason."""
        row, content = self.get_object(), self.content(PlanRejectionSerializer)
        about = {"reason": content["reason"], "seen": content.get("version")}
        customer_action_reject(action=row, user=self.user, **about)
        return Response(status=204)
