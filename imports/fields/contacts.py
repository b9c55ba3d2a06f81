"""Fields of a row about a contact."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.import_kinds import Field, plain
from customers import enums
from imports import values
from imports.fields.customers import IDS, NUMBERS

_KEY, _BASIC, _CUSTOMER = _("How the row is matched"), _("Basic details"), _("Customer")
_COMPANY = "yritys, asiakas, organisaatio, työnantaja, account, company, customer, organisation, employer"

FIELDS = [
    Field(
        "full_name",
        _("full name"),
        plain(values.line(161)),
        "nimi, koko nimi, yhteyshenkilö, name, full name, contact, contact name",
        _KEY,
    ),
    Field("first_name", _("first name"), plain(values.line(80)), "etunimi, first name, firstname, given name", _KEY),
    Field(
        "last_name", _("last name"), plain(values.line(80)), "sukunimi, last name, lastname, surname, family name", _KEY
    ),
    Field(
        "email",
        _("e-mail"),
        plain(values.email),
        "sähköposti, sähköpostiosoite, email, e mail, email address",
        _KEY,
        soft=True,
    ),
    Field(
        "phone",
        _("phone"),
        plain(values.phone),
        "puhelin, puhelinnumero, matkapuhelin, gsm, phone, mobile, phone number",
        _KEY,
        soft=True,
    ),
    Field("customer_number", _("customer number"), plain(values.line(60)), NUMBERS, _CUSTOMER, per_system=True),
    Field("customer_business_id", _("business ID"), plain(values.business_id), IDS, _CUSTOMER),
    Field("customer", _("customer"), plain(values.line(200)), _COMPANY, _CUSTOMER),
    Field(
        "title",
        _("title"),
        plain(values.line(120)),
        "titteli, tehtävä, tehtävänimike, title, job title, position",
        _BASIC,
    ),
    Field(
        "role",
        _("role in decisions"),
        plain(values.line(120)),
        "rooli, päätösrooli, role, decision role",
        _BASIC,
        soft=True,
    ),
    Field(
        "area",
        _("service or system"),
        plain(values.line(120)),
        "palvelu, järjestelmä, vastuualue, area, service, system",
        _BASIC,
    ),
    Field(
        "language",
        _("language"),
        plain(values.choice(enums.CustomerLanguage)),
        "kieli, language",
        _BASIC,
        choices=enums.CustomerLanguage,
    ),
    Field(
        "preferred_channel",
        _("preferred channel"),
        plain(values.choice(enums.Channel)),
        "kanava, preferred channel",
        _BASIC,
        choices=enums.Channel,
    ),
    Field(
        "description",
        _("description"),
        plain(values.paragraphs(10_000)),
        "kuvaus, lisätiedot, description, notes",
        _BASIC,
    ),
]
