"""Rule permissions, visible rows and versions for the endpoints of every app."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, permissions, serializers, viewsets
from rest_framework.request import Request
from rest_framework.views import APIView

from crm.permissions import allowed, public
from crm.services import check_version


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


# A serializer of a crm.models.VersionedModel: a stale "version" in a change is refused (409). No docstring: the schema
# would show it as the description of every serializer that has none.
class VersionedSerializer(serializers.ModelSerializer):
    version = serializers.IntegerField(required=False)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        check_version(instance, validated_data.pop("version", None))
        return super().update(instance, validated_data)

    def create(self, validated_data: dict[str, Any]) -> Any:
        validated_data.pop("version", None)
        return super().create(validated_data)


class VisibleViewSet(viewsets.GenericViewSet):
    """Endpoints over the rows that the user may see. One request is one transaction."""

    queryset: QuerySet[Any]
    table: Any = None
    rule_permissions: ClassVar[dict[str, str]] = {}
    permission_classes = (permissions.IsAuthenticated, RulePermission)

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return self.queryset.all().visible_to(self.request.user)  # type: ignore[attr-defined]

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method in permissions.SAFE_METHODS:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:  # the error has become an answer: nothing of the request may stay
                transaction.set_rollback(True)
            return response


@public
@csrf_exempt
def not_found(request: Any, path: str = "") -> Any:
    """Any address under /api/ that does not exist answers in the one form too."""

    class NotFound(APIView):
        permission_classes = ()

        def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
            raise exceptions.NotFound(gettext_lazy("There is nothing at this address."))

    return NotFound.as_view()(request)
