"""Endpoints of schemes, segments with their goals, and reasons: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ErrorSerializer
from core.api.views import VersionedSerializer, WriteViewSet
from core.services import check_version, lock
from segmentation.schemes.filters import SchemeFilter, SegmentFilter
from segmentation.schemes.models import Scheme, Segment, SegmentGoal
from segmentation.schemes.permissions import visible_goals
from segmentation.schemes.services.schemes import (
    scheme_add,
    scheme_change,
    scheme_make_primary,
    scheme_set_retired,
    segment_add,
    segment_change,
    segment_set_retired,
)

VIEW, EDIT = "schemes.view_scheme", "schemes.edit_scheme"
FIXED = _("This can be given only when adding.")


def _fixed(instance: Any, attrs: dict[str, Any], *names: str) -> None:
    """Refuse what is set when a row is added and never changed."""
    late = {name for name in names if instance and name in attrs and attrs[name] != getattr(instance, name)}
    if late:
        raise serializers.ValidationError(dict.fromkeys(sorted(late), FIXED))


class SchemeSerializer(VersionedSerializer):
    class Meta:
        model = Scheme
        fields = (
            "id", "version", "code", "name_fi", "name_en", "description", "order", "is_primary", "is_exclusive",
            "is_automatic", "feeds_care_models", "value_mode", "minimum_known", "default_segment", "lead_segment",
            "retired_at",
        )  # fmt: skip
        read_only_fields = ("order", "is_primary", "retired_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _fixed(self.instance, attrs, "code", "is_exclusive")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Scheme:
        validated_data.pop("version", None)
        return scheme_add(scheme=Scheme(**validated_data))

    def update(self, instance: Scheme, validated_data: dict[str, Any]) -> Scheme:
        scheme = lock(instance)
        check_version(scheme, validated_data.pop("version", None))
        for name, value in validated_data.items():
            setattr(scheme, name, value)
        return scheme_change(scheme=scheme)


class GoalSerializer(serializers.ModelSerializer[SegmentGoal]):
    class Meta:
        model = SegmentGoal
        fields = ("id", "year", "kind", "target", "note")


class SegmentSerializer(VersionedSerializer):
    """A segment; ``setters`` and ``approvers`` are groups. The code cannot be changed.

    What loosens a segment that needs approval (no approval, a higher limit, other approvers) waits for its approvers.
    """

    goals = GoalSerializer(many=True, read_only=True)

    class Meta:
        model = Segment
        fields = (
            "id", "version", "scheme", "code", "name_fi", "name_en", "short_fi", "short_en", "colour", "order",
            "description", "contact_days", "setters", "needs_approval", "approvers", "limit", "minimum_days",
            "longest_days", "counts_as_growing", "responsible", "team", "goals", "retired_at",
        )  # fmt: skip
        read_only_fields = ("order", "retired_at")
        extra_kwargs = {"setters": {"required": False}, "approvers": {"required": False}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _fixed(self.instance, attrs, "code", "scheme")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Segment:
        validated_data.pop("version", None)
        groups = {name: validated_data.pop(name, ()) for name in ("setters", "approvers")}
        return segment_add(segment=Segment(**validated_data), **groups)

    def update(self, instance: Segment, validated_data: dict[str, Any]) -> Segment:
        segment = lock(instance)
        check_version(segment, validated_data.pop("version", None))
        groups = {name: validated_data.pop(name, None) for name in ("setters", "approvers")}
        for name, value in validated_data.items():
            setattr(segment, name, value)
        segment_change(segment=segment, user=self.context["request"].user, **groups)
        return segment


RULES: dict[str, str] = {
    "list": VIEW,
    "retrieve": VIEW,
    **dict.fromkeys(("create", "partial_update", "retire", "restore", "make_primary"), EDIT),
}


class SchemeViewSet(WriteViewSet):
    """Schemes of segmentation. They are retired, not deleted."""

    queryset = Scheme.objects.order_by("pk")
    serializer_class = SchemeSerializer
    filterset_class = SchemeFilter
    rule_permissions: ClassVar[dict[str, str]] = RULES

    @extend_schema(request=None, responses={200: SchemeSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        return self.answer(scheme_set_retired(scheme=self.get_object(), retired=True))

    @extend_schema(request=None, responses={200: SchemeSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        return self.answer(scheme_set_retired(scheme=self.get_object(), retired=False))

    @extend_schema(request=None, responses={200: SchemeSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="make-primary")
    def make_primary(self, request: Request, pk: str) -> Response:
        """Make it the scheme that “segment” means everywhere."""
        return self.answer(scheme_make_primary(scheme=self.get_object()))


class SegmentViewSet(WriteViewSet):
    """Segments of all schemes. They are retired, not deleted."""

    queryset = Segment.objects.prefetch_related("setters", "approvers").order_by("pk")
    serializer_class = SegmentSerializer
    filterset_class = SegmentFilter
    rule_permissions: ClassVar[dict[str, str]] = RULES

    def visible_rows(self) -> Any:
        return super().visible_rows().prefetch_related(Prefetch("goals", visible_goals(self.user)))

    @extend_schema(request=None, responses={200: SegmentSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        return self.answer(segment_set_retired(segment=self.get_object(), retired=True))

    @extend_schema(request=None, responses={200: SegmentSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        return self.answer(segment_set_retired(segment=self.get_object(), retired=False))
