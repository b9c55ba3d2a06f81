"""Forms of the steps of a version of a care model, and of comparing it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from careplans.caremodels.forms import SHORT
from careplans.caremodels.models import ModelVersion
from core import clock
from core.dates import DayField
from core.forms import OnceFormMixin, TeamOpinionForm


class StepForm(OnceFormMixin, forms.Form):
    """A step of a version, with the version of its content that the user saw."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class CommentForm(StepForm):
    comment = forms.CharField(label=_("Comment"), required=False, max_length=1_000, widget=SHORT)


class ReviewForm(StepForm):
    """The account team has gone through the version."""

    comment = forms.CharField(
        label=_("What the account team said"), required=False, max_length=1_000, widget=SHORT,
        help_text=_("A summary for management, which sees the opinions too."),
    )  # fmt: skip


class OpinionForm(OnceFormMixin, TeamOpinionForm):
    """What a member of the account team says of a version."""


class ReasonForm(StepForm):
    reason = forms.CharField(label=_("Reason"), max_length=1_000, widget=SHORT)


class ApproveForm(StepForm):
    valid_from = DayField(
        label=_("In force from"), help_text=_("Today or a coming day. The version before it ends the day before.")
    )
    comment = forms.CharField(label=_("Comment"), required=False, max_length=1_000, widget=SHORT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = clock.today


class CompareForm(forms.Form):
    """Which version another one is compared with."""

    other = forms.ModelChoiceField(ModelVersion.objects.none(), label=_("Compare with"), empty_label=None)

    def __init__(self, *args: Any, version: ModelVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["other"]
        others = ModelVersion.objects.filter(model=version.model_id).exclude(pk=version.pk)
        field.queryset = others.select_related("model").order_by("-number")
