"""Endpoints of leads: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from activities.leads.enums import LeadState
from activities.leads.filters import LeadApiFilter
from activities.leads.models import Lead, LeadCloseReason
from activities.leads.selectors import leads_for
from activities.leads.services import lead_set_state, lead_to_customer
from activities.leads.tables import LEAD_TABLE
from activities.log.api.activities import COMMON, READ
from activities.log.models import Activity
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ReadViewSet, VersionSerializer


class LeadDetailsSerializer(serializers.ModelSerializer[Lead]):
    """The fields of a lead besides those of every activity."""

    offered_to = VisibleRelatedField(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Lead
        fields = ("source", "need", "value", "take_by", "offered_to")


class LeadPartSerializer(serializers.ModelSerializer[Lead]):
    """The lead of an activity, as it is read."""

    class Meta:
        model = Lead
        fields = (
            "state", "source", "need", "value", "take_by", "is_late", "offered_to", "taken_by", "taken_at",
            "close_reason", "state_reason",
        )  # fmt: skip


class LeadSerializer(serializers.ModelSerializer[Activity]):
    lead = LeadPartSerializer(read_only=True)

    class Meta:
        model = Activity
        fields = (*COMMON, "memo", "created_by", "lead")
        read_only_fields = fields


class LeadAssignSerializer(VersionSerializer):
    taker = VisibleRelatedField(queryset=User.objects.all())


class ReasonSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=500)


class CloseSerializer(VersionSerializer):
    close_reason = serializers.SlugRelatedField(slug_field="code", queryset=LeadCloseReason.objects.all())
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ConvertSerializer(VersionSerializer):
    contact = VisibleRelatedField(queryset=Activity.objects.all(), help_text="The first mutual contact.")


class LeadViewSet(ReadViewSet):
    """Leads. A new lead is an activity of the type `lead`."""

    queryset = Activity.objects.all()
    serializer_class = LeadSerializer
    filterset_class = LeadApiFilter
    filters_details = False
    table = LEAD_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        **READ,
        "take": "leads.take_lead",
        **dict.fromkeys(("give", "put_back", "close", "convert"), "leads.handle_lead"),
    }

    def visible_rows(self) -> Any:
        return leads_for(self.user)

    def _set_state(self, state: LeadState, content: dict[str, Any]) -> Response:
        lead_activity = self.get_object()
        return self.answer(lead_set_state(activity=lead_activity, state=state, user=self.user, **content))

    @extend_schema(request=VersionSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Claim the lead."""
        return self._set_state(LeadState.CLAIMED, self.content(VersionSerializer))

    @extend_schema(request=LeadAssignSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Assign the lead to a colleague."""
        self.get_object()
        return self._set_state(LeadState.CLAIMED, self.content(LeadAssignSerializer))

    @extend_schema(request=ReasonSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="return")
    def put_back(self, request: Request, pk: str) -> Response:
        """Return the lead, so that it is unassigned again, or reopen a closed one."""
        self.get_object()
        return self._set_state(LeadState.UNASSIGNED, self.content(ReasonSerializer))

    @extend_schema(request=CloseSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close the lead with a reason."""
        self.get_object()
        return self._set_state(LeadState.CLOSED, self.content(CloseSerializer))

    @extend_schema(request=ConvertSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def convert(self, request: Request, pk: str) -> Response:
        """Make the customer a potential one after the first mutual contact."""
        lead_activity = self.get_object()
        content = self.content(ConvertSerializer)
        return self.answer(lead_to_customer(activity=lead_activity, user=self.user, **content).activity)
