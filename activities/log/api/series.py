"""Endpoints of reminders and recurring activities, mixed into the endpoint of activities."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from activities.log.models import Activity, Reminder
from activities.log.recurrence.rules import MAX_LEFT_OUT
from activities.log.selectors import rule_words
from activities.log.services.effects import reminder_set
from activities.log.services.series import series_make
from activities.log.services.series_changes import occurrence_skip, series_change, series_end
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import VersionSerializer, VisibleViewSet
from customers.models import Contact

LONGEST = 60 * 24 * 28
RULE = _("RFC 5545, such as FREQ=WEEKLY;BYDAY=MO.")


class ReminderSerializer(serializers.Serializer[Reminder]):
    minutes = serializers.IntegerField(min_value=0, max_value=LONGEST, allow_null=True, help_text="Before the start.")
    due_at = serializers.DateTimeField(read_only=True, allow_null=True)
    sent_at = serializers.DateTimeField(read_only=True, allow_null=True)


class ReminderActions(VisibleViewSet):
    """The endpoint ``reminder`` of an activity."""

    rules: ClassVar[dict[str, str]] = {"reminder": "activities.view_activity"}

    @extend_schema(request=ReminderSerializer, responses={200: ReminderSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["get", "post"])
    def reminder(self, request: Request, pk: str | None = None) -> Response:
        """The user's own reminder; POST sets it, ``{"minutes": null}`` deletes it."""
        activity: Activity = self.get_object()
        if request.method == "POST":
            reminder_set(activity=activity, user=self.user, minutes=self.content(ReminderSerializer)["minutes"])
        reminder = activity.reminders.filter(user=self.user).first()
        return Response(
            {
                "minutes": reminder.minutes_before if reminder else None,
                "due_at": reminder.due_at if reminder else None,
                "sent_at": reminder.sent_at if reminder else None,
            }
        )


class RecurrenceSerializer(serializers.Serializer[Any]):
    rrule = serializers.CharField(max_length=300, help_text=RULE)
    exdates = serializers.ListField(
        child=serializers.DateField(), required=False, max_length=MAX_LEFT_OUT, help_text=_("Dates to leave out.")
    )


class SeriesSerializer(serializers.Serializer[Any]):
    """A series: its rule, the same in words, the days that are left out, and whether it has ended."""

    id = serializers.IntegerField()
    rrule = serializers.CharField(source="rule")
    words = serializers.SerializerMethodField()
    exdates = serializers.ListField(source="left_out", child=serializers.DateField())
    start = serializers.DateTimeField()
    time_zone = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)

    def get_words(self, series: Any) -> str:
        return rule_words(series)


class SeriesChangeSerializer(VersionSerializer):
    """The changes; fields that are left out stay."""

    scope = serializers.ChoiceField(choices=["following", "all"], default="following")
    rrule = serializers.CharField(max_length=300, required=False, allow_blank=True, default="", help_text=RULE)
    title = serializers.CharField(max_length=200, required=False)
    goal = serializers.CharField(max_length=500, required=False, allow_blank=True)
    place = serializers.CharField(max_length=200, required=False, allow_blank=True)
    at = serializers.TimeField(required=False, help_text=_("Time of day."))
    minutes = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=60 * 24 * 7)
    participants = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), many=True, required=False)
    contacts = VisibleRelatedField(queryset=Contact.objects.all(), many=True, required=False)


class ResultSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()
    made = serializers.IntegerField()
    removed = serializers.IntegerField()
    kept = serializers.IntegerField()


class SeriesActions(VisibleViewSet):
    """Actions on the series of an activity."""

    rules: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("repeat", "change_series", "end_series", "skip"), "activities.edit_activity"),
    }

    @extend_schema(request=RecurrenceSerializer, responses={200: SeriesSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def repeat(self, request: Request, pk: str | None = None) -> Response:
        """Make the activity the first of a series; occurrences are made for a year ahead."""
        activity, content = self.get_object(), self.content(RecurrenceSerializer)
        series = series_make(
            activity=activity, user=self.user, rule=content["rrule"], without=content.get("exdates", ())
        )
        return Response(SeriesSerializer(series).data)

    @extend_schema(request=SeriesChangeSerializer, responses={200: ResultSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="change-series")
    def change_series(self, request: Request, pk: str | None = None) -> Response:
        """Change this and following occurrences, or all coming ones. Those changed separately keep their values."""
        activity, content = self.get_object(), self.content(SeriesChangeSerializer)
        rule, version, scope = content.pop("rrule"), content.pop("version", None), content.pop("scope")
        done = series_change(
            activity=activity, user=self.user, changes=content, rule=rule, whole=scope == "all", version=version
        )
        return Response(ResultSerializer(done).data)

    @extend_schema(request=None, responses={200: ResultSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="end-series")
    def end_series(self, request: Request, pk: str | None = None) -> Response:
        """Make the activity the last of its series."""
        return Response(ResultSerializer(series_end(activity=self.get_object(), user=self.user)).data)

    @extend_schema(request=None, responses={204: None, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str | None = None) -> Response:
        """Leave one occurrence out of its series, for good."""
        occurrence_skip(activity=self.get_object(), user=self.user)
        return Response(status=204)
