"""Fields of a row about an offer or a lead that another system has."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.import_kinds import Field, Parser, plain
from imports import values
from imports.fields.customers import IDS, NUMBERS
from offers.orders.enums import ImportedStage
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
        "päivä, tarjouspäivä, alkoi, avattu, date, offer date, engage date, created, created date",
        _DAYS,
    ),
    Field(
        "decided",
        _("decided"),
        plain(values.date),
        "päätöspäivä, ratkaistu, tilauspäivä, close date, closed, order date, decided",
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
