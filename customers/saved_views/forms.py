"""Forms of saved views: name and sharing; the default views of groups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from core.forms import OnceFormMixin, VersionedFormMixin
from customers.saved_views.models import SavedView
from customers.selections.enums import Sharing


class ViewForm(VersionedFormMixin):
    """Name, folder, sharing. Sharing with everyone is offered to those who may."""

    extra_template = "views/folders.html"

    class Meta:
        model = SavedView
        fields = ("name", "folder", "sharing", "team", "description")
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "folder": forms.TextInput(attrs={"list": "folders"}),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = user.teams.all()
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        sharing = self.instance.sharing if self.instance.pk else Sharing.OWN
        choices = dict(Sharing.choices)
        if sharing != Sharing.ALL and not user.has_perm("selections.share_with_all"):
            del choices[Sharing.ALL.value]
        if sharing != Sharing.TEAM and not teams.exists():
            del choices[Sharing.TEAM.value]
            del self.fields["team"]
        self.fields["sharing"].choices = list(choices.items())  # type: ignore[attr-defined]


class NewViewForm(OnceFormMixin, ViewForm):
    """A new view: in the menu and as one's default at once."""

    in_menu = forms.BooleanField(label=_("Show in my menu"), required=False, initial=True)
    is_default = forms.BooleanField(label=_("Open the list with this view"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]


def folders_of(user: Any) -> list[str]:
    """Return the names of the folders that the user sees."""
    found = SavedView.objects.usable_by(user).exclude(folder="")
    return sorted(set(found.values_list("folder", flat=True)), key=str.casefold)


class RoleViewForm(OnceFormMixin):
    """A group and the view that a list opens with for it."""

    role = forms.ModelChoiceField(Role.objects.order_by("order", "name"), label=_("Group"))
    view = forms.ModelChoiceField(
        SavedView.objects.none(),
        label=_("Saved view"),
        help_text=_("Views that are shared with everyone. The list opens with it for those who have chosen none."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["view"]
        field.queryset = SavedView.objects.alive().filter(sharing=Sharing.ALL).order_by("list", "sort_key")
        field.label_from_instance = lambda view: f"{view.list_label}: {view.name}"
