from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.enums import UserState
from accounts.models import Role, Team, User
from accounts.services import user_change, user_invite
from core.api.fields import VisibleRelatedField
from core.api.views import VersionedSerializer
from core.services import check_version


class RoleSerializer(serializers.ModelSerializer):
    code = serializers.CharField(source="name", read_only=True)
    name = serializers.CharField(source="label", read_only=True)

    class Meta:
        model = Role
        fields = ("id", "code", "name", "name_fi", "name_en", "description")
        read_only_fields = fields


class TeamSerializer(serializers.ModelSerializer):
    leader: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    members: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True, help_text="Ids of active members.")

    class Meta:
        model = Team
        fields = ("id", "name", "leader", "members")
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
