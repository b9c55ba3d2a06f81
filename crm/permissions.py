"""Who may do what: the pieces that pages and API share. The predicates stand in each app's ``permissions.py``.

Two kinds of names live side by side and both are asked with ``user.has_perm``:

* *grants* are Django permissions that a group holds (``customers.change_any_customer``); administrators edit them;
* *rules* are predicates over a user and a row (``customers.edit_customer``), built from grants and ownership with
  django-rules. A rule never has the name of a grant.
"""

from __future__ import annotations

from typing import Any

import rules
from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase


def granted(name: str) -> Any:
    """Return a predicate that is true when one of the user's groups holds the grant ``name`` (``app.codename``)."""

    @rules.predicate(name=f"granted:{name}")
    def has_grant(user: Any) -> bool:
        return bool(user.is_active and user.has_perm(name))

    return has_grant


def allowed(user: Any, name: str, obj: Any = None) -> bool:
    """Ask a rule about ``obj``, or a grant (grants know no objects)."""
    return bool(user.has_perm(name, obj) if rules.perm_exists(name) else user.has_perm(name))


@rules.predicate
def is_active_user(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active)


class PermissionMixin(AccessMixin):
    """A page that asks ``permission_required`` (a rule) about ``get_permission_object()`` before anything else.

    Anonymous visitors go to sign-in; who lacks the permission gets 403; who may not see the row gets 404, because
    ``get_permission_object`` of object pages reads through ``visible_to``.
    """

    request: HttpRequest
    permission_required = ""

    def get_permission_object(self) -> Any:
        return None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        row = self.get_permission_object()
        if self.permission_required and not allowed(request.user, self.permission_required, row):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
