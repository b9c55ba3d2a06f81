"""The forms by which an offer is approved or sent back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.status import SHORTEST_REASON


def _comment(**kwargs: Any) -> forms.CharField:
    return forms.CharField(max_length=1_000, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class ApproveForm(forms.Form):
    comment = _comment(label=_("Comment"), required=False)


class SendBackForm(forms.Form):
    comment = _comment(label=_("What has to be changed"), min_length=SHORTEST_REASON)
