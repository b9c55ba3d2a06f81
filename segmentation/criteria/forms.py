"""Forms of versions: a new draft, its justification, the steps, comparing, a back-test."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import clock
from core.dates import DayField
from core.forms import OnceFormMixin, TeamOpinionForm, VersionedFormMixin
from segmentation.criteria.models import CriteriaVersion
from segmentation.schemes.models import Scheme

JUSTIFICATION = _("Why are the criteria changed? Management reads it, and it is kept with the version.")


class CriteriaForm(OnceFormMixin, forms.ModelForm):
    """A new draft."""

    class Meta:
        model = CriteriaVersion
        fields = ("scheme", "based_on", "justification")
        widgets = {"justification": forms.Textarea({"rows": 4})}
        help_texts = {"justification": JUSTIFICATION}

    based_on = forms.ModelChoiceField(
        CriteriaVersion.objects.none(), required=False, label=_("Based on"), empty_label=_("nothing: empty rules")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schemes: Any = self.fields["scheme"]
        schemes.queryset = Scheme.objects.in_use().filter(is_exclusive=True)
        schemes.empty_label = None
        versions: Any = self.fields["based_on"]
        versions.queryset = CriteriaVersion.objects.select_related("scheme").order_by("scheme__order", "-number")


class JustificationForm(VersionedFormMixin, forms.ModelForm):
    class Meta:
        model = CriteriaVersion
        fields = ("justification",)
        widgets = {"justification": forms.Textarea({"rows": 4})}
        help_texts = {"justification": JUSTIFICATION}


class CommentForm(OnceFormMixin, forms.Form):
    comment = forms.CharField(label=_("Comment"), required=False, max_length=1_000, widget=forms.Textarea({"rows": 3}))


class OpinionForm(OnceFormMixin, TeamOpinionForm):
    """What a member of the account team says of a version."""


class ReviewForm(CommentForm):
    """Send a version to management."""

    comment = forms.CharField(
        label=_("What the account team said"), required=False, max_length=1_000, widget=forms.Textarea({"rows": 3}),
        help_text=_("A summary for management, which sees the opinions too."),
    )  # fmt: skip


class ReasonForm(OnceFormMixin, forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=1_000, widget=forms.Textarea({"rows": 3}))


class ForceForm(OnceFormMixin, forms.Form):
    day = DayField(
        label=_("In force from"), help_text=_("Today or a coming day. The version before it ends the day before.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = clock.today


class CompareForm(forms.Form):
    """Which version another one is compared with."""

    other = forms.ModelChoiceField(CriteriaVersion.objects.none(), label=_("Compare with"))

    def __init__(self, *args: Any, criteria: CriteriaVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["other"]
        field.queryset = CriteriaVersion.objects.filter(scheme=criteria.scheme).exclude(pk=criteria.pk)
        field.queryset = field.queryset.select_related("scheme").order_by("-number")
        field.empty_label = None


class BackTestForm(forms.Form):
    day = DayField(
        label=_("Day"), help_text=_("A day that is over; the values are those of the last month that had ended.")
    )
