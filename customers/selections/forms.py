"""Forms of selections: what is kept besides the condition, names of copies, combinations, comparisons."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.fields import LineFormField
from core.forms import OnceFormMixin
from customers.selections.enums import Combination
from customers.selections.models import Selection
from customers.selections.sharing import folders_of, offer_sharing


class SelectionForm(forms.ModelForm):
    """Name, folder, sharing. Sharing with everyone is offered to those who may."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    submission_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Selection
        fields = ("name", "folder", "sharing", "team", "includes_inactive", "description")
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "folder": forms.TextInput(attrs={"list": "folders"}),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["version"].initial = self.instance.version
            del self.fields["submission_key"]
        else:
            self.fields["submission_key"].initial = uuid.uuid4
            del self.fields["version"]
        offer_sharing(self, user)
        if not user.has_perm("customers.manage_passive"):
            del self.fields["includes_inactive"]
        self.folders = folders_of(Selection.objects, user)


class NameForm(OnceFormMixin):
    name = LineFormField(label=_("Name"), max_length=120)


class OtherForm(forms.Form):
    """Another selection of the same kind of rows."""

    second = forms.ModelChoiceField(
        Selection.objects.none(), label=_("Second selection"), widget=forms.Select({"data-searchable": ""})
    )

    def __init__(self, *args: Any, first: Selection, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Selection.objects.usable_by(user).filter(of=first.of).exclude(pk=first.pk).order_by("sort_key")
        self.fields["second"].queryset = others  # type: ignore[attr-defined]


class CombineForm(OnceFormMixin, OtherForm):
    how = forms.ChoiceField(label=_("How"), choices=Combination.choices, widget=forms.RadioSelect, initial="and")
    name = LineFormField(label=_("Name"), max_length=120)

    field_order = ("how", "second", "name")
