"""One's own reminder of an activity."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.models import Activity, Reminder
from activities.services.reminders import reminder_set
from crm.api.errors import ErrorSerializer
from crm.api.views import VisibleViewSet

LONGEST = 60 * 24 * 28


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
        """One's own reminder; POST sets it, ``{"minutes": null}`` takes it away."""
        activity: Activity = self.get_object()
        if request.method == "POST":
            reminder_set(activity=activity, user=self.user, minutes=self.content(ReminderSerializer)["minutes"])
        kept = activity.reminders.filter(user=self.user).first()
        return Response(
            {
                "minutes": kept.minutes_before if kept else None,
                "due_at": kept.due_at if kept else None,
                "sent_at": kept.sent_at if kept else None,
            }
        )
