"""The content of plans as pages and PDFs show it: header, sections and texts by the template of the customer's scheme.

Set-based: a constant number of queries for all asked customers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from careplans.content.charging import YearOfCharges, charges_by_year
from careplans.content.enums import PartKind
from careplans.content.models import PlanBlock, PlanContent, PlanTemplate, TemplatePart
from careplans.content.outlook import Outlook, outlooks
from careplans.content.personnel import Personnel, personnel_of
from careplans.content.sections import Asked, PlanSection, plan_sections
from careplans.plans.models import PlanUpdate
from careplans.plans.words import day_words
from core.formatting import number_text
from customers.models import Customer
from segmentation.membership.models import Membership

EMPTY = "–"


@dataclass(frozen=True)
class HeaderField:
    part: TemplatePart
    text: str
    is_automatic: bool
    note: str = ""

    @property
    def is_missing(self) -> bool:
        return self.part.is_required and not self.text


@dataclass(frozen=True)
class SectionRow:
    row: Any
    cells: list[str]
    fault: str


@dataclass(frozen=True)
class ShownSection:
    part: TemplatePart
    section: PlanSection
    rows: list[SectionRow]

    @property
    def is_missing(self) -> bool:
        return self.part.is_required and not self.rows

    @property
    def labels(self) -> list[str]:
        return [str(column.label) for column in self.section.columns]


@dataclass(frozen=True)
class Block:
    part: TemplatePart
    row: PlanBlock | None

    @property
    def text(self) -> str:
        return self.row.text if self.row else ""

    @property
    def is_missing(self) -> bool:
        return self.part.is_required and not self.text


@dataclass
class PlanPage:
    """The content of one customer's plan."""

    customer: Customer
    content: PlanContent | None
    template: PlanTemplate | None
    header: list[HeaderField] = field(default_factory=list)
    sections: list[ShownSection] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    years: Sequence[YearOfCharges] = ()

    @property
    def share_by_hand(self) -> int | None:
        """Of the filled fields and cells, how many per cent people have entered; None: nothing is filled."""
        hand = [one for one in self._filled() if not one]
        filled = len(self._filled())
        return len(hand) * 100 // filled if filled else None

    def _filled(self) -> list[bool]:
        """Return of each filled field, section's row and text whether it was filled automatically."""
        header = [one.is_automatic for one in self.header if one.text]
        rows = [one.section.is_automatic for one in self.sections for _row in one.rows]
        return [*header, *rows, *(False for one in self.blocks if one.text)]


@dataclass(frozen=True)
class _Facts:
    """What the header is made of, for all asked customers."""

    contents: Mapping[int, PlanContent]
    updates: Mapping[int, dt.date]
    segments: Mapping[int, str]
    charges: Mapping[int, Sequence[YearOfCharges]]
    personnel: Mapping[int, Personnel]
    outlooks: Mapping[int, Outlook]


def plan_pages(customers: Iterable[Customer], day: dt.date) -> list[PlanPage]:
    """Return the contents of the plans of customers that were read with their summaries, in the same order."""
    rows = list(customers)
    ids = [row.pk for row in rows]
    asked, facts = Asked(ids, day), _facts(ids, day)
    templates = _templates(ids)
    parts = {template.pk: list(template.parts.all()) for template in templates.values() if template}
    found = {section.code: section.rows(asked) for section in plan_sections().values()}
    blocks = {(one.customer_id, one.code): one for one in PlanBlock.objects.filter(customer__in=ids)}
    pages = []
    for customer in rows:
        template = templates[customer.pk]
        shown = [part for part in parts[template.pk] if part.is_shown] if template else []
        page = PlanPage(customer, facts.contents.get(customer.pk), template, years=facts.charges.get(customer.pk, ()))
        header = (_field(part, customer, facts) for part in shown if part.kind == PartKind.HEADER)
        sections = (_shown(part, found, customer) for part in shown if part.kind == PartKind.SECTION)
        page.header = [one for one in header if one]
        page.sections = [section for section in sections if section]
        page.blocks = [
            Block(part, blocks.get((customer.pk, part.code))) for part in shown if part.kind == PartKind.BLOCK
        ]
        pages.append(page)
    return pages


def plan_page(customer: Customer, day: dt.date) -> PlanPage:
    [page] = plan_pages([customer], day)
    return page


def _facts(ids: Collection[int], day: dt.date) -> _Facts:
    contents = PlanContent.objects.filter(customer__in=ids).select_related("data_by")
    updates = PlanUpdate.objects.filter(customer__in=ids).order_by("day").values_list("customer", "day")
    return _Facts(
        contents={one.customer_id: one for one in contents},
        updates=dict(updates),
        segments=_segments(ids),
        charges=charges_by_year(ids),
        personnel=personnel_of(ids, day),
        outlooks=outlooks(ids),
    )


