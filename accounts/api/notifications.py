"""One's own notifications in the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Notification, NotificationChoice
from accounts.notifications import choices_of, choices_set, notifications_read
from core import registry
from core.api.views import ReadViewSet
from core.filters import FilterSet
from core.permissions import SIGNED_IN
from core.tables import Column, Table

YES_NO = [("true", "true"), ("false", "false")]
TABLE = Table([Column("created_at", "", sort="created_at")], "-created_at")
MAX_KIND = NotificationChoice._meta.get_field("kind").max_length
MANY = 200
READ = inline_serializer("NotificationsRead", {"read": serializers.IntegerField()})


class NotificationSerializer(serializers.ModelSerializer):
    text = serializers.CharField(read_only=True, help_text="In the user's language.")

    class Meta:
        model = Notification
        fields = ("id", "kind", "text", "url", "created_at", "read_at")
        read_only_fields = fields


class NotificationChoiceSerializer(serializers.Serializer[Any]):
    """How a user is notified of one kind of event."""

    kind = serializers.CharField(source="kind.name", max_length=MAX_KIND)
    label = serializers.CharField(  # type: ignore[assignment]
        source="kind.label", read_only=True, help_text="In the user's language."
    )
    in_program = serializers.BooleanField()
    by_email = serializers.BooleanField()

    def validate_kind(self, name: str) -> str:
        if registry.notifications.get("user", name) is None:
            raise serializers.ValidationError(_("Unknown notification kind."))
        return name


class NotificationFilter(FilterSet):
    unread = django_filters.TypedChoiceFilter(
        field_name="read_at", lookup_expr="isnull", choices=YES_NO, coerce=lambda value: value == "true"
    )
    kind = django_filters.CharFilter()

    class Meta:
        model = Notification
        fields: tuple[str, ...] = ()


@extend_schema_view(
    list=extend_schema(summary="One's own notifications, newest first"),
    retrieve=extend_schema(summary="A notification"),
)
class NotificationViewSet(ReadViewSet):
    queryset = Notification.objects.all()
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    table = TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": SIGNED_IN,
        "retrieve": SIGNED_IN,
        "read": SIGNED_IN,
        "read_all": SIGNED_IN,
        "choices": SIGNED_IN,
        "choose": SIGNED_IN,
    }

    @extend_schema(summary="Mark one as read", request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str | None = None) -> Response:
        row = self.get_object()
        notifications_read(user=row.user, pk=row.pk)
        return self.answer(row)

    @extend_schema(
        operation_id="notifications_read_all", summary="Mark all as read", request=None, responses=READ, filters=False
    )
    @action(detail=False, methods=["post"], url_path="read")
    def read_all(self, request: Request) -> Response:
        return Response({"read": notifications_read(user=self.user)})

    @extend_schema(
        operation_id="notifications_choices_list",
        summary="Of what one is told and how",
        responses=NotificationChoiceSerializer(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def choices(self, request: Request) -> Response:
        return Response(NotificationChoiceSerializer(choices_of(self.user), many=True).data)

    @extend_schema(
        operation_id="notifications_choices_set",
        summary="Choose how one is told; kinds that are not named stay",
        request=NotificationChoiceSerializer(many=True),
        responses=NotificationChoiceSerializer(many=True),
        filters=False,
    )
    @choices.mapping.patch
    def choose(self, request: Request) -> Response:
        content = self.valid(NotificationChoiceSerializer, many=True, max_length=MANY)
        chosen = {row["kind"]["name"]: (row["in_program"], row["by_email"]) for row in content.validated_data}
        choices_set(user=self.user, choices=chosen)
        return Response(NotificationChoiceSerializer(choices_of(self.user), many=True).data)
