"""Endpoints of the versions of care models and of their steps: the same rules and services as the pages."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import django_filters as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from careplans.caremodels.api import EDIT, VIEW, fixed
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import CareModel, CareSettings, ModelMetric, ModelVersion
from careplans.caremodels.services.actions import actions_reorder
from careplans.caremodels.services.models import answer_target, care_settings
from careplans.caremodels.services.versions import (
    CONTENT,
    version_approve,
    version_change,
    version_delete,
    version_draft,
    version_give_opinion,
    version_return,
    version_review,
    version_send,
)
from core.api.errors import ErrorSerializer
from core.api.fields import DayField
from core.api.opinions import GiveOpinionSerializer, OpinionSerializer
from core.api.views import VersionedSerializer, VersionSerializer, WriteViewSet
from core.filters import FilterSet
from customers.enums import Channel


class VersionFilter(FilterSet):
    model = filters.ModelChoiceFilter(queryset=CareModel.objects.all())
    status = filters.ChoiceFilter(choices=VersionStatus.choices)

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = ()


class ModelMetricSerializer(serializers.ModelSerializer[ModelMetric]):
    class Meta:
        model = ModelMetric
        fields = ("id", "name_fi", "name_en", "target", "unit", "order")


class CareVersionSerializer(VersionedSerializer):
    """A version of a care model. ``model`` is given only when adding: the draft is a copy of the newest version."""

    channels: Any = serializers.ListField(
        child=serializers.ChoiceField(choices=Channel.choices), required=False, max_length=len(Channel)
    )
    metrics = ModelMetricSerializer(many=True, read_only=True)
    opinions = serializers.SerializerMethodField()
    goals = serializers.CharField(read_only=True, help_text="In the language of the user.")
    answer_target = serializers.SerializerMethodField()

    class Meta:
        model = ModelVersion
        fields = (
            "id", "version", "model", "number", "status", "goals", "goals_fi", "goals_en", "channels", "promise_hours",
            "answer_days", "answer_target", "justification", "based_on", "valid_from", "valid_to", "created_by",
            "proposed_by", "reviewed_by", "reviewed_at", "approved_by", "approved_at", "metrics", "opinions",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = (
            "number", "status", "based_on", "valid_from", "valid_to", "created_by", "proposed_by", "reviewed_by",
            "reviewed_at", "approved_by", "approved_at", "created_at", "updated_at",
        )  # fmt: skip

    @extend_schema_field(OpinionSerializer(many=True))
    def get_opinions(self, version: ModelVersion) -> Any:
        """Return what the account team has said in the present round."""
        given = [one for one in version.opinions.all() if one.ended_at is None]
        return OpinionSerializer(given, many=True).data

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_answer_target(self, version: ModelVersion) -> int | None:
        """Return the working days in which a contact is answered: where treatment is equal, the same for all."""
        return answer_target(version, self._settings)

    @cached_property
    def _settings(self) -> CareSettings:
        return care_settings()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        fixed(self.instance, attrs, "model")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> ModelVersion:
        user = self.context["request"].user
        version = version_draft(model=validated_data["model"], user=user, justification=validated_data["justification"])
        return version_change(version=version, changes=validated_data, user=user)

    def update(self, instance: ModelVersion, validated_data: dict[str, Any]) -> ModelVersion:
        seen = validated_data.pop("version", None)
        return version_change(
            version=instance,
            changes={name: validated_data[name] for name in CONTENT if name in validated_data},
            user=self.context["request"].user,
            seen=seen,
        )


class CareCommentSerializer(VersionSerializer):
    comment = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class CareReasonSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=1_000)


class CareApproveSerializer(CareCommentSerializer):
    valid_from = DayField(help_text="Today or a coming day.")


class CareOrderSerializer(VersionSerializer):
    actions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1), max_length=200,
        help_text="The ids of all actions of the version, each once, in their order.",
    )  # fmt: skip


STEP = {200: CareVersionSerializer, 409: ErrorSerializer}


class CareVersionViewSet(WriteViewSet):
    """Versions of care models. Only drafts are changed; each step is an action."""

    queryset = ModelVersion.objects.prefetch_related("metrics", "opinions").select_related("model__team").order_by("pk")
    serializer_class = CareVersionSerializer
    filterset_class = VersionFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": EDIT,
        **dict.fromkeys(("partial_update", "destroy", "order"), "caremodels.edit_version"),
        "send": "caremodels.send_version",
        "opinion": "caremodels.give_opinion",
        "review": "caremodels.review_version",
        "take_back": "caremodels.return_version",
        "approve": "caremodels.decide_version",
    }

    def step(self, serializer: Any) -> dict[str, Any]:
        """Return what a step is given: what was sent, who sent it, and the version that was seen."""
        content = dict(self.content(serializer))
        return {"user": self.user, "seen": content.pop("version", None), **content}

    def destroy(self, request: Request, pk: Any = None) -> Response:
        version_delete(version=self.get_object())
        return Response(status=204)

    @extend_schema(request=CareOrderSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def order(self, request: Request, pk: str) -> Response:
        """Put the actions of a draft into an order."""
        version = self.get_object()
        content = self.content(CareOrderSerializer)
        seen = content.get("version")
        return self.answer(actions_reorder(version=version, ids=content["actions"], user=self.user, seen=seen))

    @extend_schema(request=CareCommentSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Send a draft to the account team."""
        version = self.get_object()
        return self.answer(version_send(version=version, **self.step(CareCommentSerializer)))

    @extend_schema(request=GiveOpinionSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def opinion(self, request: Request, pk: str) -> Response:
        """Give one's opinion as a member of the account team, or change it until the version is sent on."""
        version = self.get_object()
        return self.answer(version_give_opinion(version=version, user=self.user, **self.content(GiveOpinionSerializer)))

    @extend_schema(request=CareCommentSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """Send a version that the account team has gone through to management."""
        version = self.get_object()
        return self.answer(version_review(version=version, **self.step(CareCommentSerializer)))

    @extend_schema(request=CareReasonSerializer, responses=STEP)
    @action(detail=True, methods=["post"], url_path="return")
    def take_back(self, request: Request, pk: str) -> Response:
        """Make a version a draft again, with the reason."""
        version = self.get_object()
        return self.answer(version_return(version=version, **self.step(CareReasonSerializer)))

    @extend_schema(request=CareApproveSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve a version for management, from a day."""
        version = self.get_object()
        return self.answer(version_approve(version=version, **self.step(CareApproveSerializer)))
