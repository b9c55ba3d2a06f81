"""Permission checks shared by pages and API. The predicates are in each app's ``permissions.py``.

There are two kinds of names, and both are checked with ``user.has_perm``:

* *grants* are Django permissions that a group holds (``customers.change_any_customer``); administrators edit them;
* *rules* are predicates over a user and a row (``customers.edit_customer``), built from grants and ownership with
  django-rules. A rule never has the name of a grant.

Every page and every action of the API declares one of them, or ``SIGNED_IN`` or ``PUBLIC``. One without a declaration
answers nobody, and the program does not start (``core.checks``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import rules
from django.contrib.auth.mixins import AccessMixin
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from core.parameters import Parameters, check_query

if TYPE_CHECKING:
    from django.contrib.auth.models import _User as User  # what AUTH_USER_MODEL names

#: Takes the place of a rule where any signed-in user is meant: the user's own things, or what all may see.
SIGNED_IN: Final = "(signed in)"
#: For pages that are open to everyone on purpose. They are no PermissionMixin, which always requires sign-in.
PUBLIC: Final = "(public)"

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Declare that a view function is open to everyone on purpose."""
    view.permission_required = PUBLIC  # type: ignore[attr-defined]
    return view


def granted(name: str) -> Any:
    """Return a predicate that is true when one of the user's groups holds the grant ``name`` (``app.codename``)."""

    @rules.predicate(name=f"granted:{name}")
    def has_grant(user: Any) -> bool:
        return bool(user.is_active and user.has_perm(name))

    return has_grant


def allowed(user: Any, name: str, obj: Any = None) -> bool:
    """Ask a rule about ``obj``, or a grant (grants know no objects)."""
    if name == SIGNED_IN:
        return bool(is_active_user(user))
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
    permission_required: str = ""
    #: What the address may say, as fields by name: everything else is refused (400). None: the page checks it itself.
    parameters: Parameters | None = {}
    #: Whether only scripts ask for it, so that errors are JSON too.
    answers_scripts = False

    @property
    def user(self) -> User:
        """Return the signed-in user: anonymous visitors get no further than :meth:`dispatch`."""
        user: Any = self.request.user
        return user

    @property
    def htmx(self) -> HtmxDetails:
        """What htmx says of its request (``target``, ``boosted``); false when the browser itself asks."""
        return self.request.htmx  # type: ignore[attr-defined]

    def get_permission_object(self) -> Any:
        return None

    @classmethod
    def get_parameters(cls) -> Parameters | None:
        """Return what the address may say; a page to which other apps add parameters has theirs too."""
        return cls.parameters

    def check_permissions(self) -> None:
        """Raise PermissionDenied if the user of the request may not have this page."""
        if not self.permission_required:
            raise ImproperlyConfigured(f"{type(self).__qualname__} does not declare permission_required.")
        if not allowed(self.user, self.permission_required, self.get_permission_object()):
            self.request.denied_row = self.get_denied_row()  # type: ignore[attr-defined]
            raise PermissionDenied(self.get_denial())

    def get_denial(self) -> str:
        """Return why the user may not have the page, in a sentence, where it is no matter of rights; else nothing."""
        return ""

    def get_denied_row(self) -> Any:
        """Return the row that has a page, to which the refusal leads back."""
        return None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        self.check_permissions()
        parameters = self.get_parameters()
        if parameters is not None:
            check_query(request, parameters)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
