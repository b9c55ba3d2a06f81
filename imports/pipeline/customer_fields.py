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
from imports.cells import addresses, phones
from segmentation.schemes.models import Scheme

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
    "yritys, yrityksen nimi, asiakas, asiakkaan nimi, toiminimi, organisaatio, account name, "
    "company, company name, customer, customer name, organisation, organisation name, organization, organization name, "
    "organization 1 name, organisaation nimi, yritysnimi, tilin nimi, företag, företagsnamn, företagets namn, "
    "kund, kundnamn, kontonamn, organisationens namn"
)
#: Headings of phones and e-mails, folded: *Business Phone 2*, *E-mail 1 - Value*, *Puhelin (työ)*, *Telefon 2, arbete*.
_WHICH = (
    "primary|secondary|main|company main|corporate|work|business|home|other|direct|office|mobile|mobiili|mobil|cell|"
    "car|personal|alternate|alternative|additional|ensisijainen|toissijainen|toinen|työ|koti|muu|suora|oma|primär|sekundär|arbete|"
    "arbets|hem|annan|övrig|direkt|jobb|privat"
)
_NUMBER = "number|numero|nummer|numer|nro|nr|no|value|arvo|värde|address|addresses|osoite|adress"
#: Phones by headings without the word: Outlook in Swedish has *Arbete* and *Hem*.
_ONLY_PHONES = "arbete|hem|företag växel|växel|(?:yrityksen )?(?:puhelin)?vaihde"
PHONES = (
    rf"{_ONLY_PHONES}|(?:(?:{_WHICH}) )*"
    r"(?:(?:työ|koti|hem|arbets|direkt|matka|suora|auto|bil)?(?:puhelin|telefon)(?:numero|nummer)?|phone|"
    r"telephone|tel|puh|tfn|gsm|mobile|mobiili|mobil(?:telefon)?(?:nummer)?|cell|cellphone|matkapuhelin(?:numero)?|kännykkä)"
    rf"(?: (?:{_NUMBER}|{_WHICH}|\d))*"
)
EMAILS = (
    rf"(?:(?:{_WHICH}) )*(?:e ?mails?|sähköposti(?:n|osoite)?|s posti|e ?post(?:adress)?)"
    rf"(?: (?:{_NUMBER}|{_WHICH}|\d))*"
)
IDS = (
    "y tunnus, ytunnus, yritystunnus, ly tunnus, alv numero, business id, businessid, vat, vat id, vat number, "
    "fo nummer, momsnummer"
)
NUMBERS = (
    "asiakasnumero, asiakasnro, asiakas nro, customer number, customer no, customer id, account id, account number, "
    "kundnummer, kundnr"
)
PARENTS = "emoyhtiö, emo, konserni, emo organisaatio, subsidiary of, parent, parent company, parent account, moderbolag"

FIELDS = [
    Field("name", _("name"), plain(values.line(200)), NAMES, _KEY, weak="name, nimi, namn, account, konto, tili"),
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
        "omistaja, vastuuhenkilö, asiakasvastaava, yrityksen omistaja, tilin omistaja, owner, account owner, "
        "company owner, account manager, sales agent, ägare, kontoägare, företagsägare, kundansvarig",
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
    _line_field("country", _("country"), 60, "maa, maa alue, country, country region, land, land region"),
    Field(
        "phone",
        _("phone"),
        plain(values.phone),
        section=_BASIC,
        soft=True,
        pattern=PHONES,
        parts=phones,
    ),
    Field(
        "email",
        _("e-mail"),
        plain(values.email),
        section=_BASIC,
        soft=True,
        pattern=EMAILS,
        parts=addresses,
    ),
    Field(
        "website",
        _("website"),
        plain(values.website),
        "www, verkkosivu, verkkosivut, verkkosivusto, kotisivu, kotisivut, website, website url, web site, web page, "
        "web, url, homepage, verkkosivuston url osoite, web sivu, business web page, webbplats, webbsida, webbadress, "
        "hemsida, webbplatsens url",
        _BASIC,
        soft=True,
        weak="company domain name, domain name, domain, verkkotunnus, domännamn",
    ),
    Field(
        "personnel",
        _("personnel"),
        lambda factor: values.whole_number(0, MAX_INT, factor),
        "henkilöstö, henkilöstömäärä, henkilömäärä, työntekijät, employees, personnel, headcount, "
        "number of employees, employee count, työntekijöiden määrä, työntekijämäärä, antal anställda, anställda",
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
        lambda factor: values.money(10**14 - 1, factor, low=0),
        "liikevaihto, vuosiliikevaihto, revenue, turnover, annual revenue, sales, omsättning, årsomsättning, "
        "årlig omsättning, årsintäkt, årlig intäkt",
        _FIGURES,
        has_factor=True,
        is_amount=True,
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
        "kuvaus, lisätiedot, huomautus, muistiinpanot, muistilaput, description, notes, comment, beskrivning, "
        "anteckningar",
        _OTHER,
        weak="about us",
    ),
    _line_field("source", _("source"), 120, "lähde, source", section=_OTHER),
]

