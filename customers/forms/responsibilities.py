"""Forms of responsible persons."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core import clock
from core.dates import DayField
from core.forms import OnceFormMixin
from customers.forms.fields import PersonChoiceField
from customers.models import Responsibility


class OwnerForm(forms.Form):
    user = PersonChoiceField(label=_("New owner"))
    day = DayField(label=_("From"), initial=clock.today)


class ResponsibilityForm(OnceFormMixin, forms.ModelForm):
    user = PersonChoiceField(label=_("Responsible person"))
    start = DayField(label=_("From"), initial=clock.today)
    end = DayField(label=_("To"), required=False)

    class Meta:
        model = Responsibility
        fields = ("user", "role", "description", "start", "end")


class EndForm(forms.Form):
    day = DayField(label=_("Last day"), initial=clock.today)
