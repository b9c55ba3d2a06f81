"""Forms of saved views: name and sharing; the default views of groups."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from core.forms import OnceFormMixin, VersionedFormMixin
from customers.saved_views.models import SavedView
from customers.selections.enums import Sharing
from customers.selections.sharing import offer_sharing


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
        offer_sharing(self, user)


class NewViewForm(OnceFormMixin, ViewForm):
    """A new view: in the menu and as one's default at once."""

    in_menu = forms.BooleanField(label=_("Show in my menu"), required=False, initial=True)
    is_default = forms.BooleanField(label=_("Open the list with this view"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]


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
