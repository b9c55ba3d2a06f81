"""One's own notifications in the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_view, inline_serializer
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Notification
from accounts.notifications import notifications_read
from crm.api.views import VisibleViewSet
from crm.filters import FilterSet
from crm.tables import Column, Table

YES_NO = [("true", "true"), ("false", "false")]
TABLE = Table([Column("created_at", "", sort="created_at")], "-created_at")
READ = inline_serializer("NotificationsRead", {"read": serializers.IntegerField()})


class NotificationSerializer(serializers.ModelSerializer):
    text = serializers.CharField(read_only=True, help_text="In the user's language.")

    class Meta:
        model = Notification
        fields = ("id", "kind", "text", "url", "created_at", "read_at")
        read_only_fields = fields


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
class NotificationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, VisibleViewSet):
    queryset = Notification.objects.all()
    serializer_class = NotificationSerializer
    filterset_class = NotificationFilter
    table = TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        "read": "accounts.view_user",
        "read_all": "accounts.view_user",
    }

    @extend_schema(summary="Mark one as read", request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str | None = None) -> Response:
        row = self.get_object()
        notifications_read(user=row.user, pk=row.pk)
        row.refresh_from_db()
        return Response(NotificationSerializer(row).data)

    @extend_schema(
        operation_id="notifications_read_all", summary="Mark all as read", request=None, responses=READ, filters=False
    )
    @action(detail=False, methods=["post"], url_path="read")
    def read_all(self, request: Request) -> Response:
        user: Any = request.user
        return Response({"read": notifications_read(user=user)})
