"""The form of what encounters have besides the common fields of activities."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.enums import CriticalMoment
from activities.models import ContactReason, Encounter

SOLVED = [("", "–"), ("true", pgettext_lazy("solved at once", "yes")), ("false", pgettext_lazy("solved at once", "no"))]


class EncounterForm(forms.ModelForm):
    """What every encounter tells; all of it may be left empty."""

    solved_at_once = forms.TypedChoiceField(
        label=_("Solved at once"), required=False, choices=SOLVED, coerce=lambda text: text == "true", empty_value=None
    )
    critical_moment = forms.ChoiceField(
        label=_("Critical moment"), required=False, choices=[("", "–"), *CriticalMoment.choices]
    )
    unnecessary = forms.ModelChoiceField(
        ContactReason.objects.none(),
        label=_("Why the contact was unnecessary"),
        required=False,
        empty_label=_("it was needed"),
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
