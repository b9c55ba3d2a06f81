"""Endpoints of the calendar and the hours, with the queries of the pages."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from activities.calendar.forms.calendar import FeedQuery
from activities.calendar.selectors.calendar import calendar_events, monday
from activities.calendar.selectors.hours import last_weeks, week_hours
from activities.calendar.sources import CalendarEvent
from activities.calendar.views.calendar import asked_day
from activities.log.models import Activity
from core.api.errors import ErrorSerializer
from core.api.views import ActionsViewSet
from core.numbers import parse_id
from core.permissions import allowed


class EventSerializer(serializers.Serializer[CalendarEvent]):
    id = serializers.CharField(source="key")
    title = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField(help_text="Without an end of the activity: by the usual length of its type.")
    has_end = serializers.BooleanField()
    type = serializers.CharField(source="kind")
    customer = serializers.CharField()
    goal = serializers.CharField()
    place = serializers.CharField()
    status = serializers.CharField()
    is_overdue = serializers.BooleanField()
    is_recurring = serializers.BooleanField()
    may_move = serializers.SerializerMethodField()
    people = serializers.ListField(child=serializers.IntegerField())
    version = serializers.IntegerField()
    url = serializers.CharField()

    def get_may_move(self, event: CalendarEvent) -> bool:
        return bool(event.move_url)


@extend_schema_serializer(many=False)
class EventsSerializer(serializers.Serializer[Any]):
    is_cut = serializers.BooleanField(help_text="There are more events than can be returned at once.")
    results = EventSerializer(many=True)


class DaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    hours = serializers.DecimalField(max_digits=9, decimal_places=2)
    planned = serializers.DecimalField(max_digits=9, decimal_places=2)


class RowSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(source="type.code")
    customer = serializers.SerializerMethodField(help_text="None: other customer work, or an inactive customer.")
    total = serializers.DecimalField(max_digits=9, decimal_places=2)
    days = DaySerializer(source="cells", many=True)

    def get_customer(self, row: Any) -> int | None:
        user = self.context["request"].user
        is_seen = row.customer and (not row.customer.is_passive or user.has_perm("customers.manage_passive"))
        return row.customer.pk if is_seen else None


class WeekSumSerializer(serializers.Serializer[Any]):
    week = serializers.DateField(source="first")
    hours = serializers.DecimalField(max_digits=9, decimal_places=2)
    planned = serializers.DecimalField(max_digits=9, decimal_places=2)


@extend_schema_serializer(many=False)
class HoursSerializer(serializers.Serializer[Any]):
    user = serializers.IntegerField(source="person.pk")
    week = serializers.DateField(source="first")
    total = serializers.DecimalField(max_digits=9, decimal_places=2)
    planned = serializers.DecimalField(max_digits=9, decimal_places=2)
    target = serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True)
    rows = RowSerializer(many=True)
    weeks = serializers.SerializerMethodField()

    @extend_schema_field(WeekSumSerializer(many=True))
    def get_weeks(self, week: Any) -> Any:
        return WeekSumSerializer(last_weeks(week.person, week.first), many=True).data


class CalculatedViewSet(ActionsViewSet):
    rule_permissions: ClassVar[dict[str, str]] = {"list": "activities.view_activity"}
    queryset = Activity.objects.none()
    filter_backends = ()
    pagination_class = None


MANY: dict[str, Any] = {"type": int, "many": True}


class CalendarViewSet(CalculatedViewSet):
    """Events of people between two times, at most 62 days and 2,000 activities."""

    serializer_class = EventsSerializer

    @extend_schema(
        operation_id="calendar_list",
        parameters=[
            OpenApiParameter("start", OpenApiTypes.STR, required=True),
            OpenApiParameter("end", OpenApiTypes.STR, required=True),
            OpenApiParameter("user", **MANY),
            OpenApiParameter("team", **MANY),
            OpenApiParameter("type", **MANY),
            OpenApiParameter("status", str, many=True),
        ],
        responses={200: EventsSerializer, 400: ErrorSerializer},
    )
    def list(self, request: Request) -> Response:
        """Return the activities of the user, or of the given users and teams, in order of time."""
        query = FeedQuery(request.query_params, user=self.user)
        if not query.is_valid():
            raise serializers.ValidationError(
                {name: [str(error) for error in errors] for name, errors in query.errors.items()}
            )
        events, is_cut = calendar_events(self.user, query.people(), query.window, **query.filters())
        return Response(EventsSerializer({"is_cut": is_cut, "results": events}).data)


class HoursViewSet(CalculatedViewSet):
    """Sums of hours by week."""

    serializer_class = HoursSerializer

    @extend_schema(
        operation_id="hours_list",
        parameters=[
            OpenApiParameter("week", dt.date, description="Any day of the week; default: this week."),
            OpenApiParameter("user", int, description="Default: the user of the API key."),
        ],
        responses={200: HoursSerializer, 404: ErrorSerializer},
    )
    def list(self, request: Request) -> Response:
        """Return a week of a person by type, customer and day, and the sums of twelve weeks."""
        person = self._person()
        if not allowed(self.user, "calendar.view_hours", person):
            raise PermissionDenied
        week = week_hours(person, monday(asked_day(request._request, "week")))
        return Response(HoursSerializer(week, context=self.get_serializer_context()).data)

    def _person(self) -> User:
        pk = self.request.query_params.get("user", "")
        if not pk:
            return self.user
        person = User.objects.visible_to(self.user).filter(pk=parse_id(pk) or 0).first()
        if person is None:
            raise Http404
        return person
