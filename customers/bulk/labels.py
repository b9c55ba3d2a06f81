"""Bulk operation: address labels of customers as a PDF."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django import forms
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core import clock
from core.bulk.enums import BulkStatus
from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Finding
from core.forms import IntegerField
from core.pdf import render
from customers.bulk.base import INACTIVE, CustomerOperation
from customers.enums import AddressKind
from customers.models import Address, Customer

KINDS = (AddressKind.POSTAL, AddressKind.VISITING)


@dataclass(frozen=True)
class Sheet:
    """A sheet of labels: lengths in millimetres."""

    label: Any
    columns: int
    rows: int
    width: float
    height: float
    gap: float = 0
    inset: str = "5mm 6mm"

    @property
    def count(self) -> int:
        return self.columns * self.rows

    @property
    def css(self) -> str:
        side = (210 - self.columns * self.width - (self.columns - 1) * self.gap) / 2
        top = (297 - self.rows * self.height) / 2
        return f"""
            @page {{ size: A4; margin: {top:.2f}mm 0 0 {side:.2f}mm }}
            body {{ margin: 0; font: 10.5pt/1.25 "DejaVu Sans", sans-serif }}
            .sheet {{ width: {self.columns * (self.width + self.gap) + 0.5:.2f}mm }}
            .sheet + .sheet {{ break-before: page }}
            .label {{ float: left; box-sizing: border-box; overflow: hidden; margin-right: {self.gap}mm;
                width: {self.width}mm; height: {self.height:.3f}mm; padding: {self.inset} }}
            .label p {{ margin: 0 }}
        """


SHEETS = {
    "l7160": Sheet(gettext_lazy("Avery L7160 (3 × 7, 63.5 × 38.1 mm)"), 3, 7, 63.5, 38.1, 2.5),
    "2x8": Sheet("2 × 8 (105 × 37 mm)", 2, 8, 105, 297 / 8, inset="6mm 10mm"),
}


class LabelsForm(BulkForm):
    sheet = forms.ChoiceField(
        label=pgettext_lazy("labels", "Sheet"),
        choices=[(name, sheet.label) for name, sheet in SHEETS.items()],
        initial="l7160",
    )
    first = IntegerField(
        label=gettext_lazy("First free label"),
        min_value=1,
        max_value=21,
        initial=1,
        help_text=gettext_lazy("When some labels of the first sheet have been used: 1 is the first one."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        sheet = SHEETS.get(data.get("sheet", ""))
        if sheet and data.get("first", 0) > sheet.count:
            self.add_error("first", _("The sheet has %(count)d labels.") % {"count": sheet.count})
        return data


class LabelsOperation(CustomerOperation):
    name, icon, order = "customers.labels", "printer", 60
    label = gettext_lazy("Address labels")
    permission = "customers.view_customer"
    form_class = LabelsForm
    max_rows = 5_000
    reasons = {**CustomerOperation.common, "no_address": gettext_lazy("No postal or visiting address")}

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Address labels, %(sheet)s") % {"sheet": SHEETS[content["sheet"]].label}

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        sheet = SHEETS[content["sheet"]]
        pages = -(-(count + content["first"] - 1) // sheet.count)
        return [ngettext("%(count)d sheet", "%(count)d sheets", pages) % {"count": pages}]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding(INACTIVE, rows.passive())
        addresses = Address.objects.filter(customer=OuterRef("pk"), kind__in=KINDS).exclude(city="")
        yield Finding("no_address", rows.exclude(Exists(addresses)))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        return Applied(changed=ids)

    def finish(self, run: BulkRun) -> tuple[IO[bytes], str]:
        content = self.content(run.params, run.user, is_started=True)
        ids = run.rows.filter(status=BulkStatus.CHANGED).values_list("target_id", flat=True)
        pdf = labels_pdf(SHEETS[content["sheet"]], list(ids), skip=content["first"] - 1)
        return io.BytesIO(pdf), f"{slugify(_('Address labels'))}-{clock.user_today():%Y-%m-%d}.pdf"


def labels_pdf(sheet: Sheet, customer_ids: Sequence[int], *, skip: int = 0) -> bytes:
    """Return the labels of these customers by name; the first ``skip`` places of the first sheet stay empty."""
    labels: list[list[str]] = [[] for _place in range(skip % sheet.count)] + _lines(customer_ids)
    sheets = [labels[first : first + sheet.count] for first in range(0, len(labels), sheet.count)]
    return render(render_to_string("customers/labels.html", {"sheets": sheets}), sheet.css)


def _lines(customer_ids: Sequence[int]) -> list[list[str]]:
    addresses: dict[int, Address] = {}
    found = Address.objects.filter(customer__in=customer_ids, kind__in=KINDS).exclude(city="")
    for address in found.order_by("kind"):  # the postal one comes first
        addresses.setdefault(address.customer_id, address)
    names = Customer.objects.filter(pk__in=addresses).order_by("sort_key", "pk").values_list("pk", "name")
    return [[name, *_address_lines(addresses[pk])] for pk, name in names]


def _address_lines(address: Address) -> list[str]:
    country = address.country if address.country.lower() not in ("", "suomi", "finland") else ""
    lines = [address.street, f"{address.postal_code} {address.city}".strip(), country.upper()]
    return [line for line in lines if line]
