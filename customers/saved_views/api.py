"""The API of saved views: what they show as the query string of their list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, Team
from core.api.views import VersionedSerializer, WriteViewSet
from core.conditions import tree as trees
from customers.saved_views import store
from customers.saved_views.filters import SavedViewFilterSet
from customers.saved_views.models import SavedView
from customers.saved_views.services import (
    FIELDS,
    default_set,
    role_default_set,
    view_change,
    view_create,
)
from customers.saved_views.tables import VIEWS
from customers.selections.sharing import favourite_toggle, shared_delete, shared_restore


class SavedViewListSerializer(serializers.ModelSerializer[SavedView]):
    """A saved view in the list; what it shows in words only."""

    words = serializers.CharField(read_only=True)

    class Meta:
        model = SavedView
        fields: tuple[str, ...] = (
            *("id", "version", "name", "list", "owner", "sharing", "team", "folder", "description", "words"),
            *("created_at", "updated_at"),
        )


class SavedViewSerializer(SavedViewListSerializer, VersionedSerializer):
    """A saved view. ``list`` is the name of its list (``customers:list``) and is given only when adding.

    ``query`` is the query string of the list; ``condition`` the same filters as a tree.
    """

    stored: store.Stored
    list = serializers.CharField(max_length=60)
    query = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    condition = serializers.SerializerMethodField()
    faults = serializers.SerializerMethodField()
    team: Any = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)

    class Meta:
        model = SavedView
        fields = (*SavedViewListSerializer.Meta.fields, "query", "condition", "faults", "deleted_at")
        read_only_fields = ("owner", "deleted_at", "created_at", "updated_at")

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_faults(self, view: SavedView) -> Sequence[str]:
        return [fault.text for fault in self.stored.faults]

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_condition(self, view: SavedView) -> Any:
        return trees.write(self.stored.tree)

    def to_representation(self, instance: SavedView) -> Any:
        self.stored = store.read(instance)
        instance.query = self.stored.query.urlencode()  # type: ignore[attr-defined]
        return super().to_representation(instance)

    def validate_list(self, value: str) -> str:
        if self.instance is not None and value != self.instance.list:
            raise serializers.ValidationError(_("This can be given only when adding."))
        return value

    def create(self, validated_data: dict[str, Any]) -> SavedView:
        fields = {name: validated_data[name] for name in FIELDS if name in validated_data}
        return view_create(
            user=self.context["request"].user, list=validated_data["list"], query=validated_data.get("query", ""),
            **fields,
        )  # fmt: skip

    def update(self, instance: SavedView, validated_data: dict[str, Any]) -> SavedView:
        user, version = self.context["request"].user, validated_data.get("version")
        fields = {name: validated_data[name] for name in FIELDS if name in validated_data}
        return view_change(view=instance, user=user, query=validated_data.get("query"), version=version, **fields)


class ViewFavouriteSerializer(serializers.Serializer[Any]):
    favourite = serializers.BooleanField()


class ViewDefaultSerializer(serializers.Serializer[Any]):
    is_default = serializers.BooleanField(default=True)


class RoleDefaultSerializer(ViewDefaultSerializer):
    role = serializers.PrimaryKeyRelatedField(queryset=Role.objects.all())


class SavedViewViewSet(WriteViewSet):
    """Saved views. Their rows are those of the list with the view's ``query``."""

    queryset = SavedView.objects.all()
    serializer_class = SavedViewSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"list": SavedViewListSerializer}
    filterset_class = SavedViewFilterSet
    filters_details = False
    table = VIEWS
    rule_permissions = {
        "list": "views.view_view",
        "retrieve": "views.view_view",
        "create": "views.add_view",
        "partial_update": "views.edit_view",
        "destroy": "views.edit_view",
        "restore": "views.edit_view",
        "favourite": "views.view_view",
        "default": "views.view_view",
        "role_default": "accounts.manage_users",
    }

    def visible_rows(self) -> Any:
        return SavedView.objects.offered_to(self.user) if self.action == "list" else super().visible_rows()

    def get_queryset(self) -> Any:
        views: Any = super().get_queryset()
        return views.alive() if self.action not in ("retrieve", "restore") else views

    def reread(self, instance: SavedView) -> SavedView:
        return SavedView.objects.get(pk=instance.pk)

    def destroy(self, request: Request, pk: Any = None) -> Response:
        shared_delete(self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses=SavedViewSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        return self.answer(shared_restore(self.get_object()))

    @extend_schema(request=None, responses=ViewFavouriteSerializer)
    @action(detail=True, methods=["post"])
    def favourite(self, request: Request, pk: Any = None) -> Response:
        return Response({"favourite": favourite_toggle(self.get_object(), self.user)})

    @extend_schema(request=ViewDefaultSerializer, responses=ViewDefaultSerializer)
    @action(detail=True, methods=["post"])
    def default(self, request: Request, pk: Any = None) -> Response:
        """Let the list open with this view for the user, or no longer."""
        view, is_default = self.get_object(), self.content(ViewDefaultSerializer)["is_default"]
        default_set(view=view, user=self.user, is_default=is_default)
        return Response({"is_default": is_default})

    @extend_schema(request=RoleDefaultSerializer, responses=RoleDefaultSerializer)
    @action(detail=True, methods=["post"])
    def role_default(self, request: Request, pk: Any = None) -> Response:
        """Let the list open with this view for a group, or no longer."""
        view, content = self.get_object(), self.content(RoleDefaultSerializer)
        role_default_set(view=view, **content)
        return Response({"role": content["role"].pk, "is_default": content["is_default"]})
