"""Endpoints of the nodes of a tree."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from treebeard.mp_tree import MP_Node

from core.api.errors import ErrorSerializer
from core.api.views import AboutViewSet
from core.filters import FilterSet, YesNoFilter
from core.tables import Column, Table
from core.trees import TreeService

CHANGES = ("create", "partial_update", "destroy", "move", "retire", "restore")


# The filters of all trees; an app adds ``parent`` with ``method="below"``.
class TreeFilterSet(FilterSet):
    retired = YesNoFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)

    def below(self, queryset: Any, name: str, value: MP_Node) -> Any:
        return queryset.in_subtree(value).filter(depth=value.depth + 1)


# The nodes in the order of the tree.
class TreeViewSet(AboutViewSet):
    tree: ClassVar[TreeService[Any]]
    add_serializer_class: ClassVar[Any]
    move_serializer_class: ClassVar[Any]
    filters_details = False
    table = Table((Column("path", _("Path"), sort="path"),), default_sort="path")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        shown = cls.serializer_class
        extend_schema_view(
            create=extend_schema(request=cls.add_serializer_class, responses={201: shown}),
            partial_update=extend_schema(responses=shown),
            destroy=extend_schema(responses={204: None, 409: ErrorSerializer}),
            move=extend_schema(request=cls.move_serializer_class, responses=shown),
            retire=extend_schema(request=None, responses=shown),
            restore=extend_schema(request=None, responses=shown),
        )(cls)

    def create(self, request: Request) -> Response:
        return self.answer(self.tree.add(**self.content(self.add_serializer_class)), status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: Any = None) -> Response:
        node = self.get_object()
        return self.answer(self.tree.change(node, **self.content(self.serializer_class, node, partial=True)))

    def destroy(self, request: Request, pk: Any = None) -> Response:
        self.tree.delete(self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: Any = None) -> Response:
        """Move the node with all below it under another one, or to the top."""
        node = self.get_object()
        return self.answer(self.tree.move(node, self.content(self.move_serializer_class)["parent"]))

    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: Any = None) -> Response:
        return self.answer(self.tree.retire(self.get_object()))

    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        return self.answer(self.tree.restore(self.get_object()))
