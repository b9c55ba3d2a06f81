"""Endpoint of capacity: the same figures, choice and rules as the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from careplans.caremodels.workload import Row
from careplans.following.capacity import capacity_of, coming_weeks
from careplans.following.capacity_forms import CapacityForm
from careplans.following.models import CareOccurrence
from core import clock
from core.api.views import ActionsViewSet

TEAM = OpenApiParameter(
    "team", int, description="A team or unit; empty: oneself and own people. Without it the team that one leads."
)  # fmt: skip


class CapacityWeekSerializer(serializers.Serializer[Any]):
    """A week of somebody; ``percent`` is rounded up, empty where there is no working time."""

    monday = serializers.DateField()
    hours = serializers.DecimalField(max_digits=12, decimal_places=2)
    available = serializers.DecimalField(max_digits=12, decimal_places=2)
    percent = serializers.IntegerField(allow_null=True)
    is_overload = serializers.BooleanField()


class CapacityRowSerializer(serializers.Serializer[Any]):
    user = serializers.IntegerField()
    name = serializers.CharField()
    first_overload = serializers.DateField(allow_null=True, help_text="The Monday of the first week over 100 %.")
    weeks = CapacityWeekSerializer(many=True)


@extend_schema_serializer(many=False)
class CapacitySerializer(serializers.Serializer[Any]):
    total = CapacityWeekSerializer(many=True)
    rows = CapacityRowSerializer(many=True)


def _weeks(row: Row, weeks: Sequence[dt.date]) -> list[dict[str, Any]]:
    loads = [(week, row.load(week)) for week in weeks]
    return [
        {
            "monday": week, "hours": Decimal(float(load.hours)), "available": Decimal(float(load.available)),
            "percent": load.percent, "is_overload": load.is_overload,
        }
        for week, load in loads
    ]  # fmt: skip


class CapacityViewSet(ActionsViewSet):
    """Capacity of people in the coming weeks."""

    queryset = CareOccurrence.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = CapacitySerializer
    rule_permissions: ClassVar[dict[str, str]] = {"list": "carefollow.view_adherence"}

    @extend_schema(parameters=[TEAM], responses={200: CapacitySerializer})
    def list(self, request: Request) -> Response:
        """Return hours and working time of people by week, this one and those after it."""
        form = CapacityForm(request.query_params if "team" in request.query_params else None, user=self.user)
        people, weeks = form.people(), coming_weeks(clock.today())
        if form.errors:
            raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
        found = capacity_of(self.user, people, weeks)
        rows = [
            {
                "user": person.pk, "name": row.label, "first_overload": row.first_over(weeks),
                "weeks": _weeks(row, weeks),
            }
            for person, row in zip(people, found.rows, strict=True)
        ]  # fmt: skip
        content = {"total": _weeks(found.total, weeks), "rows": rows}
        return Response(CapacitySerializer(content).data)
