"""Customers: the fields of their rows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.import_kinds import Field, plain
from customers import enums
from customers.enums import BranchPurpose, BranchTarget
from customers.models import ClassificationBranch
from imports import values

#: Classes are fields too: one per branch of the tree, ``class:<code>``.
CLASS = "class:"
ADDRESS_PARTS = ("street", "postal_code", "city", "country")
MAX_INT = 2_147_483_647
_KEY, _BASIC, _FIGURES, _OTHER = _("How the row is matched"), _("Basic details"), _("Figures"), _("Other")


def _choice(name: str, label: Any, choices: Any, synonyms: str) -> Field:
    return Field(name, label, plain(values.choice(choices)), synonyms, _OTHER, choices=choices)


def _line_field(name: str, label: Any, limit: int, synonyms: str, section: Any = _BASIC) -> Field:
    return Field(name, label, plain(values.line(limit)), synonyms, section)


NAMES = (
    "name, nimi, yritys, yrityksen nimi, asiakas, asiakkaan nimi, toiminimi, organisaatio, account, account name, "
    "company, company name, customer, customer name, organisation, organization"
)
IDS = "y tunnus, ytunnus, yritystunnus, ly tunnus, business id, businessid, vat, vat number"
NUMBERS = "asiakasnumero, asiakasnro, asiakas nro, customer number, customer no, customer id, account id"
PARENTS = "emoyhtiö, emo, konserni, emo organisaatio, subsidiary of, parent, parent company, parent account"

FIELDS = [
    _line_field("name", _("name"), 200, NAMES, _KEY),
    Field("business_id", _("business ID"), plain(values.business_id), IDS, _KEY),
    Field("number", _("customer number"), plain(values.line(60)), NUMBERS, _KEY, per_system=True),
    _line_field("official_name", _("official name"), 200, "virallinen nimi, official name, legal name"),
    _choice(
        "organisation_form",
        _("organisation form"),
        enums.OrganisationForm,
        "yhtiömuoto, organisaatiomuoto, organisation form",
    ),
    _line_field("parent", _("parent organisation"), 200, PARENTS),
    Field(
        "owner",
        _("owner"),
        plain(values.line(200)),
        "omistaja, vastuuhenkilö, asiakasvastaava, owner, account manager, sales agent",
        _BASIC,
        soft=True,
    ),
    Field(
        "municipality",
        _("municipality"),
        plain(values.line(60)),
        "kunta, kotikunta, kotipaikka, municipality",
        _BASIC,
        soft=True,
    ),
    _line_field("country", _("country"), 60, "maa, country, office location"),
    Field(
        "phone",
        _("phone"),
        plain(values.phone),
        "puhelin, puhelinnumero, puh, phone, phone number, telephone, tel",
        _BASIC,
        soft=True,
    ),
    Field(
        "email",
        _("e-mail"),
        plain(values.email),
        "sähköposti, sähköpostiosoite, email, e mail, email address, s posti",
        _BASIC,
        soft=True,
    ),
    Field(
        "website",
        _("website"),
        plain(values.website),
        "www, verkkosivu, verkkosivut, kotisivu, kotisivut, website, web, url, homepage",
        _BASIC,
        soft=True,
    ),
    Field(
        "personnel",
        _("personnel"),
        lambda factor: values.whole_number(0, MAX_INT, factor),
        "henkilöstö, henkilöstömäärä, henkilömäärä, työntekijät, employees, personnel, headcount, number of employees",
        _FIGURES,
        has_factor=True,
    ),
    Field(
        "personnel_change",
        _("change in personnel"),
        lambda factor: values.whole_number(-MAX_INT, MAX_INT, factor),
        "henkilöstömuutos, henkilöstön muutos, change in personnel",
        _FIGURES,
        has_factor=True,
    ),
    Field(
        "turnover",
        _("turnover"),
        lambda factor: values.money(10**14 - 1, factor),
        "liikevaihto, revenue, turnover, annual revenue, sales",
        _FIGURES,
        has_factor=True,
    ),
    Field(
        "founded",
        _("founded"),
        plain(values.year),
        "perustettu, perustamisvuosi, founded, year established, established, year founded",
        _FIGURES,
    ),
    _line_field(
        "registry_industry",
        _("registry industry"),
        200,
        "tol, toimiala rekisterissä, päätoimiala, registry industry, nace",
        section=_FIGURES,
    ),
    _choice("language", _("language"), enums.CustomerLanguage, "kieli, asiointikieli, language"),
    _choice("preferred_channel", _("preferred channel"), enums.Channel, "kanava, yhteydenottotapa, preferred channel"),
    _choice("directness", _("direct or indirect"), enums.Directness, "suora tai välillinen, directness"),
    _choice("charging_method", _("charging method"), enums.ChargingMethod, "laskutustapa, charging method"),
    _line_field("cost_centre", _("cost centre"), 60, "kustannuspaikka, cost centre, cost center", section=_OTHER),
    Field(
        "is_obliged_to_buy",
        _("obliged to buy"),
        plain(values.boolean),
        "ostovelvoite, ostovelvollinen, obliged to buy",
        _OTHER,
    ),
    Field(
        "description",
        _("description"),
        plain(values.paragraphs(10_000)),
        "kuvaus, lisätiedot, huomautus, description, notes, comment",
        _OTHER,
    ),
    _line_field("source", _("source"), 120, "lähde, source", section=_OTHER),
]

_VISITING = {
    "street": "katuosoite, osoite, lähiosoite, käyntiosoite, street, address, street address",
    "postal_code": "postinumero, postinro, postal code, postcode, zip, zip code",
    "city": "postitoimipaikka, kaupunki, paikkakunta, city, town",
}
_POSTAL = {"street": "postiosoite, postal address, mailing address"}
_BILLING = {"street": "laskutusosoite, billing address, invoice address"}
_SYNONYMS: tuple[dict[str, str], ...] = (_VISITING, _POSTAL, _BILLING)
_PARTS = (
    ("street", _("street address"), 200),
    ("postal_code", _("postal code"), 12),
    ("city", _("city"), 80),
    ("country", pgettext_lazy("address", "country"), 60),
)

ADDRESS_FIELDS = [
    _line_field(f"{kind}_{part}", label, limit, synonyms.get(part, ""), kind.label)
    for kind, synonyms in zip(enums.AddressKind, _SYNONYMS, strict=True)
    for part, label, limit in _PARTS
]
#: Plain fields of the customer's own row, compared and written as they are.
PLAIN = tuple(field.name for field in FIELDS if field.name not in {"number", "parent", "owner", "municipality", "name"})

_PURPOSES: dict[str, str] = {
    BranchPurpose.INDUSTRY: "toimiala, ala, sector, industry",
    BranchPurpose.GROUP: "asiakasryhmä, customer group",
    BranchPurpose.SEGMENT: "segmentti, segment",
    BranchPurpose.SIZE: "kokoluokka, size class",
}


def class_fields() -> list[Field]:
    """Return a field for each branch of classes that is for customers."""
    branches = ClassificationBranch.objects.filter(target__in=(BranchTarget.CUSTOMERS, BranchTarget.BOTH))
    return [_class_field(branch) for branch in branches]


def _class_field(branch: ClassificationBranch) -> Field:
    names = ", ".join((branch.name_fi, branch.name_en, _PURPOSES.get(branch.purpose, "")))
    return Field(CLASS + branch.code, branch.name, plain(values.line(1_000)), names, _("Classes"))
