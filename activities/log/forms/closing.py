"""Forms for closing activities, one or many, and for reopening them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import User
from activities.log.forms.follow_ups import FollowUpRows
from activities.log.models import Activity
from core.forms import OnceFormMixin, RichTextField, RichTextInput, VersionedFormMixin
from core.status import SHORTEST_REASON


class CloseManyForm(OnceFormMixin, forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Explanation"),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Why these are closed, for example “no longer needed”. The explanation is saved with each activity."
        ),
    )


class FinishForm(VersionedFormMixin, forms.ModelForm):
    """Close an activity that needs a memo or a resolution first, and add follow-ups."""

    extra_template = "activities/follow_ups.html"

    class Meta:
        model = Activity
        fields = ("memo", "settlement")
        labels = {"settlement": gettext_lazy("How it was resolved")}
        field_classes = {"memo": RichTextField}
        widgets = {"memo": RichTextInput(attrs={"rows": 10}), "settlement": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, user: User, needs_settlement: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.follow_ups = FollowUpRows(
            self.data if self.is_bound else None, user=user, has_customer=bool(self.instance.customer_id)
        )
        if not self.instance.memo:
            self.initial["memo"] = self.instance.type.memo_template
        if needs_settlement:
            self.fields["settlement"].required = True
        else:
            del self.fields["settlement"]

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.follow_ups.is_valid()])


class ReasonForm(VersionedFormMixin, forms.ModelForm):
    """Ask for the reason of setting an activity back to open."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()
