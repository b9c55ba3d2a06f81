"""Endpoints of care models, their versions and actions: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.log.models import ActivityType
from careplans.caremodels.enums import FulfilKind
from careplans.caremodels.frequencies import frequency_words, is_tracked
from careplans.caremodels.models import CareAction, CareModel, ModelVersion
from careplans.caremodels.selectors import complete
from careplans.caremodels.services.actions import action_delete, action_save
from careplans.caremodels.services.models import (
    model_add,
    model_change,
    model_set_retired,
)
from core.api.errors import ErrorSerializer
from core.api.fields import DaysMixin, VisibleRelatedField
from core.api.views import VersionedSerializer, WriteViewSet
from core.filters import FilterSet, OneFieldFilter
from core.services import check_version, lock
from customers.models import ClassificationNode
from customers.selections.models import Selection
from segmentation.schemes.models import Segment

VIEW, EDIT = "caremodels.view_models", "caremodels.edit_model"
MOST_MONTHS = 12


def fixed(instance: Any, attrs: dict[str, Any], *names: str) -> None:
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
        fixed(self.instance, attrs, "code", "segment", "node", "justification")
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


class CareActionSerializer(DaysMixin, serializers.ModelSerializer[CareAction]):
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

    def validate_completed_by(self, kinds: list[str]) -> list[str]:
        """Take each kind once, in the order in which they were given."""
        return list(dict.fromkeys(kinds))

    def validate_months(self, months: list[int]) -> list[int]:
        """Take each month once, in the order of the year."""
        return sorted(set(months))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        fixed(self.instance, attrs, "version")
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
