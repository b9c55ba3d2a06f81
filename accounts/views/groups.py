"""Groups with their rights, and teams."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from accounts.enums import TeamKind
from accounts.filters import RoleFilter, TeamFilter
from accounts.forms import NewRoleForm, NewTeamForm, RoleForm, TeamForm
from accounts.models import Role, Team, User
from accounts.selectors import grants, path_of, role_history, team_history, team_paths, teams_below
from accounts.services import role_delete, role_save
from accounts.tables import ROLES, TEAMS
from accounts.team_services import team_delete, team_save
from core.actions import Action
from core.list_views import FilteredListView
from core.permissions import allowed
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin


class GroupingListView(FilteredListView):
    """A list of groups or teams with the number of their members."""

    permission_required = "accounts.view_user"
    secondary_actions = (Action(gettext_lazy("Users"), "accounts:list", icon="users"),)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_member_counts()  # type: ignore[attr-defined]


class GroupListView(GroupingListView):
    model = Role
    filterset_class = RoleFilter
    table = ROLES
    title = gettext_lazy("Groups")
    primary_action = Action(gettext_lazy("Add a group"), "accounts:group_add", rule="accounts.manage_users")


class TeamListView(GroupingListView):
    model = Team
    filterset_class = TeamFilter
    table = TEAMS
    title = gettext_lazy("Teams")
    primary_action = Action(gettext_lazy("Add a team"), "accounts:team_add", rule="accounts.manage_users")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("leader", "parent")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        """Give each team the names of those that it is part of, in one query."""
        paths = team_paths() if any(team.parent_id for team in rows) else {}
        for team in rows:
            team.part_of = paths.get(team.parent_id, "")
        return rows


class GroupingPageView(VisibleObjectMixin, TemplateView):
    permission_required = "accounts.view_user"

    def members(self) -> QuerySet[User]:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = allowed(self.user, "accounts.manage_users")
        return super().get_context_data(
            title=str(self.object), object=self.object, members=self.members(), may_edit=may_edit, **kwargs
        )


class GroupView(GroupingPageView):
    model = Role
    template_name = "accounts/group_detail.html"

    def members(self) -> QuerySet[User]:
        return User.objects.visible_to(self.user).filter(groups=self.object.pk).order_by("sort_key", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sentences = grants().filter(group=self.object.pk).values_list("name", flat=True)
        return super().get_context_data(
            sentences=[_(name) for name in sentences], entries=role_history(self.object), **kwargs
        )


class TeamView(GroupingPageView):
    model = Team
    template_name = "accounts/team_detail.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("leader")

    def members(self) -> QuerySet[User]:
        return User.objects.visible_to(self.user).filter(teams=self.object).order_by("sort_key", "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        team = self.object
        notes = list(team.notes.select_related("added_by"))
        return super().get_context_data(
            entries=team_history(team),
            above=path_of(team),
            below=teams_below(team),
            notes=[note for note in notes if note.deleted_at is None],
            deleted_notes=[note for note in notes if note.deleted_at],
            shows_notes=team.kind == TeamKind.CARE or bool(notes),
            may_edit_notes=allowed(self.user, "accounts.edit_team_notes", team),
            **kwargs,
        )


class GroupAddView(ServiceFormView):
    removed_by = "accounts:group_delete"
    permission_required = "accounts.manage_users"
    form_class: Any = NewRoleForm
    title = gettext_lazy("Add a group")

    def perform(self, form: Any) -> Role:
        return role_save(role=form.instance, grants=form.cleaned_data["grants"], by=self.user)

    def get_cancel_url(self) -> str:
        return reverse("accounts:groups")


class GroupEditView(ObjectFormView):
    model = Role
    permission_required = "accounts.manage_users"
    form_class = RoleForm
    undoable = True

    @property
    def title(self) -> str:
        return _("Change %s") % self.object

    def perform(self, form: Any) -> Role:
        return role_save(role=form.instance, grants=form.cleaned_data["grants"], by=self.user)


class TeamAddView(ServiceFormView):
    removed_by = "accounts:team_delete"
    permission_required = "accounts.manage_users"
    form_class = NewTeamForm
    title = gettext_lazy("Add a team")

    def perform(self, form: Any) -> Team:
        return team_save(team=form.instance, members=form.cleaned_data["members"])

    def may_undo(self) -> bool:
        done: Any = self.done
        return not done.memberships.exists()  # a team with members is not deleted

    def get_cancel_url(self) -> str:
        return reverse("accounts:teams")


class TeamEditView(ObjectFormView):
    model = Team
    permission_required = "accounts.manage_users"
    form_class = TeamForm
    undoable = True

    @property
    def title(self) -> str:
        return _("Change %s") % self.object

    def perform(self, form: Any) -> Team:
        return team_save(team=form.instance, members=form.cleaned_data["members"])


class DeleteView(ActionView):
    """Delete an empty group or team; otherwise show on its page why it was not deleted."""

    permission_required = "accounts.manage_users"
    submit_label = gettext_lazy("Delete")
    danger = True
    list_url: str

    @property
    def question(self) -> str:
        return _("Delete %s?") % self.object

    @property
    def success_message(self) -> str:
        return _("“%s” was deleted.") % self.object

    def get_success_url(self) -> str:
        is_gone = not self.model._default_manager.filter(pk=self.kwargs["pk"]).exists()
        return reverse(self.list_url) if is_gone else str(self.object.get_absolute_url())


class GroupDeleteView(DeleteView):
    model = Role
    list_url = "accounts:groups"

    def perform(self) -> None:
        role_delete(role=self.object)


class TeamDeleteView(DeleteView):
    added_again = ("accounts:team_add", "accounts:team_change")
    model = Team
    list_url = "accounts:teams"

    def perform(self) -> None:
        team_delete(team=self.object)
