"""The form in which a former owner answers: a segment and a few words for each customer of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from segmentation.casework.models import TEXT_LENGTH, InquiryLine
from segmentation.casework.services.inquiries import Said
from segmentation.schemes.models import Scheme, Segment

UNKNOWN = "unknown"


class AnswersForm(forms.Form):
    """What is left empty is not answered yet."""

    def __init__(self, *args: Any, lines: Sequence[InquiryLine], scheme: Scheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        self.segments = {str(one.pk): one for one in Segment.objects.in_use().filter(scheme=scheme).order_by("order")}
        choices = [
            ("", "---------"),
            *((pk, str(one)) for pk, one in self.segments.items()),
            (UNKNOWN, _("I do not know")),
        ]
        for line in self.lines:
            said = {"customer": line.customer}
            self.fields[f"segment_{line.pk}"] = forms.ChoiceField(
                label=_("Segment: %(customer)s") % said, choices=choices, required=False
            )
            self.fields[f"text_{line.pk}"] = forms.CharField(
                label=_("Why: %(customer)s") % said, max_length=TEXT_LENGTH, required=False
            )

    def rows(self) -> Iterator[tuple[InquiryLine, Any, Any]]:
        """Yield each line with its two fields, as the page draws them."""
        for line in self.lines:
            yield line, self[f"segment_{line.pk}"], self[f"text_{line.pk}"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not any(data.get(f"segment_{line.pk}") for line in self.lines):
            raise forms.ValidationError(gettext_lazy("Choose a segment for at least one customer."))
        return data

    def answers(self) -> dict[int, Said]:
        """Return the answers by the id of their line."""
        found: dict[int, Said] = {}
        for line in self.lines:
            choice = self.cleaned_data.get(f"segment_{line.pk}")
            if choice:
                found[line.pk] = Said(self.segments.get(choice), self.cleaned_data.get(f"text_{line.pk}") or "")
        return found
