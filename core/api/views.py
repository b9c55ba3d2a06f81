"""Rule permissions, visible rows, versions and answers for the endpoints of every app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, mixins, permissions, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.bodies import check_fields, check_no_body
from core.api.fields import EmailField, LineTextField, VersionField
from core.api.queries import action_schema, check_query, check_unread
from core.api.versions import check_versions, is_versioned, tag_of, without_version
from core.fields import AddressField, LineField
from core.numbers import parse_id
from core.permissions import SIGNED_IN, allowed, public
from core.services import check_version

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User  # what AUTH_USER_MODEL names


class RulePermission(permissions.BasePermission):
    """Asks the view's ``rule_permissions[action]`` about the row (or nothing, for lists and creation).

    An action that has no rule is refused, reading too: forgetting one opens nothing.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        if view.action in (None, "metadata") or str(request.method).lower() not in view.http_method_names:
            return True  # the view answers what it does, or that it does not do this
        rule = view.rule_permissions.get(view.action)
        return rule is not None and (view.detail or allowed(request.user, rule))

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        rule = view.rule_permissions.get(view.action)
        return rule is not None and allowed(request.user, rule, obj)


# Every serializer of a model takes names, keys and addresses as the model stores them.
serializers.ModelSerializer.serializer_field_mapping |= {AddressField: EmailField, LineField: LineTextField}

# What endpoints inherit has comments instead of docstrings: the schema would show a docstring as the description of
# every serializer and endpoint without its own.


# What an action takes when the row may have changed since the caller read it.
class VersionSerializer(serializers.Serializer[Any]):
    version = VersionField()


# A serializer of a crm.models.VersionedModel: a stale "version" in a change is refused (409).
class VersionedSerializer(serializers.ModelSerializer):
    version = VersionField()

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        check_version(instance, validated_data.pop("version", None))
        return super().update(instance, validated_data)

    def create(self, validated_data: dict[str, Any]) -> Any:
        validated_data.pop("version", None)
        return super().create(validated_data)


