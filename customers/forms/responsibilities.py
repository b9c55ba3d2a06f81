"""Forms about responsible persons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.forms import OnceFormMixin
from customers.forms.fields import PersonChoiceField
from customers.models import Responsibility


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day: browsers send ``2026-11-21``, people may type it in the form of their language."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=DayInput, **kwargs)


class OwnerForm(forms.Form):
    user = PersonChoiceField(label=_("New owner"))
    day = DayField(label=_("From"), initial=timezone.localdate)


class ResponsibilityForm(OnceFormMixin, forms.ModelForm):
    user = PersonChoiceField(label=_("Responsible person"))
    start = DayField(label=_("From"), initial=timezone.localdate)
    end = DayField(label=_("To"), required=False)

    class Meta:
        model = Responsibility
        fields = ("user", "role", "description", "start", "end")


class EndForm(forms.Form):
    day = DayField(label=_("Last day"), initial=timezone.localdate)
