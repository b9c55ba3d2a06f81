"""The API of selections: the condition as JSON with the ids of the rows that it names."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team
from core.api.views import VersionedSerializer, WriteViewSet
from core.conditions import tree as trees
from core.conditions.forms import checked
from core.conditions.tree import TreeError
from core.paging import count_up_to
from customers.selections import store
from customers.selections.enums import SUBJECTS, Combination
from customers.selections.filters import SelectionFilterSet
from customers.selections.models import Selection
from customers.selections.rows import rows_of
from customers.selections.services import (
    FIELDS,
    members_add,
    members_remove,
    selection_change,
    selection_combine,
    selection_copy,
    selection_create,
    selection_freeze,
)
from customers.selections.sharing import favourite_toggle, shared_delete, shared_restore
from customers.selections.tables import SELECTIONS


@extend_schema_field({"type": "object", "additionalProperties": True, "nullable": True})
class ConditionField(serializers.JSONField):
    """The tree; null for a frozen selection.

    ``{"join": "all", "parts": [{"field": "customer.segment", "values": {"op": "is", "rows": [3]}}]}``
    """


class SelectionListSerializer(serializers.ModelSerializer[Selection]):
    """A selection in the list; its condition in words only."""

    words = serializers.CharField(read_only=True)

    class Meta:
        model = Selection
        fields: tuple[str, ...] = (
            *("id", "version", "name", "of", "kind", "owner", "sharing", "team", "folder", "description"),
            *("includes_inactive", "words", "created_at", "updated_at"),
        )


class SelectionSerializer(SelectionListSerializer, VersionedSerializer):
    """A selection. ``of`` is given only when adding; ``condition`` replaces the whole condition of a live one."""

    condition = ConditionField(required=False)
    faults = serializers.SerializerMethodField()
    team: Any = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Selection
        fields = (*SelectionListSerializer.Meta.fields, "condition", "faults", "deleted_at")
        read_only_fields = ("kind", "owner", "deleted_at", "created_at", "updated_at")

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_faults(self, selection: Selection) -> list[str]:
        return [fault.text for fault in store.read(selection).faults]

    def to_representation(self, instance: Selection) -> Any:
        shown = super().to_representation(instance)
        shown["condition"] = None if instance.is_frozen else trees.write(store.read(instance).tree)
        return shown

    def validate_of(self, value: str) -> str:
        if self.instance is not None and value != self.instance.of:
            raise serializers.ValidationError(_("This can be given only when adding."))
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user = self.context["request"].user
        if attrs.get("includes_inactive") and not user.has_perm("customers.manage_passive"):
            raise serializers.ValidationError({"includes_inactive": _("You may not see inactive customers.")})
        of = self.instance.of if self.instance else attrs.get("of", "customers")
        if "condition" in attrs:
            try:
                attrs["tree"] = checked(trees.read(attrs.pop("condition")), SUBJECTS[of], user)
            except (TreeError, ValidationError, RecursionError) as error:
                raise serializers.ValidationError({"condition": str(error)}) from error
        elif self.instance is None:
            raise serializers.ValidationError({"condition": _("This field is required.")})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Selection:
        fields = {name: validated_data[name] for name in FIELDS if name in validated_data}
        of = validated_data.get("of", "customers")
        return selection_create(user=self.context["request"].user, of=of, tree=validated_data["tree"], **fields)

    def update(self, instance: Selection, validated_data: dict[str, Any]) -> Selection:
        user, version = self.context["request"].user, validated_data.get("version")
        fields = {name: validated_data[name] for name in FIELDS if name in validated_data}
        return selection_change(
            selection=instance, user=user, tree=validated_data.get("tree"), version=version, **fields
        )


class NameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)


class CombineSerializer(NameSerializer):
    how = serializers.ChoiceField(choices=Combination.choices)
    second = serializers.PrimaryKeyRelatedField(queryset=Selection.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        request = self.context.get("request")
        if request:
            second: Any = self.fields["second"]
            second.queryset = Selection.objects.usable_by(request.user)


class IdsSerializer(serializers.Serializer[Any]):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), allow_empty=False, max_length=10_000
    )


class CountSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    more = serializers.BooleanField(help_text=_("Whether there are more than are counted."))


class ChangedSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()


class FavouriteSerializer(serializers.Serializer[Any]):
    favourite = serializers.BooleanField()


class SelectionViewSet(WriteViewSet):
    """Selections. Their rows are the lists of customers and contacts with ``?selection=``."""

    queryset = Selection.objects.all()
    serializer_class = SelectionSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"list": SelectionListSerializer}
    filterset_class = SelectionFilterSet
    filters_details = False
    table = SELECTIONS
    rule_permissions = {
        "list": "selections.view_selection",
        "retrieve": "selections.view_selection",
        "create": "selections.add_selection",
        "partial_update": "selections.edit_selection",
        "destroy": "selections.edit_selection",
        "restore": "selections.edit_selection",
        "count": "selections.view_selection",
        "copy": "selections.view_selection",
        "freeze": "selections.view_selection",
        "combine": "selections.view_selection",
        "favourite": "selections.view_selection",
        "add_rows": "selections.edit_selection",
        "remove_rows": "selections.edit_selection",
    }

    def get_queryset(self) -> Any:
        selections: Any = super().get_queryset()
        return selections.alive() if self.action not in ("retrieve", "restore") else selections

    def reread(self, instance: Selection) -> Selection:
        return Selection.objects.get(pk=instance.pk)

    def destroy(self, request: Request, pk: Any = None) -> Response:
        shared_delete(self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses=SelectionSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        return self.answer(shared_restore(self.get_object()))

    @extend_schema(responses=CountSerializer)
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def count(self, request: Request, pk: Any = None) -> Response:
        count, more = count_up_to(rows_of(self.get_object(), self.user))
        return Response({"count": count, "more": more})

    @extend_schema(request=NameSerializer, responses={201: SelectionSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, pk: Any = None) -> Response:
        selection = self.get_object()
        name = self.content(NameSerializer)["name"]
        return self.answer(selection_copy(selection=selection, user=self.user, name=name), 201)

    @extend_schema(request=NameSerializer, responses={201: SelectionSerializer})
    @action(detail=True, methods=["post"])
    def freeze(self, request: Request, pk: Any = None) -> Response:
        selection = self.get_object()
        name = self.content(NameSerializer)["name"]
        return self.answer(selection_freeze(selection=selection, user=self.user, name=name), 201)

    @extend_schema(request=CombineSerializer, responses={201: SelectionSerializer})
    @action(detail=True, methods=["post"])
    def combine(self, request: Request, pk: Any = None) -> Response:
        first = self.get_object()
        return self.answer(selection_combine(first=first, user=self.user, **self.content(CombineSerializer)), 201)

    @extend_schema(request=None, responses=FavouriteSerializer)
    @action(detail=True, methods=["post"])
    def favourite(self, request: Request, pk: Any = None) -> Response:
        return Response({"favourite": favourite_toggle(self.get_object(), self.user)})

    @extend_schema(request=IdsSerializer, responses=ChangedSerializer)
    @action(detail=True, methods=["post"])
    def add_rows(self, request: Request, pk: Any = None) -> Response:
        selection = self.get_object()
        added = members_add(selection=selection, user=self.user, ids=self.content(IdsSerializer)["ids"])
        return Response({"changed": len(added)})

    @extend_schema(request=IdsSerializer, responses=ChangedSerializer)
    @action(detail=True, methods=["post"])
    def remove_rows(self, request: Request, pk: Any = None) -> Response:
        selection = self.get_object()
        with transaction.atomic():
            return Response({"changed": members_remove(selection=selection, ids=self.content(IdsSerializer)["ids"])})
