"""Endpoints of the annual clock and of internal events: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team, User
from activities.log.models import ActivityType
from careplans.caremodels.api import ResponsibleField
from careplans.caremodels.frequencies import frequency_words
from careplans.caremodels.selectors import complete
from careplans.clock.api_forms import ClockQuery, EventsQuery
from careplans.clock.listed import claimable_of, events_of
from careplans.clock.models import InternalAction
from careplans.clock.rows import Clock, Count
from careplans.clock.services.internal import internal_restore, internal_retire, internal_save
from careplans.clock.words import STATES
from core.api.errors import ErrorSerializer
from core.api.views import ActionsViewSet, VersionedSerializer, VersionSerializer, WriteViewSet
from core.filters import FilterSet, OneFieldFilter
from core.services import check_version, lock

VIEW, EDIT = "careclock.view_clock", "careclock.edit_internal"


class ClockCountSerializer(serializers.Serializer[Any]):
    """Times by state; what is coming and done already is done."""

    done = serializers.IntegerField()
    late = serializers.IntegerField()
    missed = serializers.IntegerField()
    coming = serializers.IntegerField()


class ClockMonthSerializer(ClockCountSerializer):
    month = serializers.IntegerField(min_value=1, max_value=12)


class ClockMarkSerializer(ClockMonthSerializer):
    is_planned = serializers.BooleanField(help_text="Whether the action is due in the month by its frequency.")


class ClockActionSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    code = serializers.CharField()
    what = serializers.CharField()
    who = serializers.CharField()
    to_whom = serializers.CharField()
    when = serializers.CharField()
    where = serializers.CharField()
    shape = serializers.CharField(help_text="months, rhythm (a ring of the wheel) or none (once, after an event).")
    direction = serializers.CharField(help_text="customer, internal or statutory.")
    is_mandatory = serializers.BooleanField()
    is_movable = serializers.BooleanField(help_text="Whether you may move it to another month.")
    marks = ClockMarkSerializer(many=True)


@extend_schema_serializer(many=False)
class AnnualClockSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    title = serializers.CharField()
    actions = ClockActionSerializer(many=True)
    months = ClockMonthSerializer(many=True)


def _count(count: Count) -> dict[str, int]:
    return {name: getattr(count, name) for name in STATES}


def clock_content(shown: Clock) -> dict[str, Any]:
    """Return a clock as the API has it."""
    return {
        "year": shown.year,
        "title": shown.title,
        "actions": [
            {
                **{name: getattr(row, name) for name in ("number", "code", "what", "who", "to_whom", "when", "where")},
                "shape": row.shape.value, "direction": row.scope, "is_mandatory": row.is_mandatory,
                "is_movable": row.is_movable,
                "marks": [
                    {"month": mark.month, "is_planned": mark.is_planned, **_count(mark.count)}
                    for mark in row.marks.values()
                ],
            }
            for row in shown.rows
        ],
        "months": [{"month": month, **_count(count)} for month, count in shown.months.items()],
    }  # fmt: skip


class AnnualClockViewSet(ActionsViewSet):
    """The annual clock: of all, or of one customer, one version of a care model, one team or unit."""

    queryset = InternalAction.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = AnnualClockSerializer
    rule_permissions: ClassVar[dict[str, str]] = {"list": VIEW}

    @extend_schema(
        parameters=[
            OpenApiParameter("year", int, description="The present year by default."),
            OpenApiParameter("customer", int),
            OpenApiParameter("care_model_version", int, description="A version of a care model."),
            OpenApiParameter("team", int, description="A team or unit."),
        ],
        responses={200: AnnualClockSerializer},
    )
    def list(self, request: Request) -> Response:
        """Return the clock of a year."""
        query = ClockQuery(request.query_params or None, user=self.user)
        return Response(AnnualClockSerializer(clock_content(query.clock())).data)


class InternalActionFilter(FilterSet):
    code = filters.CharFilter(max_length=60)
    in_use = OneFieldFilter("last", "isnull")

    class Meta:
        model = InternalAction
        fields: tuple[str, ...] = ()


class InternalActionSerializer(VersionedSerializer):
    """An internal event. ``responsible`` has keys in order: ``group:management``, ``team:5``; ``person`` comes first.

    One that has begun and is to be done at other times is another row from today on.
    """

    responsible: Any = ResponsibleField(child=serializers.CharField(max_length=80), max_length=5, required=False)
    person: Any = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    activity_type: Any = serializers.PrimaryKeyRelatedField(
        queryset=ActivityType.objects.filter(needs_customer=False), help_text="One that needs no customer."
    )
    recipient_team: Any = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.all(), required=False, allow_null=True
    )
    months: Any = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=12), required=False, max_length=12
    )
    words = serializers.SerializerMethodField()

    class Meta:
        model = InternalAction
        fields = (
            "id", "version", "code", "name_fi", "name_en", "description_fi", "description_en", "frequency", "count",
            "unit", "months", "before", "after", "words", "person", "responsible", "recipient_team", "place", "channel",
            "activity_type", "duration", "preparation", "travel", "memo_fi", "memo_en", "is_mandatory", "order",
            "first", "last", "ended_reason", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("last", "ended_reason", "created_at", "updated_at")
        validators: ClassVar[list[Any]] = []  # the service refuses a code that is taken

    def get_words(self, row: InternalAction) -> str:
        """How often it is due, in words."""
        return frequency_words(row)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in ("code", "first") if self.instance is not None and name in attrs]
        if given:
            raise serializers.ValidationError(dict.fromkeys(given, _("This can be given only when adding.")))
        return attrs

    def create(self, validated_data: dict[str, Any]) -> InternalAction:
        validated_data.pop("version", None)
        keys = validated_data.pop("responsible", [])
        return internal_save(action=InternalAction(**validated_data), responsible=keys)

    def update(self, instance: InternalAction, validated_data: dict[str, Any]) -> InternalAction:
        row: Any = lock(instance)
        seen = validated_data.pop("version", None)
        check_version(row, seen)
        keys = validated_data.pop("responsible", [one.key for one in row.responsible.all()])
        for name, value in validated_data.items():
            setattr(row, name, value)
        return internal_save(action=row, responsible=keys)


class RetireSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=1_000)


class InternalActionViewSet(WriteViewSet):
    """Internal events that come again without a customer. They are retired, not deleted."""

    queryset = InternalAction.objects.order_by("pk")
    serializer_class = InternalActionSerializer
    filterset_class = InternalActionFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW,
        "retrieve": VIEW,
        **dict.fromkeys(("create", "partial_update", "retire", "restore"), EDIT),
    }

    def visible_rows(self) -> Any:
        return complete(super().visible_rows())

    @extend_schema(request=RetireSerializer, responses={200: InternalActionSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Retire an event from today, with the reason: its open work is closed."""
        row, content = self.get_object(), self.content(RetireSerializer)
        check_version(row, content.get("version"))
        return self.answer(internal_retire(action=row, reason=content["reason"]))

    @extend_schema(request=None, responses={200: InternalActionSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Let a retired event continue from today."""
        return self.answer(internal_restore(action=self.get_object()))


class InternalOccurrenceSerializer(serializers.Serializer[Any]):
    event = serializers.IntegerField(source="action.pk")
    code = serializers.CharField(source="action.code")
    name = serializers.CharField(source="action.name")
    first = serializers.DateField(source="occurrence.first")
    due = serializers.DateField(source="occurrence.due")
    last = serializers.DateField(source="occurrence.last")
    state = serializers.CharField(help_text="done, late, missed or coming.")
    activity = serializers.SerializerMethodField()

    def get_activity(self, row: Any) -> int | None:
        """The activity that completed it, else the open one in a calendar."""
        found = row.activity or (row.work.activity if row.work else None)
        return found.pk if found else None


class InternalOccurrenceViewSet(ActionsViewSet):
    """The times of internal events in a year."""

    queryset = InternalAction.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = InternalOccurrenceSerializer
    rule_permissions: ClassVar[dict[str, str]] = {"list": VIEW}

    @extend_schema(
        parameters=[
            OpenApiParameter("year", int, description="The present year by default."),
            OpenApiParameter("month", int),
            OpenApiParameter("code", str),
            OpenApiParameter("state", str, enum=list(STATES)),
            OpenApiParameter("claim", bool, description="What waits on one's own lists, whatever the year."),
        ],
        responses={200: InternalOccurrenceSerializer(many=True)},
    )
    def list(self, request: Request) -> Response:
        """Return the times of a year, the earlier ones first."""
        query = EventsQuery(request.query_params or None)
        is_claimable = query.is_claimable
        rows = claimable_of(self.user) if is_claimable else events_of(self.user, query.year, **query.chosen)
        return Response(InternalOccurrenceSerializer(rows, many=True).data)
