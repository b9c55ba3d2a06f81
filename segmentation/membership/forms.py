"""Forms of a customer's segment and of proposals."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import OnceFormMixin
from customers.models import Customer
from segmentation.membership.models import Membership
from segmentation.membership.services.moves import settable
from segmentation.schemes.models import Scheme, Segment, SegmentReason


def offered_segments(user: Any, scheme: Scheme | None = None) -> list[Segment]:
    """Return the segments in use that the user may set, or propose because they need approval."""
    segments = list(Segment.objects.in_use().select_related("scheme").order_by("scheme__order", "scheme", "order"))
    free = settable(segments, user)
    return [
        segment
        for segment in segments
        if (segment.pk in free or segment.needs_approval) and (scheme is None or segment.scheme_id == scheme.pk)
    ]


def label_of(segment: Segment) -> str:
    """Return the segment as people call it, and that it needs approval."""
    text = str(segment)
    return f"{text} ({_('needs approval')})" if segment.needs_approval else text


class SegmentChoiceField(forms.ModelChoiceField):
    """A segment; of several schemes, under the names of theirs."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Select({"data-searchable": ""}))
        super().__init__(Segment.objects.none(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return label_of(obj)

    def offer(self, segments: Collection[Segment], *, kept: int | None = None) -> None:
        """Offer these segments, and the one that is ``kept`` because the customer is in it."""
        ids = [segment.pk for segment in segments] + ([kept] if kept else [])
        self.queryset = Segment.objects.filter(pk__in=ids).order_by("scheme__order", "scheme", "order")
        groups: dict[str, list[tuple[Any, str]]] = {}
        for segment in self.queryset.select_related("scheme"):
            groups.setdefault(segment.scheme.name, []).append((segment.pk, label_of(segment)))
        choices = next(iter(groups.values())) if len(groups) == 1 else list(groups.items())
        self.choices = [("", "---------"), *choices]


class ReasonFieldsMixin(forms.Form):
    reason = forms.ModelChoiceField(
        SegmentReason.objects.filter(retired_at__isnull=True), label=_("Reason"), required=False
    )
    text = forms.CharField(label=_("Explanation"), max_length=1_000, required=False, widget=forms.Textarea({"rows": 2}))


class SegmentSetForm(ReasonFieldsMixin):
    """The segment of one customer in a scheme."""

    segment = SegmentChoiceField(label=_("Segment"), required=False)
    field_order = ("segment", "reason", "text")

    def __init__(self, *args: Any, scheme: Scheme, held: Segment | None, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["segment"]
        field.offer(offered_segments(user, scheme), kept=held.pk if held else None)
        field.initial = held.pk if held else None


class ProposalForm(OnceFormMixin, ReasonFieldsMixin):
    """A proposal: the segment, and where it is full, the customer that makes room and the segment it moves to."""

    segment = SegmentChoiceField(label=_("Segment"))
    leaver = forms.ModelChoiceField(
        Customer.objects.none(),
        label=_("Customer that makes room"),
        required=False,
        widget=forms.Select({"data-searchable": ""}),
        help_text=_("Needed if the segment is full. Both moves are approved as one."),
    )
    leaver_segment = SegmentChoiceField(label=_("It moves to"), required=False)
    field_order = ("segment", "reason", "text", "leaver", "leaver_segment")

    def __init__(self, *args: Any, customer: Customer, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        segments = offered_segments(user)
        fields: dict[str, Any] = self.fields
        fields["segment"].offer(segments)
        limited = Membership.objects.present().filter(segment__needs_approval=True, segment__limit__isnull=False)
        members = Customer.objects.active().filter(pk__in=limited.values("customer")).exclude(pk=customer.pk)
        fields["leaver"].queryset = members.order_by("sort_key")
        fields["leaver_segment"].offer([segment for segment in segments if not segment.needs_approval])


class DecideForm(forms.Form):
    text = forms.CharField(label=_("Explanation"), max_length=1_000, required=False, widget=forms.Textarea({"rows": 3}))


class RejectForm(forms.Form):
    text = forms.CharField(label=_("Reason"), max_length=1_000, widget=forms.Textarea({"rows": 3}))


class CommentForm(OnceFormMixin, forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=2_000, widget=forms.Textarea({"rows": 3}))
