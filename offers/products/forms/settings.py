"""Forms of the lists that administrators keep: units and VAT classes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.forms import IntegerField, OnceFormMixin
from offers.products.effective_dated import Dated
from offers.products.forms.effective_dated import WithDatedRows
from offers.products.models import Unit, VatClass
from offers.products.selectors import rates_of


class SettingForm(OnceFormMixin, forms.ModelForm):
    """An item of a list: its code is fixed once added, because programs and imports rely on it."""

    order = IntegerField(label=gettext_lazy("Order"), min_value=0, max_value=30_000, initial=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["code"], self.fields["submission_key"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self._meta.model._default_manager.filter(code=code).exists():
            raise ValidationError(_("Another item of this list has this code."))
        return code


FIELDS = ("name_fi", "name_en", "code", "order")


class UnitForm(SettingForm):
    class Meta:
        model = Unit
        fields = FIELDS


class VatClassForm(SettingForm, WithDatedRows):
    """A VAT class with its rates: a change of the law is a new row."""

    rows_prefix, rows_title, rows_label = "rates", gettext_lazy("Rates"), gettext_lazy("VAT %")
    rows_hint = gettext_lazy("Existing lines keep their rate. Empty rows are removed.")
    rows_max = Decimal(100)

    class Meta:
        model = VatClass
        fields = FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and not self.instance.pk:
            self.dated.rows[0].initial = {"valid_from": clock.today()}

    def held_rows(self) -> Sequence[Dated]:
        return rates_of(self.instance)