# Endpoints that ask a rule for each action.
class ActionsViewSet(viewsets.GenericViewSet[Any]):
    permission_classes: Sequence[Any] = (permissions.IsAuthenticated, RulePermission)
    rule_permissions: ClassVar[dict[str, str]] = {}
    #: By action: the serializers of those that use another than ``serializer_class``.
    serializer_classes: ClassVar[dict[str, type[serializers.BaseSerializer[Any]]]] = {}
    #: Whether the row of the request has a version, which has been compared (``core.api.versions``).
    has_versioned_row = False

    @property
    def user(self) -> User:
        user: Any = self.request.user
        return user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        action: str | None = self.action
        if action is None:
            return  # the method is not served: its handler says so, whatever else was sent
        if self.lookup_field == "pk" and "pk" in self.kwargs and parse_id(self.kwargs["pk"]) is None:
            raise Http404  # Python would read other digits and spaces as a number too
        check_query(self)
        if not self.detail:
            self._check_no_body(request)

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Ask the rule before the body is looked at: whoever may not act learns nothing of it."""
        super().check_object_permissions(request, obj)
        self._check_no_body(request)
        if request.method not in permissions.SAFE_METHODS:
            check_versions(request, obj)
            self.has_versioned_row = is_versioned(obj)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method in permissions.SAFE_METHODS and response.status_code < 300:
            try:
                check_unread(self)
            except exceptions.ValidationError as error:
                response = self.handle_exception(error)
        tag = tag_of(getattr(response, "data", None), self.kwargs.get("pk")) if response.status_code < 300 else None
        if tag:
            response["ETag"] = tag
        return super().finalize_response(request, response, *args, **kwargs)

    def _check_no_body(self, request: Request) -> None:
        if request.method in permissions.SAFE_METHODS:
            return
        schema = action_schema(self)
        if request.method == "DELETE" or (schema is not None and schema.get_request_serializer() is None):
            check_no_body(request.data)

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer: Any = super().get_serializer(*args, **kwargs)
        if "data" in kwargs:
            serializer.initial_data = self._body_for(serializer, kwargs["data"])
            check_fields(serializer, serializer.initial_data)
        return serializer

    def _body_for(self, serializer: Any, data: Any) -> Any:
        return without_version(serializer, data) if self.has_versioned_row else data

    def get_serializer_class(self) -> Any:
        return self.serializer_classes.get(self.action) or super().get_serializer_class()

    def valid(
        self,
        serializer_class: Any,
        instance: Any = None,
        *,
        context: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> serializers.BaseSerializer[Any]:
        """Return the serializer with the request's body, found valid; its fields read the user from the context."""
        context = {**self.get_serializer_context(), **(context or {})}
        serializer: Any = serializer_class(instance, data=self.request.data, context=context, **kwargs)
        serializer.initial_data = self._body_for(serializer, self.request.data)
        check_fields(serializer, serializer.initial_data)
        serializer.is_valid(raise_exception=True)
        return serializer

    def content(self, serializer_class: Any, instance: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Return what the request's body says, as ``serializer_class`` reads it."""
        return dict(self.valid(serializer_class, instance, **kwargs).validated_data)


class VisibleViewSet(ActionsViewSet):
    """Endpoints over the rows that the user may see. One request is one transaction."""

    queryset: QuerySet[Any]
    table: Any = None
    #: What is read besides a row itself, wherever it is not one of a list.
    detail_prefetch: Sequence[Any] = ()
    #: Whether the filters of the list hide a row from those who name it by its id too.
    filters_details = True

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        rows = self.visible_rows()
        return rows if self.action == "list" else rows.prefetch_related(*self.detail_prefetch)

    def visible_rows(self) -> QuerySet[Any]:
        rows: Any = self.queryset.all()
        return rows.visible_to(self.user)

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.filters_details or not self.detail else queryset

    def reread(self, instance: Any) -> Any:
        """Return the row as it is after a write, with all that its serializer shows."""
        return self.get_queryset().get(pk=instance.pk)

    def answer(self, instance: Any, status: int = 200) -> Response:
        """Return the answer to a write: the row as it is now."""
        serializer: Any = self.serializer_class
        return Response(serializer(self.reread(instance), context=self.get_serializer_context()).data, status=status)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method in permissions.SAFE_METHODS:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:  # the error has become an answer: nothing of the request may stay
                transaction.set_rollback(True)
            return response


# Rows that are listed and read; what changes them are actions.
class ReadViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, VisibleViewSet):
    pass


# Rows that are also added and changed: the serializer's ``save`` calls the service.
class WriteViewSet(ReadViewSet):
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.valid(self.get_serializer_class()).save(), 201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.valid(self.get_serializer_class(), self.get_object(), partial=True).save())


# Rows with a serializer that shows more than their own fields: ``about_class`` reads that for all of them at once.
class AboutViewSet(ReadViewSet):
    about_class: Any

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(self._shown(page))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._shown([self.get_object()])[0])

    def answer(self, instance: Any, status: int = 200) -> Response:
        return Response(self._shown([self.reread(instance)])[0], status=status)

    def valid(self, serializer_class: Any, instance: Any = None, **kwargs: Any) -> serializers.BaseSerializer[Any]:
        context = dict(kwargs.pop("context", None) or {})
        if instance is not None:
            context["about"] = self.about_class([instance])
        return super().valid(serializer_class, instance, context=context, **kwargs)

    def _shown(self, rows: Sequence[Any]) -> Any:
        serializer: Any = self.serializer_class
        context = {**self.get_serializer_context(), "about": self.about_class(rows)}
        return serializer(rows, many=True, context=context).data


class ReadOnlyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ActionsViewSet):
    """Default data for reading, all on one page."""

    pagination_class = None
    rule_permissions: ClassVar[dict[str, str]] = {"list": SIGNED_IN, "retrieve": SIGNED_IN}


@public
@csrf_exempt
def not_found(request: Any, path: str = "") -> Any:
    """Any address under /api/ that does not exist answers in the one form too."""

    class NotFound(APIView):
        permission_classes = ()

        def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
            raise exceptions.NotFound(gettext_lazy("There is nothing at this address."))

    return NotFound.as_view()(request)
