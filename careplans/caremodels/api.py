"""Endpoints of care models, their versions and actions: the same rules and services as the pages."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.log.models import ActivityType
from careplans.caremodels.enums import FulfilKind, VersionStatus
from careplans.caremodels.frequencies import frequency_words, is_tracked
from careplans.caremodels.models import CareAction, CareModel, CareSettings, ModelMetric, ModelVersion
from careplans.caremodels.selectors import complete
from careplans.caremodels.services.actions import action_delete, action_save, actions_reorder
from careplans.caremodels.services.models import (
    answer_target,
    care_settings,
    model_add,
    model_change,
    model_set_retired,
)
from careplans.caremodels.services.versions import (
    CONTENT,
    version_approve,
    version_change,
    version_delete,
    version_draft,
    version_return,
    version_review,
    version_send,
)
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import VersionedSerializer, VersionSerializer, WriteViewSet
from core.filters import FilterSet, OneFieldFilter
from core.services import check_version, lock
from customers.enums import Channel
from customers.models import ClassificationNode
from customers.selections.models import Selection
from segmentation.schemes.models import Segment

VIEW, EDIT = "caremodels.view_models", "caremodels.edit_model"
MOST_MONTHS = 12


def _fixed(instance: Any, attrs: dict[str, Any], *names: str) -> None:
    """Refuse a change of what is given only when adding."""
    given = [name for name in names if instance is not None and name in attrs]
    if given:
        raise serializers.ValidationError(dict.fromkeys(given, _("This can be given only when adding.")))


class ModelFilter(FilterSet):
    segment = filters.ModelChoiceFilter(queryset=Segment.objects.all())
    node = filters.ModelChoiceFilter(queryset=ClassificationNode.objects.all())
    in_use = OneFieldFilter("retired_at", "isnull")

    class Meta:
        model = CareModel
        fields: tuple[str, ...] = ()


class ModelVersionBriefSerializer(serializers.ModelSerializer[ModelVersion]):
    class Meta:
        model = ModelVersion
        fields = ("id", "number", "status", "valid_from", "valid_to")


class CareModelSerializer(VersionedSerializer):
    """A care model with its versions. A segment or a class is given when it is added, with the justification."""

    versions = ModelVersionBriefSerializer(many=True, read_only=True)
    justification = serializers.CharField(
        max_length=4_000, write_only=True, required=False, help_text="Of the first draft. Needed when adding."
    )

    class Meta:
        model = CareModel
        fields = (
            "id", "version", "code", "name_fi", "name_en", "segment", "node", "description", "team", "order",
            "retired_at", "versions", "justification", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("retired_at", "created_at", "updated_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _fixed(self.instance, attrs, "code", "segment", "node", "justification")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> CareModel:
        validated_data.pop("version", None)
        text, user = validated_data.pop("justification", ""), self.context["request"].user
        return model_add(model=CareModel(**validated_data), user=user, justification=text).model

    def update(self, instance: CareModel, validated_data: dict[str, Any]) -> CareModel:
        model = lock(instance)
        check_version(model, validated_data.pop("version", None))
        for name, value in validated_data.items():
            setattr(model, name, value)
        return model_change(model=model)


class CareModelViewSet(WriteViewSet):
    """Care models of segments, customer groups and classes. They are retired, not deleted."""

    queryset = CareModel.objects.prefetch_related("versions").order_by("pk")
    serializer_class = CareModelSerializer
    filterset_class = ModelFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW,
        "retrieve": VIEW,
        **dict.fromkeys(("create", "partial_update", "retire", "restore"), EDIT),
    }

    @extend_schema(request=None, responses={200: CareModelSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Retire a model: it is in nobody's plan from today."""
        return self.answer(model_set_retired(model=self.get_object(), retired=True))

    @extend_schema(request=None, responses={200: CareModelSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Restore a retired model."""
        return self.answer(model_set_retired(model=self.get_object(), retired=False))


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
    goals = serializers.CharField(read_only=True, help_text="In the language of the user.")
    answer_target = serializers.SerializerMethodField()

    class Meta:
        model = ModelVersion
        fields = (
            "id", "version", "model", "number", "status", "goals", "goals_fi", "goals_en", "channels", "promise_hours",
            "answer_days", "answer_target", "justification", "based_on", "valid_from", "valid_to", "created_by",
            "proposed_by", "reviewed_by", "reviewed_at", "approved_by", "approved_at", "metrics", "created_at",
            "updated_at",
        )  # fmt: skip
        read_only_fields = (
            "number", "status", "based_on", "valid_from", "valid_to", "created_by", "proposed_by", "reviewed_by",
            "reviewed_at", "approved_by", "approved_at", "created_at", "updated_at",
        )  # fmt: skip

    @extend_schema_field({"type": "integer", "nullable": True})
    def get_answer_target(self, version: ModelVersion) -> int | None:
        """Return the working days in which a contact is answered: where treatment is equal, the same for all."""
        return answer_target(version, self._settings)

    @cached_property
    def _settings(self) -> CareSettings:
        return care_settings()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _fixed(self.instance, attrs, "model")
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
    valid_from = serializers.DateField(help_text="Today or a coming day.")


class CareOrderSerializer(VersionSerializer):
    actions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1), max_length=200,
        help_text="The ids of all actions of the version, each once, in their order.",
    )  # fmt: skip


STEP = {200: CareVersionSerializer, 409: ErrorSerializer}


class CareVersionViewSet(WriteViewSet):
    """Versions of care models. Only drafts are changed; each step is an action."""

    queryset = ModelVersion.objects.prefetch_related("metrics").select_related("model__team").order_by("pk")
    serializer_class = CareVersionSerializer
    filterset_class = VersionFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": EDIT,
        **dict.fromkeys(("partial_update", "destroy", "order"), "caremodels.edit_version"),
        "send": "caremodels.send_version",
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

    @extend_schema(request=CareCommentSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """Record that the account team has gone through the version, and send it to management."""
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


class ActionFilter(FilterSet):
    version = filters.ModelChoiceFilter(queryset=ModelVersion.objects.all())
    model = filters.ModelChoiceFilter(queryset=CareModel.objects.all(), field_name="version__model")
    code = filters.CharFilter()

    class Meta:
        model = CareAction
        fields: tuple[str, ...] = ()


class ResponsibleField(serializers.ListField):
    """Those who have an action, by their keys in order."""

    def to_representation(self, data: Any) -> list[str]:
        return [row.key for row in data.all()]


class CareActionSerializer(serializers.ModelSerializer[CareAction]):
    """An action of a version. ``responsible`` has keys in order: ``role:owner``, ``group:management``, ``team:5``."""

    responsible: Any = ResponsibleField(child=serializers.CharField(max_length=80), max_length=5)
    completed_by: Any = serializers.ListField(
        child=serializers.ChoiceField(choices=FulfilKind.choices), min_length=1, max_length=len(FulfilKind)
    )
    months: Any = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=12), required=False, max_length=MOST_MONTHS
    )
    types: Any = serializers.PrimaryKeyRelatedField(queryset=ActivityType.objects.all(), many=True, required=False)
    contact_role: Any = serializers.PrimaryKeyRelatedField(
        queryset=ClassificationNode.objects.select_related("branch"), required=False, allow_null=True
    )
    recipient_role: Any = serializers.PrimaryKeyRelatedField(
        queryset=ClassificationNode.objects.select_related("branch"), required=False, allow_null=True
    )
    selection: Any = VisibleRelatedField(queryset=Selection.objects.all(), required=False, allow_null=True)
    draft_version = serializers.IntegerField(
        write_only=True, required=False, min_value=0, max_value=2**31 - 1,
        help_text="The version of the draft as it was read. Refused (409) if the draft has changed since.",
    )  # fmt: skip
    model = serializers.IntegerField(source="version.model_id", read_only=True)
    words = serializers.SerializerMethodField()
    is_tracked = serializers.SerializerMethodField()

    class Meta:
        model = CareAction
        fields = (
            "id", "version", "model", "draft_version", "code", "name_fi", "name_en", "description_fi",
            "description_en", "scope", "completed_by", "types", "direction", "contact_role", "decision_maker_only",
            "minimum_minutes", "activity_type", "memo_fi", "memo_en", "frequency", "count", "unit", "months", "event",
            "delay", "selection", "quiet_days", "before", "after", "words", "is_tracked", "responsible",
            "recipient_role", "recipient_team", "place", "channel", "duration", "preparation", "travel",
            "is_mandatory", "is_contact", "is_shared", "order",
        )  # fmt: skip
        read_only_fields = ("order",)
        validators: ClassVar[list[Any]] = []  # the service refuses a code that is taken

    def get_words(self, row: CareAction) -> str:
        """How often it is due, in words."""
        return frequency_words(row)

    def get_is_tracked(self, row: CareAction) -> bool:
        """Whether an installed app can say when it is due and done."""
        return is_tracked(row)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _fixed(self.instance, attrs, "version")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> CareAction:
        return self._saved(CareAction(version=validated_data.pop("version")), validated_data)

    def update(self, instance: CareAction, validated_data: dict[str, Any]) -> CareAction:
        return self._saved(instance, validated_data)

    def _saved(self, row: CareAction, data: dict[str, Any]) -> CareAction:
        is_new, seen = row._state.adding, data.pop("draft_version", None)
        types = data.pop("types", [] if is_new else list(row.types.all()))
        responsible = data.pop("responsible", [] if is_new else [one.key for one in row.responsible.all()])
        for name, value in data.items():
            setattr(row, name, value)
        user = self.context["request"].user
        return action_save(action=row, types=types, responsible=responsible, user=user, seen=seen)


EDIT_ACTION = "caremodels.edit_action"


class CareActionViewSet(WriteViewSet):
    """Actions of care models. They are added to drafts and changed there; afterwards they stay as they are."""

    queryset = CareAction.objects.select_related("version").order_by("pk")
    serializer_class = CareActionSerializer
    filterset_class = ActionFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": EDIT,
        **dict.fromkeys(("partial_update", "destroy"), EDIT_ACTION),
    }

    def visible_rows(self) -> Any:
        return complete(super().visible_rows())

    def destroy(self, request: Request, pk: Any = None) -> Response:
        action_delete(action=self.get_object(), user=self.user)
        return Response(status=204)
