"""Endpoints of activities, and the serializers that other subjects share."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from activities.log.api.series import ReminderActions, SeriesActions, SeriesSerializer
from activities.log.enums import ActivityStatus, FollowKind
from activities.log.filters import ActivityFilter
from activities.log.models import Activity, ActivityTemplate, ActivityType, ContactReason, Encounter, Keyword
from activities.log.plugs import details_with_fields, kinds_going_on
from activities.log.services.activities import activity_move
from activities.log.services.follow_ups import (
    FollowUp,
    activity_change_with_follow_ups,
    activity_log_with_follow_ups,
    follow_ups_log,
)
from activities.log.services.status import activities_close, activity_set_status
from activities.log.tables import ACTIVITY_TABLE
from activities.log.validators import FIRST_YEAR, LAST_YEAR
from core.api.bodies import check_fields
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ReadOnlyViewSet, VersionedSerializer, VersionSerializer, WriteViewSet
from core.exceptions import BusinessRuleError
from core.status import SHORTEST_REASON
from customers.models import Contact, Customer

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
    coming = serializers.ListField(child=serializers.IntegerField(), help_text=_("They have not begun."))
    foreign = serializers.ListField(child=serializers.IntegerField())

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for kind in kinds_going_on():
            ids = serializers.IntegerField()
            fields[kind.name] = serializers.ListField(source=f"going_on.{kind.name}", child=ids)
        return fields


def pop_details(content: dict[str, Any], type: ActivityType) -> dict[str, Any] | None:
    """Remove the additional fields of all types from ``content``; return those of ``type``.

    Raises :class:`BusinessRuleError`: ``details_not_of_type``.
    """
    given = {details.code: content.pop(details.code, None) for details in details_with_fields()}
    foreign = next((code for code, values in given.items() if values and code != type.details), None)
    if foreign:
        message = _("Activities of this type do not have these fields.")
        raise BusinessRuleError("details_not_of_type", message, field=foreign)
    return given.get(type.details)


def pop_follow_ups(content: dict[str, Any]) -> list[FollowUp]:
    return [FollowUp(**values) for values in content.pop("follow_ups", [])]


def common_content(activity: Activity, data: dict[str, Any], type_code: str, user: Any) -> dict[str, Any]:
    """Return the serialized content of an activity that suits another type too."""
    plain = (
        "customer", "title", "goal", "memo", "start", "end", "is_all_day", "hours", "place", "settlement",
        "participants",
    )  # fmt: skip
    contacts = activity.contacts.all().visible_to(user)  # type: ignore[attr-defined]
    keywords = activity.keywords.filter(types__code=type_code)
    return {name: data[name] for name in plain} | {
        "contacts": [contact.pk for contact in contacts],
        "keywords": [keyword.code for keyword in keywords],
    }


class KeywordSerializer(serializers.ModelSerializer[Keyword]):
    class Meta:
        model = Keyword
        fields = ("id", "code", "name_fi", "name_en", "keeps_open", "counts_as_variety")


class ActivityTypeSerializer(serializers.ModelSerializer[ActivityType]):
    is_retired = serializers.BooleanField(read_only=True)
    details = serializers.CharField(read_only=True, help_text=_("Code of the type's additional fields, or empty."))
    keywords = KeywordSerializer(many=True, read_only=True)

    class Meta:
        model = ActivityType
        fields = (
            "id", "code", "name_fi", "name_en", "icon", "color", "is_contact", "needs_customer", "needs_contact",
            "needs_goal", "counts_as_work", "status_if_future", "status_if_past", "details", "channel", "duration",
            "memo_template_fi", "memo_template_en", "keywords", "order", "is_retired",
        )  # fmt: skip


class ActivityTemplateSerializer(serializers.ModelSerializer[ActivityTemplate]):
    is_retired = serializers.BooleanField(read_only=True)
    type: Any = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = ActivityTemplate
        fields = ("id", "code", "name_fi", "name_en", "type", "title", "memo", "order", "is_retired")


class TypeField(serializers.SlugRelatedField):
    """A type by its code (``call``) or id."""

    def to_internal_value(self, data: Any) -> ActivityType:
        if isinstance(data, int) and not isinstance(data, bool):
            type = ActivityType.objects.filter(pk=data).first() if data.bit_length() < 63 else None
            return type or self.fail("does_not_exist", slug_name="id", value=data)
        return super().to_internal_value(data)


class LocalDateTimeField(serializers.DateTimeField):
    """A time with an offset, or in the user's time zone; one that does not exist or occurs twice is refused."""

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if timezone.is_naive(value):
            try:
                value = from_current_timezone(value)
            except ValidationError as error:
                raise serializers.ValidationError(error.messages) from error
        return super().enforce_timezone(value)


