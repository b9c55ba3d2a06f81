"""Contacts: the fields of their rows, with the headings of other programs in English, Finnish and Swedish."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.import_kinds import Field, plain
from customers import enums
from customers.enums import ContactPointKind
from imports import values
from imports.cells import addresses, phones
from imports.pipeline.customer_fields import EMAILS, IDS, NUMBERS, PHONES
from imports.pipeline.matching import CustomerKey

_KEY, _BASIC, _CUSTOMER = _("How the row is matched"), _("Basic details"), _("Customer")
_COMPANY = (
    "yritys, yrityksen nimi, asiakas, asiakkaan nimi, organisaatio, organisaation nimi, työnantaja, tilin nimi, "
    "account name, company, company name, customer, customer name, organisation, organisation name, "
    "organization, organization name, organization 1 name, associated company, primary associated company, employer, "
    "företag, företagsnamn, företagets namn, organisationens namn, kund, kundnamn, kontonamn, arbetsgivare"
)
_FULL = (
    "nimi, koko nimi, kokonimi, yhteyshenkilö, yhteyshenkilön nimi, name, full name, contact, contact name, "
    "namn, fullständigt namn, hela namnet, kontakt, kontaktperson, kontaktens namn"
)
_TITLES = (
    "tehtävä, tehtävänimike, työtehtävä, ammattinimike, toimi, job title, position, organization title, "
    "organization 1 title, designation, befattning, jobbtitel, yrkestitel, tjänstetitel, organisationens titel"
)
_AREAS = (
    "palvelu, järjestelmä, vastuualue, osasto, yksikkö, area, service, system, department, organization department, "
    "organization 1 department, avdelning, organisationens avdelning"
)

FIELDS = [
    Field("full_name", _("full name"), plain(values.line(161)), _FULL, _KEY),
    Field(
        "first_name",
        _("first name"),
        plain(values.line(80)),
        "etunimi, etunimet, first name, firstname, given name, förnamn, tilltalsnamn",
        _KEY,
    ),
    Field(
        "middle_name",
        _("middle name"),
        plain(values.line(80)),
        "toinen nimi, muut etunimet, middle name, additional name, mellannamn, andranamn",
        _KEY,
    ),
    Field(
        "last_name",
        _("last name"),
        plain(values.line(80)),
        "sukunimi, last name, lastname, surname, family name, efternamn",
        _KEY,
    ),
    Field(
        "email", _("e-mail"), plain(values.email), pattern=EMAILS, section=_KEY, soft=True, parts=addresses, many=True
    ),
    Field("phone", _("phone"), plain(values.phone), pattern=PHONES, section=_KEY, soft=True, parts=phones, many=True),
    Field("customer_number", _("customer number"), plain(values.line(60)), NUMBERS, _CUSTOMER, per_system=True),
    Field("customer_business_id", _("business ID"), plain(values.business_id), IDS, _CUSTOMER),
    Field(
        "customer", _("customer"), plain(values.line(200)), _COMPANY, _CUSTOMER, weak="account, konto, tili, järjestö"
    ),
    # Outlook has the salutation first: as "Title", or in some languages under the heading of the job title.
    Field(
        "title",
        _("title"),
        plain(values.line(120)),
        _TITLES,
        _BASIC,
        has_last=True,
        weak="titteli, nimike, title, titel, ammattinimi",
    ),
    Field(
        "role",
        _("role in decisions"),
        plain(values.line(120)),
        "rooli, päätösrooli, role, decision role, buying role, ostorooli, roll, köproll",
        _BASIC,
        soft=True,
    ),
    Field("area", _("service or system"), plain(values.line(120)), _AREAS, _BASIC),
    Field(
        "language",
        _("language"),
        plain(values.choice(enums.CustomerLanguage)),
        "kieli, language, preferred language, språk",
        _BASIC,
        soft=True,
        choices=enums.CustomerLanguage,
    ),
    Field(
        "preferred_channel",
        _("preferred channel"),
        plain(values.choice(enums.Channel)),
        "kanava, preferred channel",
        _BASIC,
        soft=True,
        choices=enums.Channel,
    ),
    Field(
        "description",
        _("description"),
        plain(values.paragraphs(10_000)),
        "kuvaus, lisätiedot, muistiinpanot, muistilaput, huomautus, huomautukset, huomautuksia, description, notes, "
        "note, comment, comments, beskrivning, anteckningar, anteckning, kommentar, kommentarer",
        _BASIC,
    ),
]

PLAIN = ("language", "preferred_channel", "description")
POINTS = (("email", ContactPointKind.EMAIL), ("phone", ContactPointKind.PHONE))


def customer_key(values: dict[str, Any]) -> CustomerKey:
    system, number = (values.get("customer_number") or [["", ""]])[0]
    return CustomerKey(system, number, values.get("customer_business_id") or "", values.get("customer") or "")
