"""Forms of feedback (details, answer, assignment, resolution) and of NPS."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from activities.feedback.models import Feedback
from activities.feedback.services.nps import COMMENT_LENGTH, obstacle_to_asking
from activities.log.enums import ActivityChannel
from activities.log.forms.parts import OfActivityForm, PersonField
from core.dates import DayField, TimeField
from core.forms import OnceFormMixin
from customers.models import Contact
from customers.selectors.people import possible_owners


class FeedbackDetailsForm(forms.ModelForm):
    """The fields of feedback besides those of all activities."""

    responsible = PersonField(
        offered=possible_owners(),
        label=_("Responsible for the answer"),
        required=False,
        help_text=_("Leave empty to use the customer's owner."),
    )
    answer_due = TimeField(
        label=_("Answer due"),
        required=False,
        help_text=_("Leave empty to use the default: two working days, unless set otherwise."),
    )

    class Meta:
        model = Feedback
        fields = ("about", "about_what", "responsible", "answer_due")


class AnswerForm(OfActivityForm):
    """The answer that the customer was given."""

    answer = forms.CharField(
        label=_("Answer"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
        help_text=_("The answer that the customer got: a summary of the call, or the message that was sent."),
    )
    channel = forms.ChoiceField(
        label=_("Answer channel"), choices=[("", "–"), *ActivityChannel.choices], required=False
    )
    corrective_action = forms.CharField(
        label=_("Corrective action"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is corrected, and who does it."),
    )


class AssignForm(OfActivityForm):
    responsible = PersonField(label=_("Responsible for the answer"), offered=possible_owners())
    due = TimeField(label=_("Answer due"), required=False)


class ResolveForm(OfActivityForm):
    settlement = forms.CharField(
        label=_("How it was resolved"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 4, "autofocus": True})
    )
    corrective_action = forms.CharField(
        label=_("Corrective action"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


LANGUAGE_CHOICES = [
    ("", gettext_lazy("the contact's own")),
    ("fi", gettext_lazy("Finnish")),
    ("en", gettext_lazy("English")),
]


class ContactsToAsk(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class AskForm(OnceFormMixin):
    """Contacts of a customer to ask. Those who cannot be asked are listed with the reason (``refused``)."""

    contacts = ContactsToAsk(Contact.objects.none(), label=gettext_lazy("Contacts to ask"))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=LANGUAGE_CHOICES, required=False)

    def __init__(self, *args: Any, contacts: list[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        obstacles = {contact.pk: obstacle_to_asking(contact) for contact in contacts}
        allowed = [contact for contact in contacts if obstacles[contact.pk] is None]
        self.refused = [str(error) for error in obstacles.values() if error]
        field: Any = self.fields["contacts"]
        field.queryset = Contact.objects.filter(pk__in=[contact.pk for contact in allowed])
        field.choices = [(contact.pk, str(contact)) for contact in allowed]


class AnswerNpsForm(forms.Form):
    """The public answer: a number and an optional comment."""

    score = forms.TypedChoiceField(
        choices=[(str(number), str(number)) for number in range(11)], coerce=int, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        max_length=COMMENT_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 5, "maxlength": COMMENT_LENGTH})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["score"].error_messages["required"] = gettext("Choose a number from 0 to 10.")
        self.fields["score"].error_messages["invalid_choice"] = gettext("Choose a number from 0 to 10.")
        self.fields["comment"].label = gettext("Why this number? (optional)")


class PeriodForm(forms.Form):
    first = DayField(label=gettext_lazy("From"), required=False)
    last = DayField(label=gettext_lazy("To"), required=False)

    def period(self, default: tuple[dt.date, dt.date]) -> tuple[dt.date, dt.date]:
        """Return the chosen period; missing or unreadable days come from ``default``."""
        if not self.is_bound or not self.is_valid():
            return default
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return first or min(default[0], last or default[0]), last or default[1]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", gettext("The end is before the start."))
        for name in ("first", "last"):
            if data.get(name) and not 1900 <= data[name].year <= 2200:
                self.add_error(
                    name, gettext("The year must be between %(first)d and %(last)d.") % {"first": 1900, "last": 2200}
                )
        return data
