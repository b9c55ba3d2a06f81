"""Closing many at once."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import OnceFormMixin
from crm.status import SHORTEST_REASON


class CloseManyForm(OnceFormMixin, forms.Form):
    reason = forms.CharField(
        label=_("Explanation"),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why these are closed, such as “not needed any more”. It is kept with each of them."),
    )