_VISITING = {
    "street": "katuosoite, osoite, lähiosoite, lähiosoite työ, käyntiosoite, toimituskatu, street, address, "
    "street address, business street, shipping street, street address 1, gatuadress, gata, adress, "
    "besöksadress, leveransgata, leveransgatan, gatuadress arbete",
    "postal_code": "postinumero, postinumero työ, postinro, toimituspostinumero, postal code, postcode, zip, zip code, "
    "business postal code, shipping code, shipping zip postal code, shipping postal code, zip postal code, "
    "zip postal code of address, postnummer, postnr, postnummer arbete, postnr arbete, postadress arbete, "
    "leveranspostnummer, postnummer för leverans",
    "city": "postitoimipaikka, postitoimipaikka työ, kaupunki, paikkakunta, toimituskaupunki, city, town, "
    "business city, shipping city, city town village locality of address, ort, ort arbete, postort, stad, leveransort",
    "country": "business country region, business country, maa alue työ, land arbete, shipping country, "
    "country of address, toimitusmaa, leveransland",
}
_POSTAL = {
    "street": "postiosoite, postal address, mailing address, mailing street, postadress",
    "postal_code": "mailing code, mailing zip, mailing zip postal code, mailing postal code",
    "city": "mailing city",
    "country": "mailing country",
}
_BILLING = {
    "street": "laskutusosoite, laskutuskatu, billing address, billing street, invoice address, fakturaadress, "
    "faktureringsadress, faktureringsgata, faktureringsgatan",
    "postal_code": "laskutuspostinumero, billing code, billing zip postal code, billing postal code, "
    "faktureringspostnummer, postnummer för fakturering",
    "city": "laskutuskaupunki, billing city, faktureringsort, faktureringsstad",
    "country": "laskutusmaa, billing country, faktureringsland",
}
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
    BranchPurpose.INDUSTRY: "toimiala, ala, sector, industry, bransch",
    BranchPurpose.GROUP: "ryhmä, ryhmät, asiakasryhmä, asiakasryhmät, asiakkaan ryhmä, group, groups, customer group, "
    "customer groups, grupp, kundgrupp",
    BranchPurpose.SIZE: "kokoluokka, koko, size class, size, company size, storleksklass, storlek",
}


#: The segment in the primary scheme; those of further schemes are ``segment:<code>``.
SEGMENT = "segment"
_SEGMENTS = "segmentti, segmentit, asiakassegmentti, abc, abc luokka, segment, segments, customer segment, kundsegment"


def changing_fields() -> list[Field]:
    """Return a field for each scheme of segments in use and for each branch of classes that is for customers."""
    branches = ClassificationBranch.objects.filter(target__in=(BranchTarget.CUSTOMERS, BranchTarget.BOTH))
    schemes = Scheme.objects.in_use().filter(is_exclusive=True)
    return [*map(_segment_field, schemes), *map(_class_field, branches)]


def _segment_field(scheme: Scheme) -> Field:
    names = f"{scheme.name_fi}, {scheme.name_en}"
    names = f"{names}, {_SEGMENTS}" if scheme.is_primary else names
    label = _("segment") if scheme.is_primary else scheme.name
    return Field(segment_field_name(scheme), label, plain(values.line(120)), names, _("Segments"))


def segment_field_name(scheme: Scheme) -> str:
    return SEGMENT if scheme.is_primary else f"{SEGMENT}:{scheme.code}"


def _class_field(branch: ClassificationBranch) -> Field:
    names = ", ".join((branch.name_fi, branch.name_en, _PURPOSES.get(branch.purpose, "")))
    return Field(CLASS + branch.code, branch.name, plain(values.line(1_000)), names, _("Classes"))
