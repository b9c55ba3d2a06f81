"""Forms of values, own metrics, areas and costs."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.choice_lists import ChoiceForm
from core.dates import DayField
from core.fields import LineFormField
from core.forms import DecimalField, IntegerField, OnceFormMixin
from segmentation.metrics.enums import HIGHEST, OwnKind
from segmentation.metrics.models import Area, HourCost, OwnMetric, ServiceCost
from segmentation.metrics.own import scale_words

LEVEL = re.compile(r"(\d{1,2})\s*[=:–-]?\s+(.+)")
MAX_MONEY = Decimal("999999999999.99")


class ValueForm(OnceFormMixin):
    """A value of an own metric: a number with words, a number, yes or no, or a day; from when, until when and why."""

    reason = forms.CharField(
        label=gettext_lazy("Grounds"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    given_on = DayField(label=gettext_lazy("Valid from"), required=False)
    expires_on = DayField(
        label=gettext_lazy("Valid until"), required=False,
        help_text=gettext_lazy("Leave empty to use the metric's own time."),
    )  # fmt: skip

    def __init__(self, *args: Any, own: OwnMetric, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own = own
        self.fields["value"] = self._value_field()
        self.fields["reason"].required = own.is_scale
        self.order_fields(["value", "reason", "given_on", "expires_on"])
        self.fields["given_on"].initial = clock.today()

    def _value_field(self) -> forms.Field:
        label, kind = self.own.name, self.own.kind
        if kind == OwnKind.DAY:
            return DayField(label=label)
        if kind == OwnKind.SCALE:
            words = scale_words(list(self.own.levels.all()))
            choices = [(number, f"{number} – {words(number)}".removesuffix(" – ")) for number in range(HIGHEST + 1)]
            return forms.TypedChoiceField(label=label, choices=[("", "–"), *choices], coerce=Decimal)
        if kind == OwnKind.YES:
            return forms.TypedChoiceField(
                label=label, choices=[("", "–"), ("1", _("yes")), ("0", _("no"))], coerce=Decimal
            )
        return DecimalField(label=label, max_digits=16, decimal_places=2)

    @property
    def content(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        data = self.cleaned_data
        value = {"day" if self.own.kind == OwnKind.DAY else "number": data["value"]}
        return {**value, **{name: data[name] for name in ("reason", "given_on", "expires_on")}}


class OwnMetricForm(ChoiceForm):
    """An own metric. The kind is fixed once there are values. A scale has words, one number a line."""

    valid_months = IntegerField(
        label=gettext_lazy("Months until a value expires"), min_value=1, max_value=120, required=False,
        help_text=gettext_lazy("Empty: it never does. An expired value is not known."),
    )  # fmt: skip
    words_fi = forms.CharField(
        label=gettext_lazy("Words of the numbers in Finnish"), required=False, widget=forms.Textarea({"rows": 5}),
        max_length=3_000, help_text=gettext_lazy("For a number 0–10: one number and its words on each line."),
    )  # fmt: skip
    words_en = forms.CharField(
        label=gettext_lazy("Words of the numbers in English"), required=False, widget=forms.Textarea({"rows": 5}),
        max_length=3_000, help_text=gettext_lazy("The same numbers. Empty: the Finnish words."),
    )  # fmt: skip

    class Meta(ChoiceForm.Meta):
        model = OwnMetric
        fields = (
            *ChoiceForm.Meta.fields, "definition_fi", "definition_en", "kind", "valid_months", "is_value", "is_needed",
        )  # fmt: skip
        widgets = {name: forms.Textarea({"rows": 2}) for name in ("definition_fi", "definition_en")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            levels = list(self.instance.levels.all())
            for language in ("fi", "en"):
                lines = [f"{level.number} {getattr(level, f'words_{language}')}" for level in levels]
                self.initial[f"words_{language}"] = "\n".join(lines)
            if self.instance.values.exists():
                self.fields["kind"].disabled = True

    def clean_code(self) -> str:
        """Take a code that becomes one of a metric: letters, digits and hyphens."""
        code = super().clean_code()
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", code):
            raise ValidationError(_("Use letters without marks, digits, hyphens and underscores."))
        others = (own.metric_code for own in OwnMetric.objects.all())
        if OwnMetric(code=code).metric_code in others:
            raise ValidationError(_("Another metric has a code that differs only in its signs."))
        return code

    def clean_words_fi(self) -> dict[int, str]:
        return _levels(self.cleaned_data["words_fi"])

    def clean_words_en(self) -> dict[int, str]:
        return _levels(self.cleaned_data["words_en"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        finnish, english = data.get("words_fi"), data.get("words_en")
        if data.get("kind") == OwnKind.SCALE and finnish is not None and not finnish:
            self.add_error("words_fi", _("A scale needs words."))
        if finnish and english and finnish.keys() != english.keys():
            self.add_error("words_en", _("Give words to the same numbers in both languages."))
        return data

    @property
    def levels(self) -> dict[int, tuple[str, str]]:
        """Return the words of each number in Finnish and English."""
        if self.cleaned_data["kind"] != OwnKind.SCALE:
            return {}
        finnish, english = self.cleaned_data["words_fi"], self.cleaned_data["words_en"]
        return {number: (words, english.get(number, words)) for number, words in finnish.items()}


def _levels(text: str) -> dict[int, str]:
    """Return the words by number. Raise ``ValidationError`` with the line that cannot be read."""
    found: dict[int, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = LEVEL.fullmatch(line)
        if match is None or int(match[1]) > HIGHEST or int(match[1]) in found or len(match[2]) > 200:
            raise ValidationError(_("This line cannot be read: “%(line)s”") % {"line": line[:80]})
        found[int(match[1])] = match[2].strip()
    return dict(sorted(found.items()))


class AreaForm(ChoiceForm):
    class Meta(ChoiceForm.Meta):
        model = Area
        fields = (*ChoiceForm.Meta.fields, "municipalities")
        widgets = {"municipalities": forms.SelectMultiple({"data-searchable": ""})}


class CostForm(OnceFormMixin, forms.ModelForm):
    """A row of costs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["submission_key"]


class HourCostForm(CostForm):
    valid_from = DayField(label=gettext_lazy("Valid from"))
    amount = DecimalField(
        label=gettext_lazy("Cost per hour"), min_value=0, max_digits=8, decimal_places=2,
        help_text=gettext_lazy("Euros."),
    )  # fmt: skip

    class Meta:
        model = HourCost
        fields = ("role", "valid_from", "amount")


class ServiceCostForm(CostForm):
    year = IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100)
    amount = DecimalField(
        label=gettext_lazy("Service cost"), min_value=0, max_value=MAX_MONEY, max_digits=14, decimal_places=2,
        help_text=gettext_lazy("Euros in the whole year."),
    )  # fmt: skip

    class Meta:
        model = ServiceCost
        fields = ("year", "amount")


class OrderCostForm(forms.Form):
    amount = DecimalField(
        label=gettext_lazy("Direct cost"), required=False, min_value=0, max_value=MAX_MONEY, max_digits=14,
        decimal_places=2, help_text=gettext_lazy("Euros without VAT. Leave empty if it is not known."),
    )  # fmt: skip
    source = LineFormField(label=gettext_lazy("Source"), required=False, max_length=120)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
