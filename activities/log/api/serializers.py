"""Serializers that the endpoints of activities and of other subjects share."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from activities.log import type_details
from activities.log.models import Activity, ActivityType, ContactReason, Encounter
from activities.log.services.follow_ups import FollowUp
from activities.log.validators import FIRST_YEAR, LAST_YEAR
from core.api.fields import VisibleRelatedField
from core.exceptions import BusinessRuleError
from core.status import SHORTEST_REASON

READ: dict[str, str] = {"list": "activities.view_activity", "retrieve": "activities.view_activity"}


COMMON = ("id", "version", "customer", "title", "start", "status")


MAX_FOLLOW_UPS, MAX_CLOSED = 20, 2_000


class EncounterSerializer(serializers.ModelSerializer[Encounter]):
    unnecessary = serializers.SlugRelatedField(
        slug_field="code",
        queryset=ContactReason.objects.filter(retired_at__isnull=True),
        required=False,
        allow_null=True,
        help_text=_("Code of the reason."),
    )

    class Meta:
        model = Encounter
        fields = ("matters", "solved_at_once", "critical_moment", "with_video", "with_interpreter", "unnecessary")


class FollowUpList(serializers.ListSerializer[Any]):
    """A list of at most 20 follow-ups."""

    def validate(self, attrs: Any) -> Any:
        if len(attrs) > MAX_FOLLOW_UPS:
            message = _("At most %(count)d at once.") % {"count": MAX_FOLLOW_UPS}
            raise serializers.ValidationError({"non_field_errors": [message]})
        return attrs


class FollowUpSerializer(serializers.Serializer[FollowUp]):
    title = serializers.CharField(max_length=200)
    due = serializers.DateField()
    owner = VisibleRelatedField(queryset=User.objects.filter(is_active=True), required=False, allow_null=True)
    type = serializers.SlugRelatedField(
        slug_field="code",
        queryset=ActivityType.objects.filter(retired_at__isnull=True),
        required=False,
        allow_null=True,
        help_text=_("Default: call."),
    )

    class Meta:
        list_serializer_class = FollowUpList

    def validate_due(self, day: Any) -> Any:
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            message = _("The year must be between %(first)d and %(last)d.")
            raise serializers.ValidationError(message % {"first": FIRST_YEAR, "last": LAST_YEAR})
        return day


class BulkCloseSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), allow_empty=False, max_length=MAX_CLOSED
    )
    reason = serializers.CharField(min_length=SHORTEST_REASON, max_length=500)


class ClosingSerializer(serializers.Serializer[Any]):
    """How many were closed, and the ids of those left as they are, by reason."""

    closed = serializers.IntegerField()
    already = serializers.ListField(child=serializers.IntegerField())
    unsettled = serializers.ListField(child=serializers.IntegerField())
    foreign = serializers.ListField(child=serializers.IntegerField())

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for kind in type_details.going_on():
            ids = serializers.IntegerField()
            fields[kind.name] = serializers.ListField(source=f"going_on.{kind.name}", child=ids)
        return fields


def pop_details(content: dict[str, Any], type: ActivityType) -> dict[str, Any] | None:
    """Remove the additional fields of all types from ``content``; return those of ``type``.

    Raises :class:`BusinessRuleError`: ``details_not_of_type``.
    """
    given = {details.code: content.pop(details.code, None) for details in type_details.with_fields()}
    foreign = next((code for code, values in given.items() if values and code != type.details), None)
    if foreign:
        message = _("Activities of this type do not have these fields.")
        raise BusinessRuleError("details_not_of_type", message, field=foreign)
    return given.get(type.details)


def pop_follow_ups(content: dict[str, Any]) -> list[FollowUp]:
    return [FollowUp(**values) for values in content.pop("follow_ups", [])]


def common_content(activity: Activity, data: dict[str, Any], type_code: str, user: Any) -> dict[str, Any]:
    """Return the serialized content of an activity that suits another type too."""
    plain = ("customer", "title", "goal", "memo", "start", "end", "hours", "place", "settlement", "participants")
    contacts = activity.contacts.all().visible_to(user)  # type: ignore[attr-defined]
    keywords = activity.keywords.filter(types__code=type_code)
    return {name: data[name] for name in plain} | {
        "contacts": [contact.pk for contact in contacts],
        "keywords": [keyword.code for keyword in keywords],
    }
