"""The forms of NPS: whom to ask, the answer, the period of the figures."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.services.nps import COMMENT_LENGTH, obstacle_to_asking
from crm.dates import DayField
from crm.forms import OnceFormMixin
from customers.models import Contact

LANGUAGE_CHOICES = [
    ("", gettext_lazy("the contact's own")),
    ("fi", gettext_lazy("Finnish")),
    ("en", gettext_lazy("English")),
]


class ContactsToAsk(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class AskForm(OnceFormMixin):
    """Whom at a customer to ask; who cannot be asked is told with the reason."""

    contacts = ContactsToAsk(Contact.objects.none(), label=gettext_lazy("Whom to ask"))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGE_CHOICES, required=False)

    def __init__(self, *args: Any, contacts: list[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        obstacles = {contact.pk: obstacle_to_asking(contact) for contact in contacts}
        free = [contact for contact in contacts if obstacles[contact.pk] is None]
        self.refused = [str(error) for error in obstacles.values() if error]
        field: Any = self.fields["contacts"]
        field.queryset = Contact.objects.filter(pk__in=[contact.pk for contact in free])
        field.choices = [(contact.pk, str(contact)) for contact in free]


class AnswerNpsForm(forms.Form):
    """The public page: a number and, if one likes, some words."""

    score = forms.TypedChoiceField(
        choices=[(str(number), str(number)) for number in range(11)], coerce=int, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        max_length=COMMENT_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 5, "maxlength": COMMENT_LENGTH})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"].error_messages["required"] = _("Choose a number from 0 to 10.")
        self.fields["score"].error_messages["invalid_choice"] = _("Choose a number from 0 to 10.")
        self.fields["comment"].label = _("Why this number? (if you like)")


class PeriodForm(forms.Form):
    first = DayField(label=gettext_lazy("From"), required=False)
    last = DayField(label=gettext_lazy("To"), required=False)

    def period(self, default: tuple[dt.date, dt.date]) -> tuple[dt.date, dt.date]:
        """Return the period that was asked for; what is missing or cannot be read is the default."""
        if not self.is_bound or not self.is_valid():
            return default
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return first or min(default[0], last or default[0]), last or default[1]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The end is before the start."))
        for name in ("first", "last"):
            if data.get(name) and not 1900 <= data[name].year <= 2200:
                self.add_error(
                    name, _("The year must be between %(first)d and %(last)d.") % {"first": 1900, "last": 2200}
                )
        return data