class ActivitySerializer(VersionedSerializer):
    type = TypeField(
        slug_field="code", queryset=ActivityType.objects.all(), help_text=_("Code. It cannot be changed later.")
    )
    customer = VisibleRelatedField(queryset=Customer.objects.all(), required=False, allow_null=True, default=None)
    customer_name = serializers.SerializerMethodField()
    participants = VisibleRelatedField(source="users", queryset=User.objects.all(), many=True, required=False)
    contacts = VisibleRelatedField(queryset=Contact.objects.all(), many=True, required=False)
    keywords = serializers.SlugRelatedField(
        slug_field="code", queryset=Keyword.objects.all(), many=True, required=False
    )
    follows = VisibleRelatedField(queryset=Activity.objects.all(), required=False, allow_null=True)
    is_overdue = serializers.BooleanField(read_only=True)
    end = LocalDateTimeField(required=False, allow_null=True)
    start = LocalDateTimeField(required=False, help_text=_("Default: now."))
    memo = serializers.CharField(
        max_length=20_000,
        required=False,
        allow_blank=True,
        help_text=_("Simple HTML; other markup is removed."),
    )
    follow_ups = FollowUpSerializer(
        many=True,
        required=False,
        write_only=True,
        help_text=_("Agreed follow-ups; each becomes an open activity."),
    )
    series = SeriesSerializer(read_only=True, allow_null=True)
    rrule = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=300,
        help_text=_("Recurrence rule (RFC 5545), read only when the activity is logged."),
    )
    status = serializers.ChoiceField(
        choices=ActivityStatus.choices,
        required=False,
        help_text=_("Default: by type and time. Change it with the action `status`."),
    )

    class Meta:
        model = Activity
        fields = (
            "id", "version", "type", "customer", "customer_name", "title", "goal", "memo", "start", "end", "is_all_day",
            "status", "is_overdue", "channel", "place", "hours", "settlement", "participants", "contacts", "keywords",
            "follows", "follow_kind", "follow_ups", "series", "rrule", "created_by",
            "created_at", "updated_at", "closed_at",
        )  # fmt: skip
        read_only_fields = ("follow_kind", "created_by", "created_at", "updated_at", "closed_at")
        validators: ClassVar[list[Any]] = []

    def get_fields(self) -> dict[str, Any]:
        """Add an object for each type's additional fields."""
        fields: dict[str, Any] = super().get_fields()
        own = {kind.code: kind.serializer(required=False, allow_null=True) for kind in details_with_fields()}
        return fields | own

    def get_customer_name(self, activity: Activity) -> str:
        return activity.customer.name if activity.customer else ""

    def create(self, validated_data: dict[str, Any]) -> Activity:
        validated_data.pop("version", None)
        return activity_log_with_follow_ups(
            user=self.context["request"].user,
            follow_ups=pop_follow_ups(validated_data),
            rule=validated_data.pop("rrule", ""),
            participants=validated_data.pop("users", []),
            details=pop_details(validated_data, validated_data["type"]),
            **validated_data,
        )

    def update(self, instance: Activity, validated_data: dict[str, Any]) -> Activity:
        """Write the changes except the status, which has its own action."""
        user, version = self.context["request"].user, validated_data.pop("version", None)
        for name in ("status", "rrule"):
            validated_data.pop(name, None)
        agreed = pop_follow_ups(validated_data)
        if "users" in validated_data:
            validated_data["participants"] = validated_data.pop("users")
        changes = validated_data | {"details": pop_details(validated_data, instance.type)}
        return activity_change_with_follow_ups(
            activity=instance, user=user, changes=changes, follow_ups=agreed, version=version
        )


class ActivityMoveSerializer(VersionSerializer):
    start = LocalDateTimeField()
    end = LocalDateTimeField(required=False, allow_null=True, default=None)
    is_all_day = serializers.BooleanField(
        required=False, default=False, help_text=_("It has the whole days from the start to the end.")
    )


