"""Details of encounters, and the parts that the forms of other subjects share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from activities.log.enums import CriticalMoment
from activities.log.models import Activity, ContactReason, Encounter
from core.forms import DrawnSelect, VersionedFormMixin

SOLVED = [("", "–"), ("true", pgettext_lazy("solved at once", "yes")), ("false", pgettext_lazy("solved at once", "no"))]


class EncounterForm(forms.ModelForm):
    """The details of an encounter; all of them are optional."""

    solved_at_once = forms.TypedChoiceField(
        label=gettext_lazy("Solved at once"),
        required=False,
        choices=SOLVED,
        coerce=lambda text: text == "true",
        empty_value=None,
    )
    critical_moment = forms.ChoiceField(
        label=gettext_lazy("Critical moment"), required=False, choices=[("", "–"), *CriticalMoment.choices]
    )
    unnecessary = forms.ModelChoiceField(
        ContactReason.objects.none(),
        label=gettext_lazy("Why the contact was unnecessary"),
        required=False,
        empty_label=gettext_lazy("it was necessary"),
    )

    class Meta:
        model = Encounter
        fields = ("matters", "solved_at_once", "critical_moment", "unnecessary", "with_video", "with_interpreter")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial["solved_at_once"] = {True: "true", False: "false", None: ""}[self.instance.solved_at_once]
        in_use = ContactReason.objects.filter(retired_at__isnull=True)
        reasons: forms.ModelChoiceField = self.fields["unnecessary"]  # type: ignore[assignment]
        reasons.queryset = in_use | ContactReason.objects.filter(pk=self.instance.unnecessary_id)


class PersonField(forms.ModelChoiceField):
    """A searchable choice of a colleague; a former colleague stays where already chosen."""

    widget = DrawnSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.all(), **kwargs)
        self.widget.offered = User.objects.active().order_by("sort_key")
        self.widget.attrs["data-searchable"] = ""


class OfActivityForm(VersionedFormMixin, forms.ModelForm):
    """A form about an activity of which the service writes all fields."""

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()
