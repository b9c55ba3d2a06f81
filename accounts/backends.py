"""What a user may do, in one query; signing in is left to the other backends."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission


class GrantsBackend(ModelBackend):
    """Reads a user's own grants and those of the groups together, before ``ModelBackend`` reads them in two queries."""

    def authenticate(self, *args: Any, **kwargs: Any) -> None:
        return None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is not None or user_obj.is_anonymous or not user_obj.is_active or user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):  # Django's own name: the backends after it find it there
            user_obj._perm_cache = {f"{app}.{name}" for app, name in _grants(user_obj)}
        cached: set[str] = user_obj._perm_cache
        return cached


def _grants(user: Any) -> Any:
    names = Permission.objects.order_by().values_list("content_type__app_label", "codename")
    return names.filter(user=user).union(names.filter(group__user=user))