class StatusSerializer(serializers.Serializer[Activity]):
    status = serializers.ChoiceField(choices=ActivityStatus.choices)
    settlement = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")
    memo = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    reason = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text=_("Why the activity returns to an earlier status."),
    )
    follow_ups = FollowUpSerializer(many=True, required=False)


@extend_schema_view(
    create=extend_schema(responses={201: ActivitySerializer, 400: ErrorSerializer, 409: ErrorSerializer}),
    partial_update=extend_schema(responses={200: ActivitySerializer, 400: ErrorSerializer, 409: ErrorSerializer}),
)
class ActivityViewSet(SeriesActions, ReminderActions, WriteViewSet):
    """Activities. Nothing is deleted; a done one is reopened by its status."""

    queryset = Activity.objects.select_related("type", "customer", "series").prefetch_related(
        "users", "contacts", "keywords"
    )
    serializer_class = ActivitySerializer
    filterset_class = ActivityFilter
    filters_details = False
    table = ACTIVITY_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "activities.view_activity",
        "retrieve": "activities.view_activity",
        "create": "activities.log_activity",
        "partial_update": "activities.edit_activity",
        "status": "activities.edit_activity",
        "log_again": "activities.log_activity",
        "bulk_close": "activities.log_activity",
        "move": "activities.edit_activity",
        **SeriesActions.rules,
        **ReminderActions.rules,
    }

    def get_queryset(self) -> Any:
        own = [path for details in details_with_fields() for path in details.related]
        return super().get_queryset().select_related(*own)

    @extend_schema(request=StatusSerializer, responses={200: ActivitySerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def status(self, request: Request, pk: str | None = None) -> Response:
        """Change the status. Closing negative feedback needs ``settlement``, going back needs ``reason``."""
        activity = self.get_object()
        content = self.content(StatusSerializer)
        agreed = pop_follow_ups(content)
        done = activity_set_status(activity=activity, user=self.user, **content)
        if done.version != activity.version:  # a repeated request adds nothing
            follow_ups_log(activity=done, user=self.user, agreed=agreed)
        return self.answer(activity)

    @extend_schema(request=ActivitySerializer, responses={201: ActivitySerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="log-again")
    def log_again(self, request: Request, pk: str | None = None) -> Response:
        """Log the activity again as another type, with the changes in the request. Both stay, linked."""
        activity = self.get_object()
        data: Any = request.data
        if not hasattr(data, "items"):
            raise ParseError
        changes = dict(data.items())
        code = str(changes.get("type", "")).replace("\x00", "")
        common = common_content(activity, self.get_serializer(activity).data, code, self.user)
        serializer = ActivitySerializer(data=common | changes, context=self.get_serializer_context())
        check_fields(serializer, changes)
        serializer.is_valid(raise_exception=True)
        return self.answer(serializer.save(follows=activity, follow_kind=FollowKind.LOGGED_AGAIN), 201)

    @extend_schema(request=BulkCloseSerializer, responses={200: ClosingSerializer})
    @action(detail=False, methods=["post"], url_path="bulk-close")
    def bulk_close(self, request: Request) -> Response:
        """Close many with one explanation, except negative feedback, leads and those that the user may not change."""
        closing = activities_close(user=self.user, **self.content(BulkCloseSerializer))
        return Response(ClosingSerializer(closing).data)

    @extend_schema(request=ActivityMoveSerializer, responses={200: ActivitySerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        """Move the activity to another time. Other occurrences of its series stay."""
        activity = self.get_object()
        activity_move(activity=activity, user=self.user, **self.content(ActivityMoveSerializer))
        return self.answer(activity)


class ActivityTypeViewSet(ReadOnlyViewSet):
    queryset: models.QuerySet[Any] = ActivityType.objects.prefetch_related("keywords")
    serializer_class = ActivityTypeSerializer


class ActivityTemplateViewSet(ReadOnlyViewSet):
    queryset: models.QuerySet[Any] = ActivityTemplate.objects.select_related("type")
    serializer_class = ActivityTemplateSerializer


class KeywordViewSet(ReadOnlyViewSet):
    queryset: models.QuerySet[Any] = Keyword.objects.all()
    serializer_class = KeywordSerializer
