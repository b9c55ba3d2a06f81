"""The forms of feedback: what it is about and who answers by when, the answer, the corrective action."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from activities.forms.widgets import DrawnSelect
from activities.models import Feedback
from crm.dates import TimeField


class PersonField(forms.ModelChoiceField):
    """A colleague to choose by typing; somebody who has left stays where he or she was."""

    widget = DrawnSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.all(), **kwargs)
        self.widget.offered = User.objects.active().order_by("sort_key")
        self.widget.attrs["data-searchable"] = ""


class FeedbackDetailsForm(forms.ModelForm):
    """What feedback tells besides the common fields of activities."""

    responsible = PersonField(
        label=_("Responsible for the answer"),
        required=False,
        help_text=_("Empty: the customer's owner."),
    )
    answer_due = TimeField(
        label=_("Answer due"), required=False, help_text=_("Empty: in two working days, unless set otherwise.")
    )

    class Meta:
        model = Feedback
        fields = ("about", "about_what", "responsible", "answer_due")
