"""Endpoints of absences: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from careplans.work.filters import AbsenceFilter
from careplans.work.models import Absence, AbsenceKind
from careplans.work.services.absences import CONTENT, absence_add, absence_change, absence_delete, absence_restore
from core.api.errors import ErrorSerializer
from core.api.fields import DaysMixin
from core.api.views import VersionedSerializer, WriteViewSet

VIEW, EDIT = "carework.view_absence", "carework.edit_absence"


class AbsenceSerializer(DaysMixin, VersionedSerializer):
    """Whole days on which a person is away. ``kind`` and ``note`` are empty for those that they do not concern."""

    person: Any = serializers.PrimaryKeyRelatedField(queryset=User.objects.all())
    kind: Any = serializers.SlugRelatedField(slug_field="code", queryset=AbsenceKind.objects.all())
    substitute: Any = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.all(), required=False, allow_null=True
    )  # fmt: skip

    class Meta:
        model = Absence
        fields = ("id", "version", "person", "first", "last", "kind", "substitute", "note", "created_at", "updated_at")
        read_only_fields = ("created_at", "updated_at")
        validators: ClassVar[list[Any]] = []  # the service refuses

    def to_representation(self, instance: Any) -> dict[str, Any]:
        data: dict[str, Any] = super().to_representation(instance)
        return data if instance.is_told else {**data, "kind": "", "note": ""}

    def create(self, validated_data: dict[str, Any]) -> Absence:
        validated_data.pop("version", None)
        return absence_add(absence=Absence(**validated_data), user=self.context["request"].user)

    def update(self, instance: Absence, validated_data: dict[str, Any]) -> Absence:
        seen = validated_data.pop("version", None)
        person = validated_data.get("person", instance.person)
        if person != instance.person:
            raise serializers.ValidationError({"person": _("It stays as it was entered.")})
        changes = {name: validated_data[name] for name in CONTENT if name in validated_data}
        return absence_change(absence=instance, changes=changes, user=self.context["request"].user, version=seen)


class AbsenceViewSet(WriteViewSet):
    """Absences of people. One that was deleted can be restored."""

    queryset = Absence.objects.select_related("person", "kind").order_by("pk")
    serializer_class = AbsenceSerializer
    filterset_class = AbsenceFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": "carework.add_absence",
        **dict.fromkeys(("partial_update", "destroy", "restore"), EDIT),
    }

    def visible_rows(self) -> Any:
        rows: Any = self.queryset.told(self.user)
        return rows if self.action == "restore" else rows.visible_to(self.user)

    def destroy(self, request: Request, pk: Any = None) -> Response:
        absence_delete(absence=self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses={200: AbsenceSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Bring a deleted absence back."""
        return self.answer(absence_restore(absence=self.get_object()))
