"""The API of the classification tree, the classes of customers and contacts, and municipalities."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ErrorSerializer
from core.api.trees import CHANGES, TreeFilterSet, TreeViewSet
from core.api.views import ReadViewSet, VisibleViewSet
from core.filters import FilterSet, SearchFilter
from core.permissions import SIGNED_IN
from core.tables import Column, Table
from core.trees import parents_of, paths_as_text
from customers.models import ClassificationBranch, ClassificationNode, Contact, Customer, Municipality
from customers.selectors.classification import Uses, branches_for, uses_by_node
from customers.services import classification as services
from customers.services.assignments import classifications_set


class BranchSerializer(serializers.ModelSerializer[ClassificationBranch]):
    assigners = serializers.SlugRelatedField[Group]("name", many=True, read_only=True)

    class Meta:
        model = ClassificationBranch
        fields = (
            *("id", "code", "name_fi", "name_en", "target", "purpose", "is_multiple", "is_required", "order"),
            "assigners",
        )


class UsesSerializer(serializers.Serializer[Uses]):
    customers = serializers.IntegerField(help_text=gettext_lazy("Active ones."))
    inactive = serializers.IntegerField(help_text=gettext_lazy("Inactive customers."))
    contacts = serializers.IntegerField()
    positions = serializers.IntegerField()


class NodeSerializer(serializers.ModelSerializer[ClassificationNode]):
    """A class and its editable fields; the action ``move`` changes its place in the tree."""

    branch = serializers.SlugRelatedField[ClassificationBranch]("code", read_only=True)
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    path = serializers.SerializerMethodField(help_text=gettext_lazy("Names from the top."))
    is_retired = serializers.BooleanField(read_only=True)
    assigners = serializers.SlugRelatedField[Group]("name", queryset=Group.objects.all(), many=True, required=False)
    uses = serializers.SerializerMethodField(
        help_text=gettext_lazy("Uses of this class only, without the classes below it.")
    )

    class Meta:
        model = ClassificationNode
        fields = (
            *("id", "branch", "parent", "code", "name_fi", "name_en", "path", "depth", "is_retired", "description"),
            *("short_fi", "short_en", "lower", "upper", "assigners", "uses"),
        )
        read_only_fields = ("depth", "code")
        validators: tuple[Any, ...] = ()

    def get_path(self, node: ClassificationNode) -> str:
        return str(self.context["about"].texts[node.pk])

    def get_parent(self, node: ClassificationNode) -> int | None:
        parent: int | None = self.context["about"].parents[node.pk]
        return parent

    @extend_schema_field(UsesSerializer)
    def get_uses(self, node: ClassificationNode) -> dict[str, int]:
        return vars(self.context["about"].uses.get(node.pk, Uses()))


class NodeAddSerializer(serializers.ModelSerializer[ClassificationNode]):
    """A new class, at the top of its branch or below ``parent``. An empty code is derived from the English name."""

    branch = serializers.SlugRelatedField[ClassificationBranch]("code", queryset=ClassificationBranch.objects.all())
    parent = serializers.PrimaryKeyRelatedField(  # type: ignore[assignment]
        queryset=ClassificationNode.objects.all(), required=False, allow_null=True, default=None
    )
    code = serializers.SlugField(max_length=60, required=False, allow_blank=True, default="")
    assigners = serializers.SlugRelatedField[Group]("name", queryset=Group.objects.all(), many=True, required=False)

    class Meta:
        model = ClassificationNode
        fields = (
            *("branch", "parent", "code", "name_fi", "name_en", "description", "lower", "upper"),
            *("short_fi", "short_en", "assigners"),
        )
        validators: tuple[Any, ...] = ()


class About:
    """Paths, uses and parents of a page of nodes, read in three queries."""

    def __init__(self, nodes: list[ClassificationNode]) -> None:
        self.texts = paths_as_text(nodes)
        self.uses = uses_by_node(ClassificationNode.objects.filter(pk__in=[node.pk for node in nodes]))
        self.parents = parents_of(nodes)


class NodeFilterSet(TreeFilterSet):
    q = SearchFilter(method="search", label=gettext_lazy("Name"))
    branch = filters.ModelChoiceFilter(queryset=ClassificationBranch.objects.all(), to_field_name="code")
    parent = filters.ModelChoiceFilter(queryset=ClassificationNode.objects.all(), method="below")

    class Meta:
        model = ClassificationNode
        fields: tuple[str, ...] = ()

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(name_fi__icontains=value) | queryset.filter(name_en__icontains=value)


class MoveSerializer(serializers.Serializer[Any]):
    parent = serializers.PrimaryKeyRelatedField(  # type: ignore[assignment]
        queryset=ClassificationNode.objects.all(), allow_null=True
    )


class MergeSerializer(serializers.Serializer[Any]):
    into = serializers.PrimaryKeyRelatedField(queryset=ClassificationNode.objects.all())


class ShiftSerializer(serializers.Serializer[Any]):
    to = serializers.ChoiceField(choices=("up", "down"))


VIEW, EDIT = "customers.view_classification", "customers.edit_classification"


class ClassificationViewSet(TreeViewSet):
    """The classes in tree order. A class in use is never deleted: retire it or merge it."""

    queryset = ClassificationNode.objects.select_related("branch").prefetch_related("assigners")
    tree = services.CLASSES
    serializer_class = NodeSerializer
    add_serializer_class = NodeAddSerializer
    move_serializer_class = MoveSerializer
    about_class = About
    filterset_class = NodeFilterSet
    rule_permissions = {"list": VIEW, "retrieve": VIEW, **dict.fromkeys((*CHANGES, "shift", "merge"), EDIT)}

    @extend_schema(request=ShiftSerializer, responses=NodeSerializer)
    @action(detail=True, methods=["post"])
    def shift(self, request: Request, pk: Any = None) -> Response:
        node = self.get_object()
        self.tree.shift(node, up=self.content(ShiftSerializer)["to"] == "up")
        return self.answer(node)

    @extend_schema(request=MergeSerializer, responses=NodeSerializer)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: Any = None) -> Response:
        return self.answer(self.tree.merge(self.get_object(), **self.content(MergeSerializer)))


class BranchViewSet(ReadViewSet):
    """The branches of the tree and their rules."""

    queryset = ClassificationBranch.objects.prefetch_related("assigners")
    serializer_class = BranchSerializer
    filter_backends = ()
    rule_permissions = {"list": VIEW, "retrieve": VIEW}

    def visible_rows(self) -> QuerySet[Any]:
        return self.queryset.all()


class MunicipalitySerializer(serializers.ModelSerializer[Municipality]):
    class Meta:
        model = Municipality
        fields = ("id", "code", "name_fi", "name_sv", "region")


class MunicipalityFilterSet(FilterSet):
    q = SearchFilter(method="search", label=gettext_lazy("Name"))
    region = filters.CharFilter()

    class Meta:
        model = Municipality
        fields: tuple[str, ...] = ()

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(name_fi__istartswith=value) | queryset.filter(name_sv__istartswith=value)


class MunicipalityViewSet(ReadViewSet):
    """The municipalities of Finland."""

    queryset = Municipality.objects.all()
    serializer_class = MunicipalitySerializer
    filterset_class = MunicipalityFilterSet
    table = Table((Column("name", gettext_lazy("Name"), sort="sort_key"),), default_sort="name")
    rule_permissions = {"list": SIGNED_IN, "retrieve": SIGNED_IN}

    def visible_rows(self) -> QuerySet[Any]:
        return self.queryset.all()


CLASSES = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "integer"}},
    "description": "Branch code → ids of its classes.",
}


class ClassesViewSet(VisibleViewSet):
    """The classes of a customer or contact: branch code → ids. A PUT sets the branches in it."""

    serializer_class = None

    @extend_schema(request=None, responses={200: CLASSES})
    def retrieve(self, request: Request, pk: Any = None) -> Response:
        return self._response(self.get_object())

    @extend_schema(request={"application/json": CLASSES}, responses={200: CLASSES, 409: ErrorSerializer})
    def update(self, request: Request, pk: Any = None) -> Response:
        target = self.get_object()
        for branch, nodes in self._requested_classes(request.data):
            classifications_set(target=target, branch=branch, nodes=nodes, user=self.user)
        return self._response(target)

    def _requested_classes(self, data: Any) -> list[tuple[ClassificationBranch, list[ClassificationNode]]]:
        """Return the branches and classes of the data. Raises ``ValidationError`` by branch for unknown ones."""
        if not isinstance(data, dict):
            raise serializers.ValidationError(_("Give an object: branch code → list of class ids."))
        branches = {branch.code: branch for branch in ClassificationBranch.objects.filter(code__in=data)}
        errors: dict[str, Any] = {code: [_("There is no such branch.")] for code in data.keys() - branches.keys()}
        ids = serializers.PrimaryKeyRelatedField(queryset=ClassificationNode.objects.all(), many=True)
        requested = []
        for code, branch in branches.items():
            try:
                requested.append((branch, ids.run_validation(data[code])))
            except serializers.ValidationError as error:
                errors[code] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return requested

    def _response(self, target: Customer | Contact) -> Response:
        ids_by_branch: dict[str, list[int]] = {branch.code: [] for branch in branches_for(target)}
        for code, pk in target.classifications.order_by("node__path").values_list("node__branch__code", "node"):
            ids_by_branch[code].append(pk)
        return Response(ids_by_branch)


class CustomerClassesViewSet(ClassesViewSet):
    queryset = Customer.objects.all()
    rule_permissions = {"retrieve": "customers.view_customer", "update": "customers.classify_customer"}


class ContactClassesViewSet(ClassesViewSet):
    queryset = Contact.objects.all()
    rule_permissions = {"retrieve": "customers.view_contact", "update": "customers.edit_contact"}
