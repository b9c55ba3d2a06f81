"""Changes of status that need words: the report of a visit, how feedback was settled, why something is open again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from accounts.models import User
from activities.forms.follow_ups import FollowUpRows
from activities.models import Activity
from crm.forms import RichTextField, RichTextInput, VersionedFormMixin
from crm.status import SHORTEST_REASON


class FinishForm(VersionedFormMixin, forms.ModelForm):
    """Closing what needs words, and what was agreed."""

    extra_template = "activities/follow_ups.html"

    class Meta:
        model = Activity
        fields = ("memo", "settlement")
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
    """Going back to open tells why."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Activity
        fields: tuple[str, ...] = ()
