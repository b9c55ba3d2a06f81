"""Fields of a row about a user of the program."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts import enums
from core.import_kinds import Field, plain
from imports import values

_KEY, _BASIC = _("How the row is matched"), _("Basic details")
_NAMES = "nimi, koko nimi, name, full name, user, käyttäjä, sales agent, employee, työntekijä"

FIELDS = [
    Field(
        "username",
        _("user name"),
        plain(values.line(150)),
        "käyttäjätunnus, käyttäjänimi, tunnus, username, user name, login",
        _KEY,
    ),
    Field(
        "email", _("e-mail"), plain(values.email), "sähköposti, sähköpostiosoite, email, e mail, email address", _KEY
    ),
    Field("full_name", _("full name"), plain(values.line(300)), _NAMES, _KEY),
    Field("first_name", _("first name"), plain(values.line(150)), "etunimi, first name, firstname", _KEY),
    Field("last_name", _("last name"), plain(values.line(150)), "sukunimi, last name, lastname, surname", _KEY),
    Field("title", _("title"), plain(values.line(120)), "titteli, nimike, tehtävänimike, title, job title", _BASIC),
    Field(
        "phone",
        _("phone"),
        plain(values.phone),
        "puhelin, puhelinnumero, phone, phone number, mobile",
        _BASIC,
        soft=True,
    ),
    Field("manager", _("manager"), plain(values.line(300)), "esihenkilö, esimies, manager, supervisor", _BASIC),
    Field(
        "team",
        _("team"),
        plain(values.line(120)),
        "tiimi, toimipiste, alue, team, regional office, office, region",
        _BASIC,
    ),
    Field("role", _("user group"), plain(values.line(150)), "ryhmä, käyttäjäryhmä, rooli, group, role", _BASIC),
    Field(
        "language",
        _("language"),
        plain(values.choice(enums.Language)),
        "kieli, language",
        _BASIC,
        choices=enums.Language,
    ),
]
