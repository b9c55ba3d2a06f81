"""What the program refuses to start with: an address that does not say who may have it.

``manage.py check`` and every other command run these, and ``crm.wsgi`` runs them before the first request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver
from django.views import View

from core.permissions import PUBLIC, PermissionMixin

TAG = "portaali"

HINT = "Name a rule, SIGNED_IN or PUBLIC (core.permissions)."

#: Views of libraries, which know nothing of our permissions, and who decides there. A new one is added here first.
FOREIGN = {
    "open: the way in, which decides itself": {
        "allauth.account.views.AccountInactiveView",
        "allauth.account.views.ConfirmEmailView",
        "allauth.account.views.ConfirmLoginCodeView",
        "allauth.account.views.LoginView",
        "allauth.account.views.LogoutView",
        "allauth.account.views.PasswordResetDoneView",
        "allauth.account.views.PasswordResetFromKeyDoneView",
        "allauth.account.views.PasswordResetFromKeyView",
        "allauth.account.views.PasswordResetView",
        "allauth.account.views.SignupView",
        "allauth.account.views.email_verification_sent",
        "allauth.mfa.base.views.AuthenticateView",
    },
    "closed: the library asks for sign-in and shows one's own account": {
        "allauth.account.views.EmailView",
        "allauth.account.views.PasswordChangeView",
        "allauth.account.views.PasswordSetView",
        "allauth.account.views.ReauthenticateView",
        "allauth.mfa.base.views.IndexView",
        "allauth.mfa.base.views.ReauthenticateView",
        "allauth.mfa.recovery_codes.views.DownloadRecoveryCodesView",
        "allauth.mfa.recovery_codes.views.GenerateRecoveryCodesView",
        "allauth.mfa.recovery_codes.views.ViewRecoveryCodesView",
        "allauth.mfa.totp.views.ActivateTOTPView",
        "allauth.mfa.totp.views.DeactivateTOTPView",
    },
    "closed: SPECTACULAR_SETTINGS asks for sign-in": {
        "drf_spectacular.views.SpectacularAPIView",
        "drf_spectacular.views.SpectacularSwaggerSplitView",
    },
    "open: an answer without content": {"django.views.defaults.page_not_found"},
}


@register(TAG)
def check_permissions_declared(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each address, and each action of the API, that declares no permission."""
    foreign = set().union(*FOREIGN.values())
    return [
        Error(f"/{path} ({name}) {fault}.", hint=HINT, id="portaali.E001")
        for path, view in _views(get_resolver())
        if (name := _name(view)) not in foreign
        for fault in _faults(view)
    ]


@register(TAG)
def check_lists_only_use_check_permissions(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each list that checks something where its export as a job would not."""
    from core.list_views import FilteredListView

    return [
        Error(
            f"{_dotted(parent)} overrides dispatch for the list {_dotted(view)}: its export as a job would not run it.",
            hint="Move what it checks to check_permissions.",
            id="portaali.E002",
        )
        for view in _subclasses(FilteredListView)
        for parent in view.__mro__
        if "dispatch" in vars(parent) and parent not in (PermissionMixin, View)
    ]


def require_declared_permissions() -> None:
    """Raise ImproperlyConfigured with all that these checks find."""
    errors = run_checks(tags=[TAG])
    if errors:
        raise ImproperlyConfigured("\n".join(map(str, errors)))


def _views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every address with its view function."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def _faults(view: Any) -> list[str]:
    """Return what is missing in a view's declaration, in words."""
    api = getattr(view, "cls", None)
    if api is not None:
        given = getattr(view, "initkwargs", {}).get("permission_classes", api.permission_classes)
        return _api_faults(api, given, getattr(view, "actions", None) or {})
    declares = getattr(view, "view_class", view)
    permission = getattr(declares, "permission_required", "")
    if not permission:
        return ["declares no permission_required"]
    asks = isinstance(declares, type) and _asks_first(declares)
    if asks and permission == PUBLIC:
        return ["is a PermissionMixin and cannot be PUBLIC"]
    return [] if asks or permission == PUBLIC else ["names a permission and is no PermissionMixin, which would ask it"]


def _asks_first(page: type) -> bool:
    """Return whether the permission is asked: the first ``dispatch`` of the class is one of a PermissionMixin."""
    return issubclass(next((base for base in page.__mro__ if "dispatch" in vars(base)), object), PermissionMixin)


def _api_faults(api: Any, permissions: Sequence[Any], actions: dict[str, str]) -> list[str]:
    """Return the faults of an endpoint; its ``@action`` may have given it other ``permissions`` than its class."""
    from core.api.views import RulePermission

    if not any(issubclass(permission, RulePermission) for permission in permissions):
        return ["has no RulePermission in permission_classes"]
    if not actions:
        return ["has no actions, and RulePermission asks the rule of an action: make it a view set"]
    rules = api.rule_permissions
    served = [action for method, action in actions.items() if method in api.http_method_names]
    return [f"has no rule for the action {action}" for action in served if not rules.get(action)]


def _name(view: Any) -> str:
    return _dotted(getattr(view, "cls", None) or getattr(view, "view_class", view))


def _dotted(thing: Any) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def _subclasses(parent: type[Any]) -> Iterator[type[Any]]:
    """Yield each class below ``parent`` once."""
    children: list[type[Any]] = parent.__subclasses__()
    for child in children:
        yield child
        yield from _subclasses(child)
