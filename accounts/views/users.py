"""Users: list, page, invitation, changes."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from accounts.enums import UserState
from accounts.filters import UserFilter
from accounts.forms import InviteForm, UserForm
from accounts.models import User
from accounts.selectors import user_history
from accounts.services import duties_of, invitation_resend, user_change, user_deactivate, user_invite, user_reactivate
from accounts.tables import USERS
from core import registry
from core.actions import Action
from core.list_views import FilteredListView
from core.parameters import WordsField, asked_words
from core.permissions import PermissionMixin, allowed
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin

OPTIONS = 8


class UserListView(FilteredListView):
    model = User
    filterset_class = UserFilter
    table = USERS
    title = gettext_lazy("Users")
    permission_required = "accounts.view_user"
    primary_action = Action(
        gettext_lazy("Invite a user"), "accounts:invite", icon="user-plus", rule="accounts.manage_users"
    )
    secondary_actions = (
        Action(gettext_lazy("Groups"), "accounts:groups", icon="shield-lock"),
        Action(gettext_lazy("Teams"), "accounts:teams", icon="users-group"),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_groups()  # type: ignore[attr-defined]


class UserOptionsView(PermissionMixin, View):
    """Active colleagues for choosing by typing, at most :data:`OPTIONS`, as JSON."""

    permission_required = "accounts.view_user"
    parameters = {"q": WordsField()}
    answers_scripts = True

    def get(self, request: HttpRequest) -> JsonResponse:
        text = asked_words(request)
        found = User.objects.visible_to(self.user).active().named(text)[:OPTIONS]
        return JsonResponse(
            {
                "results": [
                    {"id": user.pk, "username": user.username, "text": str(user), "detail": user.title}
                    for user in found
                ]
            }
        )


class UserPageView(VisibleObjectMixin, TemplateView):
    """A user's page. Its tabs are addresses of their own; htmx gets the tab row and what is under it."""

    model = User
    permission_required = "accounts.view_user"
    template_name = "accounts/user_detail.html"
    tab = "overview"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_groups()  # type: ignore[attr-defined]

    def get_template_names(self) -> list[str]:
        return [f"{self.template_name}#tab" if self.htmx.target == "tab" else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.object
        return super().get_context_data(
            title=str(user),
            person=user,
            tabs=user_tabs(user, self.user, self.tab),
            may_edit=allowed(self.user, "accounts.edit_user", user),
            is_invited=user.state == UserState.INVITED,
            **kwargs,
        )


class UserHistoryView(UserPageView):
    template_name = "accounts/user_history.html"
    tab = "history"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(entries=user_history(self.object), **kwargs)


def user_tabs(user: User, viewer: Any, active: str) -> list[dict[str, Any]]:
    """Return the tabs of a user's page: our own and those that higher apps have registered at "user"."""
    own = [("overview", _("Overview"), "accounts:detail"), ("history", _("History"), "accounts:history")]
    others = [(tab.name, tab.label, tab.url_name) for tab in registry.tabs.allowed("user", viewer, user)]
    return [
        {"label": label, "url": reverse(url_name, args=[user.pk]), "active": name == active}
        for name, label, url_name in [own[0], *others, own[1]]
    ]


class InviteView(ServiceFormView):
    permission_required = "accounts.manage_users"
    form_class = InviteForm
    title = gettext_lazy("Invite a user")
    submit_label = gettext_lazy("Send the invitation")
    success_message = gettext_lazy("Invitation sent.")

    def perform(self, form: Any) -> User:
        return user_invite(user=form.instance, groups=form.cleaned_data["groups"], teams=form.cleaned_data["teams"])

    def get_cancel_url(self) -> str:
        return reverse("accounts:list")


class UserEditView(ObjectFormView):
    model = User
    permission_required = "accounts.edit_user"
    form_class = UserForm
    undoable = True

    @property
    def title(self) -> str:
        return _("Change %s") % self.object

    def perform(self, form: Any) -> User:
        data = form.cleaned_data
        return user_change(user=form.instance, by=self.user, groups=data["groups"], teams=data["teams"])


class UserActionView(ActionView):
    model = User
    permission_required = "accounts.edit_user"


class DeactivateView(UserActionView):
    opposite = "accounts:reactivate"
    had_keys = False
    submit_label = gettext_lazy("Deactivate")
    success_message = gettext_lazy("The user can no longer sign in.")
    danger = True

    @property
    def question(self) -> str:
        return _("Deactivate %s?") % self.object

    def get_effects(self) -> list[Any]:
        return [
            _("The user can no longer sign in, and open sessions end at once."),
            _("The user's API keys are removed."),
            *duties_of(self.object),
            _("Open activities stay with the user: assign them to others."),
            _("The user's changes stay in the history, and the account can be reactivated."),
        ]

    def may_undo(self) -> bool:
        return not self.had_keys  # those do not come back

    def perform(self) -> Any:
        self.had_keys = self.object.api_tokens.exists()
        user_deactivate(user=self.object, by=self.user)


class ReactivateView(UserActionView):
    opposite = "accounts:deactivate"
    submit_label = gettext_lazy("Reactivate account")
    success_message = gettext_lazy("The user can sign in again.")

    @property
    def question(self) -> str:
        return _("Reactivate the account of %s?") % self.object

    def get_effects(self) -> list[Any]:
        return [_("The user can sign in with the previous password and keeps the previous groups and teams.")]

    def perform(self) -> Any:
        user_reactivate(user=self.object)


class ResendView(UserActionView):
    submit_label = gettext_lazy("Send")
    success_message = gettext_lazy("Invitation sent.")

    @property
    def question(self) -> str:
        return _("Send the invitation to %s again?") % (self.object.email or self.object)

    def perform(self) -> Any:
        invitation_resend(user=self.object)
