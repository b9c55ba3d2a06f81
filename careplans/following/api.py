"""Endpoint of adherence: the same figures, filters and rules as the page."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from careplans.adherence.figures import Figures
from careplans.following.adherence import FIELDS, Query, figures_by, paces_by, reach_in, total_of
from careplans.following.enums import GroupBy, Part, Period
from careplans.following.forms import AdherenceForm
from careplans.following.labels import labels_of
from careplans.following.models import CareOccurrence
from core import clock
from core.api.views import ActionsViewSet

NUMBERS = ("planned", "due", "done", "late", "missed", "coming", "already_done", "scheduled", "adherence")
_ROWS = ("customer", "owner", "team", "unit", "segment", "group", "care_model")
PARAMETERS = [
    OpenApiParameter("by", str, enum=GroupBy.values, description="What the rows are; segments by default."),
    OpenApiParameter("period", str, enum=Period.values, description="This year by default."),
    OpenApiParameter("first", str, description="The first day, for own dates."),
    OpenApiParameter("last", str, description="The last day, for own dates."),
    OpenApiParameter("part", str, enum=Part.values, description="Mandatory actions toward customers by default."),
    *(OpenApiParameter(name, int if name in _ROWS else str) for name in FIELDS),
]


class AdherenceNumbersSerializer(serializers.Serializer[Any]):
    """Numbers of occurrences; ``adherence`` is done ÷ due in whole per cent, empty where nothing was due."""

    planned = serializers.IntegerField()
    due = serializers.IntegerField(help_text="Expected to be done by now.")
    done = serializers.IntegerField()
    late = serializers.IntegerField()
    missed = serializers.IntegerField()
    coming = serializers.IntegerField()
    already_done = serializers.IntegerField()
    scheduled = serializers.IntegerField()
    adherence = serializers.IntegerField(allow_null=True)


class AdherenceRowSerializer(AdherenceNumbersSerializer):
    key = serializers.CharField(help_text="An id or a code; user:5, team:3, role:deputy or empty for who has it.")
    name = serializers.CharField()
    behind = serializers.IntegerField()
    on_schedule = serializers.IntegerField()
    ahead = serializers.IntegerField()


class AdherenceReachSerializer(serializers.Serializer[Any]):
    customers = serializers.IntegerField()
    reached = serializers.IntegerField()
    percent = serializers.IntegerField(allow_null=True)


@extend_schema_serializer(many=False)
class AdherenceSerializer(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    total = AdherenceNumbersSerializer()
    former = AdherenceNumbersSerializer(help_text="The period before.")
    reach = AdherenceReachSerializer(allow_null=True)
    rows = AdherenceRowSerializer(many=True)


def numbers_of(figures: Figures) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in NUMBERS}


def _rows(query: Query) -> list[dict[str, Any]]:
    found, (paces, _total) = figures_by(query), paces_by(query)
    labels = labels_of(query, found)
    return [
        {
            "key": "" if key is None else str(key), "name": str(labels[key]), **numbers_of(figures),
            **{name: paces.get(key, {}).get(name, 0) for name in ("behind", "on_schedule", "ahead")},
        }
        for key, figures in found.items()
    ]  # fmt: skip


class AdherenceViewSet(ActionsViewSet):
    """Adherence of care plans by row and period."""

    queryset = CareOccurrence.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = AdherenceSerializer
    rule_permissions: ClassVar[dict[str, str]] = {"list": "carefollow.view_adherence"}

    @extend_schema(parameters=PARAMETERS, responses={200: AdherenceSerializer})
    def list(self, request: Request) -> Response:
        """Return the figures of a period, this year unless another is given."""
        data: Any = {key: value for key, value in request.query_params.items() if value}
        form = AdherenceForm(data or None, user=self.user)
        query = form.query()
        if query is None:
            raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
        rows = figures_by(query)
        content = {
            "first": query.first, "last": query.last, "total": numbers_of(total_of(rows)),
            "former": numbers_of(total_of(figures_by(query.former))), "reach": reach_in(query, clock.today()),
            "rows": _rows(query),
        }  # fmt: skip
        return Response(AdherenceSerializer(content).data)
