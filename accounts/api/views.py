"""Users, teams and groups in the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import RoleSerializer, TeamSerializer, UserInviteSerializer, UserSerializer
from accounts.filters import RoleFilter, TeamFilter, UserApiFilter
from accounts.models import Role, Team, User
from accounts.services import user_deactivate, user_reactivate
from accounts.tables import ROLES, TEAMS, USERS
from core.api.views import ReadViewSet, WriteViewSet
from core.permissions import SIGNED_IN


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
        "create": "accounts.manage_users",
        "partial_update": "accounts.edit_user",
        "deactivate": "accounts.edit_user",
        "reactivate": "accounts.edit_user",
    }

    @extend_schema(summary="The user who asks", filters=False)
    @action(detail=False, url_path="me", pagination_class=None, filter_backends=[])
    def me(self, request: Request) -> Response:
        return self.answer(self.user)

    @extend_schema(summary="Deactivate a user", request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        return self.answer(user_deactivate(user=self.get_object(), by=self.user))

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
