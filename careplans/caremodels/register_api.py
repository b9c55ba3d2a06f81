"""Endpoints of statutory tasks, which administrators keep, and of terms: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from careplans.caremodels.api import VIEW, CareActionSerializer
from careplans.caremodels.models import StatutoryTask, Term
from careplans.caremodels.selectors import complete
from careplans.caremodels.services.registers import statutory_save, statutory_set_retired, term_delete, term_save
from core.api.errors import ErrorSerializer
from core.api.fields import DaysMixin, VersionField
from core.api.views import VersionedSerializer, WriteViewSet
from core.filters import FilterSet, OneFieldFilter
from core.services import check_version

EDIT_TASKS, EDIT_TERMS = "caremodels.edit_statutory", "caremodels.edit_settings"
#: What an action of a model says that a statutory task does not.
OF_MODELS = frozenset({"version", "model", "draft_version", "scope", "is_mandatory", "order"})


class TaskFilter(FilterSet):
    in_use = OneFieldFilter("retired_at", "isnull")
    code = filters.CharFilter()

    class Meta:
        model = StatutoryTask
        fields: tuple[str, ...] = ()


class ActionRowSerializer(CareActionSerializer):
    """An action outside the versions of care models."""

    draft_version: Any = None
    model: Any = None
    version = VersionField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs

    def _saved(self, row: Any, data: dict[str, Any]) -> Any:
        is_new, seen = row._state.adding, data.pop("version", None)
        types = data.pop("types", [] if is_new else list(row.types.all()))
        responsible = data.pop("responsible", [] if is_new else [one.key for one in row.responsible.all()])
        for name, value in data.items():
            setattr(row, name, value)
        return self.keep(row, types=types, responsible=responsible, seen=seen)

    def keep(self, row: Any, **about: Any) -> Any:
        """Save a row by its service."""
        raise NotImplementedError


class StatutoryTaskSerializer(ActionRowSerializer):
    """A task that the law asks for, the same for every customer. ``responsible`` has keys, as of care actions."""

    class Meta:
        model = StatutoryTask
        fields = (
            "id", "version", *(name for name in CareActionSerializer.Meta.fields[1:] if name not in OF_MODELS),
            "basis", "order", "retired_at",
        )  # fmt: skip
        read_only_fields = ("retired_at",)
        validators: ClassVar[list[Any]] = []

    def create(self, validated_data: dict[str, Any]) -> Any:
        return self._saved(StatutoryTask(), validated_data)

    def keep(self, row: Any, **about: Any) -> Any:
        return statutory_save(task=row, **about)


class StatutoryTaskViewSet(WriteViewSet):
    """Statutory tasks. They are retired, not deleted."""

    queryset = StatutoryTask.objects.order_by("pk")
    serializer_class = StatutoryTaskSerializer
    filterset_class = TaskFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW, "retrieve": VIEW,
        **dict.fromkeys(("create", "partial_update", "retire", "restore"), EDIT_TASKS),
    }  # fmt: skip

    def visible_rows(self) -> Any:
        return complete(super().visible_rows())

    @extend_schema(request=None, responses={200: StatutoryTaskSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Retire a task: it is in nobody's plan any more."""
        return self.answer(statutory_set_retired(task=self.get_object(), retired=True))

    @extend_schema(request=None, responses={200: StatutoryTaskSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Restore a retired task."""
        return self.answer(statutory_set_retired(task=self.get_object(), retired=False))


class TermSerializer(DaysMixin, VersionedSerializer):
    """A term with its first and last day. Days that have passed stay."""

    class Meta:
        model = Term
        fields = ("id", "version", "name_fi", "name_en", "first", "last")
        validators: ClassVar[list[Any]] = []

    def create(self, validated_data: dict[str, Any]) -> Term:
        validated_data.pop("version", None)
        return term_save(term=Term(**validated_data))

    def update(self, instance: Term, validated_data: dict[str, Any]) -> Term:
        check_version(instance, validated_data.pop("version", None))
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return term_save(term=instance)


class TermViewSet(WriteViewSet):
    """Terms. One that has begun is not deleted."""

    queryset = Term.objects.order_by("pk")
    serializer_class = TermSerializer
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW, "retrieve": VIEW, **dict.fromkeys(("create", "partial_update", "destroy"), EDIT_TERMS),
    }  # fmt: skip

    def destroy(self, request: Request, pk: Any = None) -> Response:
        term_delete(term=self.get_object())
        return Response(status=204)
