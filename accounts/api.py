"""Users, teams, groups and one's own notifications in the API."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import start as start_page
from accounts.enums import UserState
from accounts.filters import RoleFilter, TeamFilter, UserApiFilter
from accounts.models import MOST_PANELS, Notification, NotificationChoice, Role, Team, User
from accounts.notifications import choices_of, choices_set, notifications_read
from accounts.services import user_change, user_deactivate, user_invite, user_reactivate
from accounts.tables import ROLES, TEAMS, USERS
from core import registry
from core.api.fields import VisibleRelatedField
from core.api.parsers import UnicodeJSONParser
from core.api.views import ReadViewSet, VersionedSerializer, WriteViewSet
from core.filters import FilterSet, YesNoFilter
from core.permissions import SIGNED_IN
from core.services import check_version
from core.tables import Column, Table


class RoleSerializer(serializers.ModelSerializer):
    code = serializers.CharField(source="name", read_only=True)
    name = serializers.CharField(source="label", read_only=True)

    class Meta:
        model = Role
        fields = ("id", "code", "name", "name_fi", "name_en", "description", "start_page", "start_panels")
        read_only_fields = fields


class TeamSerializer(serializers.ModelSerializer):
    leader: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    members: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True, help_text="Ids of active members.")

    class Meta:
        model = Team
        fields = ("id", "name", "kind", "parent", "leader", "members")
        read_only_fields = fields


class UserSerializer(VersionedSerializer):
    """A user. Groups are named by their codes, manager and teams by their ids."""

    name = serializers.CharField(source="get_full_name", read_only=True)
    manager = VisibleRelatedField(queryset=User.objects.all(), required=False, allow_null=True)
    groups: Any = serializers.SlugRelatedField(
        slug_field="name", queryset=Role.objects.all(), many=True, required=False, help_text="Codes of groups."
    )
    teams: Any = VisibleRelatedField(queryset=Team.objects.all(), many=True, required=False)
    state = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id", "username", "name", "first_name", "last_name", "email", "title", "phone", "manager", "language",
            "time_zone", "groups", "teams", "is_active", "state", "last_login", "version",
        )  # fmt: skip
        read_only_fields = ("is_active", "last_login")
        extra_kwargs = {"last_name": {"required": True, "allow_blank": False}}

    @extend_schema_field(serializers.ChoiceField(choices=UserState.choices))
    def get_state(self, user: User) -> str:
        return user.state.value

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        check_version(instance, validated_data.pop("version", None))
        groups, teams = validated_data.pop("groups", None), validated_data.pop("teams", None)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return user_change(user=instance, by=self.context["request"].user, groups=groups, teams=teams)


class UserInviteSerializer(UserSerializer):
    """Inviting needs an e-mail address, to which the link for choosing a password is sent."""

    class Meta(UserSerializer.Meta):
        extra_kwargs = {**UserSerializer.Meta.extra_kwargs, "email": {"required": True, "allow_blank": False}}

    def create(self, validated_data: dict[str, Any]) -> User:
        validated_data.pop("version", None)
        groups, teams = validated_data.pop("groups", ()), validated_data.pop("teams", ())
        return user_invite(user=User(**validated_data), groups=groups, teams=teams)


class DeactivateSerializer(serializers.Serializer[Any]):
    confirm = serializers.BooleanField(
        required=False, default=False, help_text="Needed where the user owns customers: they are without an owner then."
    )


class StartSerializer(serializers.Serializer[Any]):
    """The user's start page: the page that opens first (empty: that of the groups) and the panels by name."""

    page = serializers.CharField(required=False, allow_blank=True, max_length=60)
    shown = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=MOST_PANELS, help_text="In order."
    )
    hidden = serializers.ListField(child=serializers.CharField(), read_only=True)


