"""Forms of sign-in, users, profiles, API keys, groups and teams."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.conf import settings
from django.contrib.auth.models import Permission
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Role, Team, TeamNote, User
from accounts.selectors import grants, ids_below, team_paths, time_zones
from core.dates import DayField
from core.forms import EnglishNameMixin, OnceFormMixin, VersionedFormMixin


class SignInForm(LoginForm):
    """The sign-in form with the program's own labels."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["remember"].label = _("Keep me signed in")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs["autofocus"] = True


class UserForm(VersionedFormMixin):
    """The data of a user that administrators edit."""

    groups = forms.ModelMultipleChoiceField(
        Role.objects.all(), label=_("Groups"), required=False, widget=forms.CheckboxSelectMultiple
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.all(), label=_("Teams"), required=False, widget=forms.CheckboxSelectMultiple
    )
    fieldsets = (
        ("", ["first_name", "last_name", "username", "email", "title", "phone", "manager", "language"]),
        (_("Groups and teams"), ["groups", "teams"]),
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "username", "email", "title", "phone", "manager", "language")
        help_texts = {"username": _("For example firstname.lastname")}
        widgets = {"manager": forms.Select(attrs={"data-searchable": ""})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managers = User.objects.active() | User.objects.filter(pk=self.instance.manager_id)
        self.fields["manager"].queryset = managers.exclude(pk=self.instance.pk).order_by("sort_key")  # type: ignore[attr-defined]
        self.fields["last_name"].required = True
        if self.instance.pk:
            self.initial["teams"] = list(self.instance.teams.values_list("pk", flat=True))
            self.initial["groups"] = list(self.instance.groups.values_list("pk", flat=True))


class InviteForm(OnceFormMixin, UserForm):
    """A new user. The e-mail address comes first: the browser proposes the names from it (``propose.js``)."""

    fieldsets = (
        ("", ["email", "first_name", "last_name", "username", "title", "phone", "manager", "language"]),
        (_("Groups and teams"), ["groups", "teams"]),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["email"].widget.attrs["data-proposes"] = "person"
        self.fields["email"].help_text = _("The names and the user name are proposed from it.")


class ProfileForm(VersionedFormMixin):
    """The data that users edit of themselves."""

    time_zone = forms.ChoiceField(label=_("Time zone"), widget=forms.Select(attrs={"data-searchable": ""}))
    fieldsets = (
        (_("Personal details"), ["first_name", "last_name", "title", "phone"]),
        (_("Appearance"), ["language", "time_zone", "theme"]),
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "title", "phone", "language", "time_zone", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = list(dict.fromkeys((self.instance.time_zone, settings.TIME_ZONE)))
        far = sorted(set(time_zones()) - set(near))
        choices = [(name, name.replace("_", " ")) for name in (*near, *far)]
        self.fields["time_zone"].choices = choices  # type: ignore[attr-defined]
        self.fields["last_name"].required = True


class PreferencesForm(forms.ModelForm):
    """The quick switches of the user menu, sent one at a time."""

    class Meta:
        model = User
        fields = ("language", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(self.data):
            del self.fields[name]


class ApiTokenForm(OnceFormMixin, forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("name", "scope", "expires_on", "is_service")
        field_classes = {"expires_on": DayField}
        help_texts = {
            "name": _("What the key is for, such as “monthly report”."),
            "expires_on": _("Leave empty for a key without an end."),
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        if not user.has_perm("accounts.manage_users"):
            del self.fields["is_service"]


class GrantIterator(ModelChoiceIterator):
    """The rights, grouped by the part of the program to which they belong."""

    def __iter__(self) -> Any:
        apps: dict[str, list[Any]] = {}
        for permission in self.queryset:
            apps.setdefault(permission.content_type.app_labeled_name.split(" | ")[0], []).append(
                self.choice(permission)
            )
        yield from apps.items()


class GrantsField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple
    iterator = GrantIterator

    def label_from_instance(self, obj: Permission) -> str:
        return gettext(obj.name)


class RoleForm(EnglishNameMixin, VersionedFormMixin):
    grants = GrantsField(Permission.objects.none(), label=_("Members' rights"), required=False)

    class Meta:
        model = Role
        fields = ("name_fi", "name_en", "description", "order")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"order": _("Groups are listed in this order, smallest number first.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grants"].queryset = grants()  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["grants"] = list(self.instance.permissions.values_list("pk", flat=True))


class NewRoleForm(OnceFormMixin, RoleForm):
    pass


class TeamForm(VersionedFormMixin):
    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Members"),
        required=False,
        widget=forms.SelectMultiple(attrs={"data-searchable": "", "data-wide": ""}),
    )

    class Meta:
        model = Team
        fields = ("name", "kind", "parent", "leader")
        widgets = {name: forms.Select(attrs={"data-searchable": ""}) for name in ("parent", "leader")}
        help_texts = {"leader": _("The leader is also a member.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = list(self.instance.members.values_list("pk", flat=True)) if self.instance.pk else []
        known = [*own, self.instance.leader_id] if self.instance.leader_id else own
        users = (User.objects.active() | User.objects.filter(pk__in=known)).order_by("sort_key")
        self.fields["leader"].queryset = self.fields["members"].queryset = users  # type: ignore[attr-defined]
        self.initial["members"] = own
        self.fields["kind"].required = False  # what is not said stays as it is
        below = {self.instance.pk, *ids_below(self.instance)} if self.instance.pk else set()
        self.fields["parent"].queryset = Team.objects.exclude(pk__in=below)  # type: ignore[attr-defined]
        paths = team_paths()
        self.fields["parent"].label_from_instance = lambda team: paths.get(team.pk, team.name)  # type: ignore[attr-defined]


class NewTeamForm(OnceFormMixin, TeamForm):
    pass


class NoteForm(VersionedFormMixin):
    class Meta:
        model = TeamNote
        fields = ("title", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 8})}


class NewNoteForm(OnceFormMixin, NoteForm):
    pass
