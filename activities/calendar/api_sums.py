"""Endpoints of sums by person and day: the week of a team, and the hours of several people.

They are the figures of the pages *Team week* and *Hours*, with the same limit of people.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from activities.calendar.api import CalculatedViewSet
from activities.calendar.selectors.calendar import DAY, monday
from activities.calendar.selectors.hours import ZERO
from activities.calendar.selectors.hours_people import PersonHours, people_hours, people_of_page
from activities.calendar.selectors.team import MAX_PEOPLE, PersonSums, team_of, team_week, totals_of
from core.api.errors import ErrorSerializer
from core.exceptions import ParameterError
from core.numbers import parse_id
from core.parameters import asked_day

HOURS: dict[str, Any] = {"max_digits": 9, "decimal_places": 2}
IS_CUT = f"There are more than {MAX_PEOPLE} people; the first of them by name are here."
PARAMETERS = [
    OpenApiParameter("team", int, description="Default: one of the user's own teams, else the first one."),
    OpenApiParameter("week", dt.date, description="Any day of the week; default: this week."),
    OpenApiParameter("user", int, many=True, description="Only these people."),
]
ANSWERS_ERRORS = {400: ErrorSerializer}


class TeamDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField(source="date")
    entries = serializers.IntegerField(source="count", help_text="Activities and other events that begin on the day.")
    open = serializers.IntegerField(help_text="Those of them that are not done yet.")
    hours = serializers.DecimalField(allow_null=True, help_text="None: the reader may not see them.", **HOURS)


class TeamPersonSerializer(serializers.Serializer[PersonSums]):
    user = serializers.IntegerField(source="person.pk")
    name = serializers.CharField(source="person")
    entries = serializers.IntegerField(source="count")
    open_activities = serializers.IntegerField(
        source="unfinished", help_text="Late ones and those due by the end of the week."
    )
    overdue = serializers.IntegerField()
    overdue_two_weeks = serializers.IntegerField(source="stale")
    hours = serializers.DecimalField(allow_null=True, help_text="None: the reader may not see them.", **HOURS)
    target = serializers.DecimalField(allow_null=True, **HOURS)
    days = TeamDaySerializer(many=True)


@extend_schema_serializer(many=False)
class TeamWeekSerializer(serializers.Serializer[Any]):
    team = serializers.IntegerField(allow_null=True)
    week = serializers.DateField(help_text="The Monday of the week.")
    is_cut = serializers.BooleanField(help_text=IS_CUT)
    people = TeamPersonSerializer(many=True)
    totals = TeamDaySerializer(many=True)


class HoursDaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    hours = serializers.DecimalField(**HOURS)


class PersonHoursSerializer(serializers.Serializer[PersonHours]):
    user = serializers.IntegerField(source="person.pk")
    name = serializers.CharField(source="person")
    total = serializers.DecimalField(**HOURS)
    planned = serializers.DecimalField(**HOURS)
    target = serializers.DecimalField(allow_null=True, **HOURS)
    over_target = serializers.DecimalField(source="over", **HOURS)
    days = serializers.SerializerMethodField()

    @extend_schema_field(HoursDaySerializer(many=True))
    def get_days(self, row: PersonHours) -> Any:
        return _days(row.days, self.context["first"])


@extend_schema_serializer(many=False)
class HoursOfPeopleSerializer(serializers.Serializer[Any]):
    team = serializers.IntegerField(allow_null=True, help_text="None: all people whose hours the reader may see.")
    week = serializers.DateField(help_text="The Monday of the week.")
    is_cut = serializers.BooleanField(help_text=IS_CUT)
    total = serializers.DecimalField(**HOURS)
    days = HoursDaySerializer(many=True, help_text="The sums of all people.")
    people = PersonHoursSerializer(many=True)


class SumsViewSet(CalculatedViewSet):
    """Sums of a week by person: its parameters."""

    @property
    def first(self) -> dt.date:
        return monday(asked_day(self.request._request, "week"))

    @property
    def team_asked(self) -> str:
        return str(self.request.query_params.get("team", ""))

    def people_asked(self) -> set[int]:
        """Return the ids of ``?user=``. Raise ParameterError if one is not an id."""
        asked = self.request.query_params.getlist("user")
        found = {parse_id(text) for text in asked}
        if None in found:
            raise ParameterError({"user": _("There is no such person (user).")})
        return {pk for pk in found if pk}

    def narrowed(self, rows: list[Any]) -> list[Any]:
        """Return the rows of the people asked for. Raise ParameterError if somebody is not among them."""
        asked = self.people_asked()
        found = [row for row in rows if row.person.pk in asked] if asked else rows
        if len(found) < len(asked):
            raise ParameterError({"user": _("There is no such person (user).")})
        return found


class TeamWeekViewSet(SumsViewSet):
    """The week of a team: entries and hours by person and day."""

    serializer_class = TeamWeekSerializer

    @extend_schema(
        operation_id="team_week_list", parameters=PARAMETERS, responses={200: TeamWeekSerializer, **ANSWERS_ERRORS}
    )
    def list(self, request: Request) -> Response:
        """Return the sums of the team's members. Hours are only those that the reader may see."""
        first, team = self.first, team_of(self.user, self.team_asked)
        if team is None and self.team_asked:
            raise ParameterError({"team": _("There is no such team.")})
        members, number = team_week(self.user, team, first) if team else ([], 0)
        people = self.narrowed(members)
        content = {
            "team": team.pk if team else None,
            "week": first,
            "is_cut": number > len(members),
            "people": people,
            "totals": totals_of(people, first),
        }
        return Response(TeamWeekSerializer(content).data)


class HoursOfPeopleViewSet(SumsViewSet):
    """Hours of a week by person and day, of the people with hours that the reader may see."""

    serializer_class = HoursOfPeopleSerializer
    rule_permissions: ClassVar[dict[str, str]] = {"list": "calendar.view_hours"}

    @extend_schema(
        operation_id="hours_people_list",
        parameters=[
            OpenApiParameter("team", int, description="Default: everybody, if they fit; else one team."),
            *PARAMETERS[1:],
        ],
        responses={200: HoursOfPeopleSerializer, **ANSWERS_ERRORS},
    )
    def list(self, request: Request) -> Response:
        """Return the sums of each person and of all of them."""
        first = self.first
        team, people, number = people_of_page(self.user, self.team_asked)
        if team is None and self.team_asked:
            raise ParameterError({"team": _("There is no such team.")})
        rows = self.narrowed(people_hours(people, first))
        sums = [sum((row.days[number] for row in rows), ZERO) for number in range(7)]
        content = {
            "team": team.pk if team else None,
            "week": first,
            "is_cut": number > len(people),
            "total": sum(sums, ZERO),
            "days": _days(sums, first),
            "people": rows,
        }
        return Response(HoursOfPeopleSerializer(content, context={"first": first}).data)


def _days(hours: list[Decimal], first: dt.date) -> list[dict[str, Any]]:
    rows = [{"day": first + number * DAY, "hours": one} for number, one in enumerate(hours)]
    return list(HoursDaySerializer(rows, many=True).data)
