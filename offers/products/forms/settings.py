"""The form of VAT classes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from core import clock
from core.choice_lists import ChoiceForm
from offers.products.effective_dated import Dated
from offers.products.forms.effective_dated import WithDatedRows
from offers.products.models import VatClass
from offers.products.selectors import rates_of


class VatClassForm(ChoiceForm, WithDatedRows):
    """A VAT class with its rates: a change of the law is a new row."""

    rows_prefix, rows_title, rows_label = "rates", gettext_lazy("Rates"), gettext_lazy("VAT %")
    rows_hint = gettext_lazy("Existing lines keep their rate. Empty rows are removed.")
    rows_max = Decimal(100)

    class Meta(ChoiceForm.Meta):
        model = VatClass

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound and not self.instance.pk:
            self.dated.rows[0].initial = {"valid_from": clock.today()}

    def held_rows(self) -> Sequence[Dated]:
        return rates_of(self.instance)
