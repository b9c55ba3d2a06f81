"""Users, teams and groups in the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import RoleSerializer, TeamSerializer, UserInviteSerializer, UserSerializer
from accounts.filters import RoleFilter, TeamFilter, UserApiFilter
from accounts.models import Role, Team, User
from accounts.services import user_deactivate, user_reactivate
from accounts.tables import ROLES, TEAMS, USERS
from crm.api.views import VisibleViewSet
from crm.permissions import SIGNED_IN


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
class UserViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    VisibleViewSet,
):
    queryset = User.objects.all()
    serializer_class = UserSerializer
    filterset_class = UserApiFilter
    table = USERS
    http_method_names = ["get", "post", "patch", "head", "options"]
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "accounts.view_user",
        "retrieve": "accounts.view_user",
        "me": SIGNED_IN,
        "create": "accounts.manage_users",
        "partial_update": "accounts.edit_user",
        "deactivate": "accounts.edit_user",
        "reactivate": "accounts.edit_user",
    }

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_groups()  # type: ignore[attr-defined]

    def get_serializer_class(self) -> Any:
        return UserInviteSerializer if self.action == "create" else UserSerializer

    @extend_schema(summary="The user who asks", filters=False)
    @action(detail=False, url_path="me", pagination_class=None, filter_backends=[])
    def me(self, request: Request) -> Response:
        return self._answer(request.user)

    @extend_schema(summary="Deactivate a user", request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        return self._answer(user_deactivate(user=self.get_object(), by=request.user))  # type: ignore[arg-type]

    @extend_schema(summary="Open a deactivated account again", request=None, responses=UserSerializer)
    @action(detail=True, methods=["post"], url_path="activate")
    def reactivate(self, request: Request, pk: str) -> Response:
        return self._answer(user_reactivate(user=self.get_object()))

    def _answer(self, user: Any) -> Response:
        return Response(UserSerializer(self.get_queryset().get(pk=user.pk), context=self.get_serializer_context()).data)


@extend_schema_view(list=extend_schema(summary="Teams"), retrieve=extend_schema(summary="A team"))
class TeamViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, VisibleViewSet):
    queryset = Team.objects.all()
    serializer_class = TeamSerializer
    filterset_class = TeamFilter
    table = TEAMS
    rule_permissions: ClassVar[dict[str, str]] = {"list": "accounts.view_user", "retrieve": "accounts.view_user"}

    def get_queryset(self) -> QuerySet[Any]:
        active = Prefetch("members", User.objects.active().only("pk"))
        return super().get_queryset().prefetch_related(active)


@extend_schema_view(list=extend_schema(summary="Groups"), retrieve=extend_schema(summary="A group"))
class RoleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, VisibleViewSet):
    queryset = Role.objects.all()
    serializer_class = RoleSerializer
    filterset_class = RoleFilter
    table = ROLES
    rule_permissions: ClassVar[dict[str, str]] = {"list": "accounts.view_user", "retrieve": "accounts.view_user"}
