"""Offers and leads of another system: the fields of their rows, and the handler.

They are found by their number there and written by ``offers.orders.services.offer_import``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.log.models import Activity
from core.exceptions import BusinessRuleError
from core.import_kinds import Field, Parser, plain
from customers.models import Customer
from imports import values
from imports.enums import RowStatus
from imports.lookups import LookupFailed, OfferLookups
from imports.models import LEAD, ImportRow
from imports.pipeline.base import RowHandler, add_problem, set_result
from imports.pipeline.contact_fields import customer_key
from imports.pipeline.customer_fields import IDS, NUMBERS
from imports.pipeline.matching import Match, match_customers
from imports.problems import Problem
from offers.orders.enums import ImportedStage
from offers.orders.services.import_rows import lead_type
from offers.orders.services.offer_import import (
    ImportedOffer,
    Key,
    KnownOffer,
    imported_offers_advance,
    imported_offers_create,
    key_of,
    known_offers_find,
)
from offers.products.money import MAX_NET

_KEY, _CUSTOMER, _BASIC, _DAYS = _("How the row is matched"), _("Customer"), _("Basic details"), _("Days")
_COMPANY = (
    "asiakas, asiakkaan nimi, yritys, organisaatio, account, account name, customer, customer name, company, "
    "organisation, organization"
)


def value(factor: Decimal) -> Parser:
    """Return a parser of values in euros."""
    return values.money(int(MAX_NET), factor, low=0)


FIELDS = [
    Field(
        "offer_number",
        _("number in the other system"),
        plain(values.line(60)),
        "tarjousnumero, tarjouksen numero, mahdollisuuden tunnus, offer number, offer id, quote number, "
        "opportunity id, opportunity number, deal id",
        _KEY,
        per_system=True,
    ),
    Field("customer", _("customer"), plain(values.line(200)), _COMPANY, _CUSTOMER),
    Field("customer_number", _("customer number"), plain(values.line(60)), NUMBERS, _CUSTOMER, per_system=True),
    Field("customer_business_id", _("business ID"), plain(values.business_id), IDS, _CUSTOMER),
    Field(
        "stage",
        _("stage"),
        plain(values.choice(ImportedStage)),
        "vaihe, tila, stage, deal stage, opportunity stage, status",
        _BASIC,
        choices=ImportedStage,
    ),
    Field(
        "account_manager",
        _("account manager"),
        plain(values.line(200)),
        "asiakasvastaava, myyjä, vastuuhenkilö, omistaja, account manager, sales agent, sales person, owner",
        _BASIC,
    ),
    Field(
        "product",
        _("product"),
        plain(values.line(200)),
        "tuote, tuotekoodi, tuotteen nimi, product, product name, product code",
        _BASIC,
    ),
    Field(
        "value",
        _("value"),
        value,
        "arvo, summa, veroton summa, hinta, value, close value, deal value, amount, sum",
        _BASIC,
        has_factor=True,
        is_amount=True,
    ),
    Field(
        "offer_title",
        pgettext_lazy("offer", "title"),
        plain(values.line(200)),
        "otsikko, aihe, nimi, title, subject, opportunity name, deal name",
        _BASIC,
    ),
    Field("offer_type", _("offer type"), plain(values.line(120)), "tarjouksen tyyppi, offer type, type", _BASIC),
    Field(
        "lost_reason",
        _("lost reason"),
        plain(values.line(120)),
        "häviämisen syy, hylkäyksen syy, lost reason, loss reason",
        _BASIC,
        soft=True,
    ),
    Field("competitor", _("competitor"), plain(values.line(120)), "kilpailija, competitor", _BASIC),
    Field(
        "internal_notes",
        _("internal notes"),
        plain(values.paragraphs(4_000)),
        "muistiinpanot, huomautus, lisätiedot, notes, comment, description",
        _BASIC,
    ),
    Field(
        "began",
        _("start date"),
        plain(values.date),
        "päivä, tarjouspäivä, alkoi, aloitettu, avattu, date, offer date, engage date, created, created date",
        _DAYS,
    ),
    Field(
        "decided",
        _("decided"),
        plain(values.date),
        "päätöspäivä, päätetty, ratkaistu, tilauspäivä, close date, closed, order date, decided",
        _DAYS,
    ),
    Field(
        "expected_close",
        _("expected close"),
        plain(values.date),
        "odotettu päätös, arvioitu päätöspäivä, expected close, expected close date",
        _DAYS,
    ),
]
REQUIRED = ("offer_number", "stage", "account_manager")


@dataclass
class Batch:
    """The known offers of a batch and the writes to make."""

    known: dict[Key, KnownOffer]
    customers: dict[int, Customer]
    new: list[tuple[ImportRow, ImportedOffer]] = field(default_factory=list)
    further: dict[Key, tuple[ImportRow, ImportedOffer]] = field(default_factory=dict)


class OfferHandler(RowHandler):
    takes_customer = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.lookups = OfferLookups(dry_run=self.dry_run)
        self.leads_have_type = _has_lead_type()

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        return "|".join(_offer_key(values)), "", ""

    @staticmethod
    def figures(values: dict[str, Any]) -> tuple[str, str | None]:
        return values.get("stage") or "", values.get("value")

    def process(self, rows: Sequence[ImportRow]) -> None:
        matches = match_customers([customer_key(row.values) for row in rows])
        batch = self._read_batch(rows, matches)
        for row, match in zip(rows, matches, strict=True):
            try:
                self._import_row(row, match, batch)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)
        if not self.dry_run:
            self._write_batch(batch)

    def _read_batch(self, rows: Sequence[ImportRow], matches: Sequence[Match]) -> Batch:
        """Read the known offers and lock the customers, so that none is deactivated meanwhile."""
        ids = {pk for match in matches for pk in match.ids} | (
            {self.assigned_customer.pk} if self.assigned_customer else set()
        )
        customers = Customer.objects.select_for_update(no_key=True).order_by("pk").in_bulk(ids)
        return Batch(known_offers_find(_offer_key(row.values) for row in rows), customers)

    def _import_row(self, row: ImportRow, match: Match, batch: Batch) -> None:
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        values = dict(row.values or {})
        problems = _refusals(values)
        if problems:
            set_result(row, RowStatus.REFUSED, *problems)
            return
        known = batch.known.get(_offer_key(values))
        if known is None:
            self._import_new(row, {**self.defaults, **values}, match, batch)
        else:
            self._import_known(row, {**self.defaults, **values}, known, batch)

    def _import_new(self, row: ImportRow, values: dict[str, Any], match: Match, batch: Batch) -> None:
        held: list[Problem] = []
        customer = self._look_up(held, lambda: self._customer(values, match, batch))
        item = self._offer_item(row, values, customer, held)
        if held or item is None:
            set_result(row, RowStatus.HELD, *held)
            return
        batch.new.append((row, item))
        row.fate, row.values = RowStatus.CREATED, None

    def _import_known(self, row: ImportRow, values: dict[str, Any], known: KnownOffer, batch: Batch) -> None:
        """Move an offer imported earlier to its new stage; its customer and other data stay as they are here."""
        stage = ImportedStage(values["stage"])
        if known.contradicts(stage):
            raise LookupFailed(Problem("other_stage", {"here": _current_status(known), "stage": str(stage.label)}))
        _set_target(row, known)
        if not known.is_behind(stage):
            row.fate, row.values = RowStatus.UNCHANGED, None
            return
        held: list[Problem] = []
        customer = self._look_up(held, lambda: _active_customer(known.customer))
        item = self._offer_item(row, values, customer, held)
        if item and stage == ImportedStage.WON and not known.accepts_value(item.value):
            here = str(known.offer.net) if known.offer else ""
            held.append(Problem("other_sum", {"here": here, "value": str(item.value)}))
        if held or item is None:
            set_result(row, RowStatus.HELD, *held)
            return
        batch.further[item.key] = (row, item)
        row.fate, row.values, row.changed = RowStatus.UPDATED, None, ["stage"]

    def _customer(self, values: dict[str, Any], match: Match, batch: Batch) -> Customer:
        if self.assigned_customer:
            return _active_customer(batch.customers[self.assigned_customer.pk])
        wanted = customer_key(values)
        text = wanted.number or wanted.business_id or wanted.name
        if not text:
            raise LookupFailed(Problem("no_customer"))
        if len(match.ids) != 1:
            raise LookupFailed(Problem("ambiguous_customer" if match.ids else "unknown_customer", {"value": text[:80]}))
        return _active_customer(batch.customers[match.ids[0]])

    def _offer_item(
        self, row: ImportRow, values: dict[str, Any], customer: Customer | None, held: list[Problem]
    ) -> ImportedOffer | None:
        """Return the item of the row, or None after adding every problem to ``held``."""
        stage, look = ImportedStage(values["stage"]), self.lookups
        owner = self._look_up(held, lambda: look.owner(values["account_manager"]), "account_manager")
        product = self._look_up(held, lambda: look.product(values.get("product")), "product")
        kind = self._look_up(held, lambda: look.type(values.get("offer_type")), "offer_type")
        if stage == ImportedStage.LEAD and not self.leads_have_type:
            held.append(Problem("no_lead_type"))
        elif stage != ImportedStage.LEAD and kind is None and not values.get("offer_type"):
            held.append(Problem("required", {}, "offer_type"))
        if stage == ImportedStage.WON and values.get("value") is None:
            add_problem(row, Problem("no_value", {}, "value"))
        if held or customer is None or owner is None:
            return None
        ((system, number),) = values["offer_number"]
        item = ImportedOffer(
            system=system, number=number, stage=stage, owner=owner, customer=customer, type=kind, product=product,
            title=values.get("offer_title") or "",
            value=None if values.get("value") is None else Decimal(values["value"]),
            began=_parse_date(values.get("began")),
            decided=_parse_date(values.get("decided")), expected=_parse_date(values.get("expected_close")),
            competitor=values.get("competitor") or "", notes=values.get("internal_notes") or "",
        )  # fmt: skip
        return replace(item, lost_reason=self._lost_reason(row, values)) if stage == ImportedStage.LOST else item

    def _lost_reason(self, row: ImportRow, values: dict[str, Any]) -> Any:
        """Return the lost reason; an unknown one is noted as a problem and replaced by “not known”."""
        try:
            return self.lookups.lost_reason(values.get("lost_reason"))
        except LookupFailed as error:
            add_problem(row, Problem(error.problem.code, error.problem.params, "lost_reason"))
            return self.lookups.lost_reason(None)

    @staticmethod
    def _look_up(held: list[Problem], find: Any, name: str = "") -> Any:
        try:
            return find()
        except LookupFailed as error:
            held.append(Problem(error.problem.code, error.problem.params, name))
            return None

    def _write_batch(self, batch: Batch) -> None:
        made = imported_offers_create(items=[item for _row, item in batch.new], user=self.user)
        for (row, _item), target in zip(batch.new, made, strict=True):
            row.target_id, row.target_kind = target.pk, LEAD if isinstance(target, Activity) else ""
        if batch.further:
            items = {key: item for key, (_row, item) in batch.further.items()}
            imported_offers_advance(items=items, known=batch.known, user=self.user)
        for key, (row, _item) in batch.further.items():
            _set_target(row, batch.known[key])


def _has_lead_type() -> bool:
    try:
        lead_type()
    except BusinessRuleError:
        return False
    return True


def _offer_key(values: dict[str, Any] | None) -> Key:
    system, number = ((values or {}).get("offer_number") or [["", ""]])[0]
    return key_of(system, number) if number else ("", "")


def _refusals(values: dict[str, Any]) -> list[Problem]:
    """Return the problems that make a row invalid."""
    problems = [Problem("required", {}, name) for name in REQUIRED if not values.get(name)]
    began, decided = values.get("began"), values.get("decided")
    if began and decided and decided < began and values.get("stage") in (ImportedStage.WON, ImportedStage.LOST):
        problems.append(Problem("dates_reversed", {}, "decided"))
    return problems


def _active_customer(customer: Customer | None) -> Customer:
    if customer is None:
        raise LookupFailed(Problem("no_customer"))
    if customer.is_passive:
        raise LookupFailed(Problem("passive", {"name": customer.name}))
    return customer


def _current_status(known: KnownOffer) -> str:
    if known.offer:
        return str(known.offer.get_status_display())
    return str(known.lead.lead.get_state_display()) if known.lead else ""


def _set_target(row: ImportRow, known: KnownOffer) -> None:
    target = known.target
    row.target_id, row.target_kind = target.pk, LEAD if isinstance(target, Activity) else ""


def _parse_date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
