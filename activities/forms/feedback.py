"""The forms of feedback: what it is about and who answers by when, the answer, how it was settled."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from activities.enums import ActivityChannel
from activities.models import Activity, Feedback
from crm.dates import TimeField
from crm.forms import DrawnSelect, VersionedFormMixin


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


class OfActivityForm(VersionedFormMixin, forms.ModelForm):
    """A form about an activity that writes none of its own fields: the service does."""

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()


class AnswerForm(OfActivityForm):
    """The answer, as it was given to the customer."""

    answer = forms.CharField(
        label=_("Answer"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
        help_text=_("What the customer was told. Write here after the call, or what was sent."),
    )
    channel = forms.ChoiceField(label=_("Answered how"), choices=[("", "–"), *ActivityChannel.choices], required=False)
    corrective_action = forms.CharField(
        label=_("Corrective action"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What is put right, and by whom."),
    )


class AssignForm(OfActivityForm):
    responsible = PersonField(label=_("Responsible for the answer"))
    due = TimeField(label=_("Answer due"), required=False)


class BulkAssignForm(forms.Form):
    responsible = PersonField(label=_("Responsible for the answer"))


class SettleForm(OfActivityForm):
    settlement = forms.CharField(
        label=_("How it was settled"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 4, "autofocus": True})
    )
    corrective_action = forms.CharField(
        label=_("Corrective action"), max_length=2_000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