def _segments(ids: Collection[int]) -> dict[int, str]:
    """Return the segments of customers in the schemes that are used for care, in words."""
    rows = Membership.objects.present().filter(customer__in=ids, scheme__feeds_care_models=True)
    found: dict[int, list[str]] = {}
    for row in rows.select_related("segment").order_by("scheme__order", "scheme", "pk"):
        found.setdefault(row.customer_id, []).append(str(row.segment))
    return {customer: ", ".join(names) for customer, names in found.items()}


def _templates(ids: Collection[int]) -> dict[int, PlanTemplate | None]:
    """Return the template of each customer: of a scheme in which it has a segment, else that of all others."""
    templates = list(PlanTemplate.objects.prefetch_related("parts"))
    of_scheme = {one.scheme_id: one for one in templates if one.scheme_id}
    usual = next((one for one in templates if one.scheme_id is None), None)
    found: dict[int, PlanTemplate | None] = dict.fromkeys(ids, usual)
    rows = Membership.objects.present().filter(customer__in=ids, scheme__in=list(of_scheme))
    for customer, scheme in rows.order_by("-scheme__order", "-scheme").values_list("customer", "scheme"):
        found[customer] = of_scheme[scheme]
    return found


def _shown(part: TemplatePart, found: Mapping[str, Mapping[int, Any]], customer: Customer) -> ShownSection | None:
    section = plan_sections().get(part.code)
    if section is None:
        return None
    rows = found[part.code].get(customer.pk, ())
    return ShownSection(
        part, section,
        [SectionRow(row, [str(one.text(row)) for one in section.columns], section.fault(row)) for row in rows],
    )  # fmt: skip


# The header


def _field(part: TemplatePart, customer: Customer, facts: _Facts) -> HeaderField | None:
    make = HEADER.get(part.code)
    return make(part, customer, facts) if make else None


def _automatic(text: Any) -> Any:
    return lambda part, customer, facts: HeaderField(part, text(customer, facts), is_automatic=True)


def _updated(customer: Customer, facts: _Facts) -> str:
    day = facts.updates.get(customer.pk)
    return day_words(day) if day else ""


def _owner(customer: Any, facts: _Facts) -> str:
    return str(customer.summary.owner or "")


def _given_by(part: TemplatePart, customer: Customer, facts: _Facts) -> HeaderField:
    content = facts.contents.get(customer.pk)
    if content is None or content.data_by is None:
        return HeaderField(part, "", is_automatic=False)
    return HeaderField(part, str(content.data_by), is_automatic=False, note=asked_words(content))


def asked_words(content: PlanContent) -> str:
    """Return when somebody was asked and gave the data, in words."""
    about = {"asked": day_words(content.asked_on), "given": day_words(content.given_on)}
    if content.asked_on and content.given_on:
        return _("asked on %(asked)s, given on %(given)s") % about
    if content.asked_on:
        return _("asked on %(asked)s") % about
    return _("given on %(given)s") % about if content.given_on else ""


def euros(value: Decimal) -> str:
    places = 0 if value == value.to_integral_value() else 2
    return number_text(value, places)


def euros_change(value: Decimal) -> str:
    """Return a change of euros with its sign."""
    text = euros(value)
    return text if value < 0 else f"+{text}"


def _charges(customer: Customer, facts: _Facts) -> str:
    years = facts.charges.get(customer.pk, ())
    return _("%(sum)s € (%(year)d)") % {"sum": euros(years[0].amount), "year": years[0].year} if years else ""


def _charges_change(customer: Customer, facts: _Facts) -> str:
    years = facts.charges.get(customer.pk, ())
    if not years or years[0].change is None:
        return ""
    return f"{euros_change(years[0].change)} €"


def _personnel(customer: Customer, facts: _Facts) -> str:
    known = facts.personnel.get(customer.pk)
    return str(known) if known else ""


def _outlook(customer: Customer, facts: _Facts) -> str:
    return str(facts.outlooks.get(customer.pk, ""))


HEADER: dict[str, Any] = {
    "updated": _automatic(_updated),
    "segment": _automatic(lambda customer, facts: facts.segments.get(customer.pk, "")),
    "responsible": _automatic(_owner),
    "data_by": _given_by,
    "charges": _automatic(_charges),
    "charges_change": _automatic(_charges_change),
    "personnel": _automatic(_personnel),
    "outlook": _automatic(_outlook),
}
