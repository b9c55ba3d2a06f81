"""Forms of segmentation work: deciding otherwise, reviews and their answers, questions to former owners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import clock
from core.dates import DayField
from core.forms import OnceFormMixin
from segmentation.casework.enums import Answer
from segmentation.casework.models import TEXT_LENGTH, ReviewLine
from segmentation.membership.forms import ReasonFieldsMixin, SegmentChoiceField, offered_segments
from segmentation.schemes.models import Scheme, Segment


def _text(label: Any, **about: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 3}), **about)


class OverrideForm(ReasonFieldsMixin):
    """A decision against the suggestion: the present segment or another one, and why."""

    segment = SegmentChoiceField(label=_("Segment"))
    field_order = ("segment", "reason", "text")

    def __init__(self, *args: Any, scheme: Scheme, held: Segment | None, without: int | None, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["segment"]
        offered = [segment for segment in offered_segments(user, scheme) if segment.pk != without]
        field.offer(offered, kept=held.pk if held else None)
        field.initial = held.pk if held else None
        self.fields["text"].help_text = _("Choose a reason or write why.")


class ReviewStartForm(OnceFormMixin, forms.Form):
    scheme = forms.ModelChoiceField(Scheme.objects.none(), label=_("Scheme"), empty_label=None)
    title = forms.CharField(label=_("Title"), max_length=120)
    due = DayField(label=_("Answers by"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["scheme"]
        field.queryset = Scheme.objects.in_use().filter(is_exclusive=True)
        field.initial = Scheme.objects.primary().first()
        self.fields["title"].initial = gettext("Yearly review %(year)d") % {"year": clock.today().year}


class AnswerForm(forms.Form):
    """What the owner answers about a customer in a review."""

    answer = forms.ChoiceField(
        label=pgettext_lazy("review", "Answer"),
        choices=[(one.value, one.label) for one in (Answer.KEEP, Answer.CHANGE)],
        widget=forms.RadioSelect,
    )
    wanted = SegmentChoiceField(label=_("New segment"), required=False)
    text = _text(_("Explanation"), required=False, help_text=_("A change needs a reason."))

    def __init__(self, *args: Any, line: ReviewLine, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["wanted"]
        segments = Segment.objects.in_use().filter(scheme=line.review.scheme_id).exclude(pk=line.segment_id)
        field.offer(list(segments.select_related("scheme")), kept=line.wanted_id)
        field.initial = line.wanted_id or line.suggested_id
        self.fields["answer"].initial = line.answer or Answer.KEEP
        self.fields["text"].initial = line.text


class DecisionForm(forms.Form):
    text = _text(_("Decision"), required=False)


class CancelForm(forms.Form):
    text = _text(_("Reason"))