@extend_schema_view(
    list=extend_schema(summary="Users"),
    retrieve=extend_schema(summary="A user"),
    create=extend_schema(
        summary="Invite a user",
        description="Makes an account and mails a link for choosing a password.",
        request=UserInviteSerializer,
        responses={201: UserSerializer},
    ),
    partial_update=extend_schema(summary="Change a user"),
)
class UserViewSet(WriteViewSet):
    queryset = User.objects.with_groups()
    serializer_class = UserSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"create": UserInviteSerializer}
    filterset_class = UserApiFilter
    table = USERS
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "accounts.view_user",
        "retrieve": "accounts.view_user",
        "me": SIGNED_IN,
        "start": SIGNED_IN,
        "start_set": SIGNED_IN,
        "start_reset": SIGNED_IN,
        "create": "accounts.manage_users",
        "partial_update": "accounts.edit_user",
        "deactivate": "accounts.edit_user",
        "reactivate": "accounts.edit_user",
    }

    @extend_schema(summary="The user who asks", filters=False)
    @action(detail=False, url_path="me", pagination_class=None, filter_backends=[])
    def me(self, request: Request) -> Response:
        return self.answer(self.user)

    @extend_schema(summary="One's own start page", responses=StartSerializer, filters=False)
    @action(detail=False, url_path="me/start", pagination_class=None, filter_backends=[])
    def start(self, request: Request) -> Response:
        return self._start_answer()

    def _start_answer(self) -> Response:
        arrangement, choice = start_page.arrangement_of(self.user), start_page.start_choice_of(self.user)
        hidden = [panel.name for panel in arrangement.hidden]
        return Response({"page": choice.page, "shown": arrangement.names(), "hidden": hidden})

    @extend_schema(
        operation_id="users_me_start_set",
        summary="Arrange one's own start page; what is not named stays",
        request=StartSerializer,
        responses=StartSerializer,
        filters=False,
    )
    @start.mapping.patch
    def start_set(self, request: Request) -> Response:
        content = self.content(StartSerializer)
        with transaction.atomic():
            if "page" in content:
                start_page.start_page_set(user=self.user, page=content["page"])
            if "shown" in content:
                start_page.start_panels_set(user=self.user, shown=content["shown"])
        return self._start_answer()

    @extend_schema(
        operation_id="users_me_start_reset", summary="Back to the standard of the groups", request=None, filters=False
    )
    @start.mapping.delete
    def start_reset(self, request: Request) -> Response:
        start_page.start_reset(user=self.user)
        return Response(status=204)

    @extend_schema(summary="Deactivate a user", request=DeactivateSerializer, responses=UserSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        user = self.get_object()
        confirmed = self.content(DeactivateSerializer)["confirm"]
        return self.answer(user_deactivate(user=user, by=self.user, confirmed=confirmed))

    @extend_schema(summary="Open a deactivated account again", request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"], url_path="activate")
    def reactivate(self, request: Request, pk: str) -> Response:
        return self.answer(user_reactivate(user=self.get_object()))


@extend_schema_view(list=extend_schema(summary="Teams"), retrieve=extend_schema(summary="A team"))
class TeamViewSet(ReadViewSet):
    queryset = Team.objects.all()
    serializer_class = TeamSerializer
    filterset_class = TeamFilter
    table = TEAMS
    rule_permissions: ClassVar[dict[str, str]] = {"list": "accounts.view_user", "retrieve": "accounts.view_user"}

    def get_queryset(self) -> QuerySet[Any]:
        active = Prefetch("members", User.objects.active().only("pk"))
        return super().get_queryset().prefetch_related(active)


@extend_schema_view(list=extend_schema(summary="Groups"), retrieve=extend_schema(summary="A group"))
class RoleViewSet(ReadViewSet):
    queryset = Role.objects.all()
    serializer_class = RoleSerializer
    filterset_class = RoleFilter
    table = ROLES
    rule_permissions: ClassVar[dict[str, str]] = {"list": "accounts.view_user", "retrieve": "accounts.view_user"}


NOTIFICATIONS = Table([Column("created_at", "", sort="created_at")], "-created_at")
MAX_KIND_LENGTH = NotificationChoice._meta.get_field("kind").max_length
MAX_CHOICES = 200
READ = inline_serializer("NotificationsRead", {"read": serializers.IntegerField()})


class NotificationSerializer(serializers.ModelSerializer):
    text = serializers.CharField(read_only=True, help_text="In the user's language.")

    class Meta:
        model = Notification
        fields = ("id", "kind", "text", "url", "created_at", "read_at")
        read_only_fields = fields


class NotificationChoiceSerializer(serializers.Serializer[Any]):
    """How a user is notified of one kind of event."""

    kind = serializers.CharField(source="kind.name", max_length=MAX_KIND_LENGTH)
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
    unread = YesNoFilter(field_name="read_at", lookup_expr="isnull")
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
    table = NOTIFICATIONS
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
        notification = self.get_object()
        notifications_read(user=notification.user, pk=notification.pk)
        return self.answer(notification)

    @extend_schema(
        operation_id="notifications_read_all", summary="Mark all as read", request=None, responses=READ, filters=False
    )
    @action(detail=False, methods=["post"], url_path="read")
    def read_all(self, request: Request) -> Response:
        return Response({"read": notifications_read(user=self.user)})

    @extend_schema(
        operation_id="notifications_choices_list",
        summary="Which notifications the user gets, and how",
        responses=NotificationChoiceSerializer(many=True),
        filters=False,
    )
    @action(detail=False, methods=["get"], pagination_class=None, parser_classes=(UnicodeJSONParser,))
    def choices(self, request: Request) -> Response:
        return Response(NotificationChoiceSerializer(choices_of(self.user), many=True).data)

    @extend_schema(
        operation_id="notifications_choices_set",
        summary="Choose how notifications come; kinds that are not named stay",
        request=NotificationChoiceSerializer(many=True),
        responses=NotificationChoiceSerializer(many=True),
        filters=False,
    )
    @choices.mapping.patch
    def choose(self, request: Request) -> Response:
        content = self.valid(NotificationChoiceSerializer, many=True, max_length=MAX_CHOICES)
        chosen = {
            choice["kind"]["name"]: (choice["in_program"], choice["by_email"]) for choice in content.validated_data
        }
        choices_set(user=self.user, choices=chosen)
        return Response(NotificationChoiceSerializer(choices_of(self.user), many=True).data)
