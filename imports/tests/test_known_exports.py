"""Exports of other programs, taken without a mapping: HubSpot, Salesforce, Pipedrive, Zoho, Google, Outlook, vCard.

One file each in ``exports``, in English, Finnish and Swedish, with two people or companies who do not exist.
docs/import.md says where the headings come from. ``api`` are the names of Salesforce's data export.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from core.import_kinds import fold, kind_of
from customers.enums import AddressKind
from customers.models import Contact, Customer
from customers.tests.factories import CustomerFactory
from imports.config import suggest
from imports.pipeline.customer_batch import street_alone
from imports.tests.helpers import counts, row, run_import

pytestmark = pytest.mark.django_db

EXPORTS = Path(__file__).parent / "exports"
#: Programs whose export has a note and a department of each person; the default selection of the others has not.
WITH_NOTES = {"pipedrive", "zoho", "google", "outlook", "vcard", "salesforce-api"}
WITH_DEPARTMENTS = WITH_NOTES - {"pipedrive"}
WORK, MOBILE, MAIL = "+35893101693", "+358401234507", "olli@acme.example"

#: Columns with content that no field of a contact holds: they are named in the result, and so are no others.
_POSTAL = {"Mailing Street", "Mailing City"}
_POSTAL_FI = {"Postikatu", "Postikaupunki", "Postin postinumero"}
_POSTAL_SV = {"Postgata", "Postort (utskick)", "Postnummer för utskick"}
CONTACTS_LEFT = {
    "hubspot-en": {"Record ID", "Contact owner", "Create Date", "Associated Company IDs"},
    "hubspot-fi": {"Tietueen tunnus", "Yhteyshenkilön omistaja", "Luontipäivä"},
    "hubspot-sv": {"Post-ID", "Kontaktägare", "Skapandedatum"},
    "salesforce-en": {"Salutation", *_POSTAL, "Mailing Zip/Postal Code", "Mailing Country", "Fax"},
    "salesforce-fi": {"Puhuttelu", *_POSTAL_FI, "Postimaa", "Faksi"},
    "salesforce-sv": {"Tilltal", *_POSTAL_SV, "Utskicksland", "Fax"},
    "salesforce-api": {"Salutation", "MailingStreet", "MailingCity", "MailingPostalCode", "IsDeleted"},
    "pipedrive-en": {"Person - Owner", "Person - ID"},
    "pipedrive-fi": {"Henkilö - Omistaja", "Henkilö - Tunnus"},
    "pipedrive-sv": {"Person - Ägare", "Person - ID"},
    "zoho-en": {"Record Id", "Contact Owner.id", "Contact Owner", "Account Name.id", "Fax", *_POSTAL, "Mailing Zip"},
    "zoho-fi": {
        *("Tietueen tunnus", "Yhteyshenkilön omistaja.id", "Yhteyshenkilön omistaja", "Tilin nimi.id", "Faksi"),
        *_POSTAL_FI,
    },
    "zoho-sv": {"Post-ID", "Kontaktägare.id", "Kontaktägare", "Kontonamn.id", "Fax", *_POSTAL_SV},
    "google": {
        *("Birthday", "Labels", "E-mail 1 - Label", "Phone 1 - Label", "Phone 2 - Label", "Address 1 - Label"),
        *("Address 1 - Formatted", "Address 1 - Street", "Address 1 - City", "Address 1 - Postal Code"),
    },
    "google-old": {"Group Membership", "E-mail 1 - Type", "Phone 1 - Type"},
    "outlook-en": {
        *("Title", "Business Street", "Business City", "Business Postal Code", "Business Country/Region"),
        *("Assistant's Phone", "Business Fax", "Account", "E-mail Type", "E-mail Display Name", "Priority"),
        "Office Location",
    },
    "outlook-fi": {
        *("Tehtävänimike", "Lähiosoite (työ)", "Postitoimipaikka (työ)", "Postinumero (työ)", "Maa/alue (työ)"),
        *("Avustajan puhelinnumero", "Työfaksi", "Tili", "Sähköpostin laji", "Näytettävä sähköpostinimi"),
        *("Prioriteetti", "Toimisto"),
    },
    "outlook-sv": {
        *("Titel", "Gatuadress, arbete", "Ort, arbete", "Postadress, arbete", "Land, arbete", "Telefon, assistent"),
        *("Fax arbete", "Konto", "E-posttyp", "E-postnamn", "Prioritet", "Arbetsplats"),
    },
    "outlook-web": {
        *("Title", "Business Fax", "Business Address", "Business Street", "Business City", "Business Postal Code"),
        *("Business Country", "Categories"),
    },
    "vcard-2.1": {"Street address", "City", "Postal code", "Country"},
    "vcard-3": {
        *("Fax", "X-ABLABEL", "Street address", "City", "Postal code", "Country"),
        *("Home: Street address", "Home: City", "Home: Postal code", "Home: Country"),
    },
    "vcard-4": {
        *("KIND", "Street address", "City", "Postal code", "Country"),
        *("Home: Street address", "Home: City", "Home: Postal code", "Home: Country"),
    },
}
_VISITING = {"hubspot", "pipedrive", "outlook", "vcard"}
CUSTOMERS_LEFT = {
    "hubspot-en": {"Record ID", "Lifecycle Stage"},
    "hubspot-fi": {"Tietueen tunnus", "Elinkaaren vaihe"},
    "hubspot-sv": {"Post-ID", "Livscykelstadium"},
    "salesforce-en": {"Type"},
    "salesforce-fi": {"Tyyppi"},
    "salesforce-sv": {"Typ"},
    "salesforce-api": {"Type"},
    "pipedrive-en": {
        *("Organization - ID", "Organization - Full/combined address of Address", "Organization - Open deals")
    },
    "pipedrive-fi": {"Organisaatio - Tunnus", "Organisaatio - Koko osoite", "Organisaatio - Avoimet kaupat"},
    "pipedrive-sv": {"Organisation - ID", "Organisation - Fullständig adress", "Organisation - Öppna affärer"},
    "zoho-en": {"Record Id", "Account Type"},
    "zoho-fi": {"Tietueen tunnus", "Tilin tyyppi"},
    "zoho-sv": {"Post-ID", "Kontotyp"},
}


def export(kind: str, program: str) -> bytes:
    (path,) = EXPORTS.glob(f"{kind}-{program}.*")
    return path.read_bytes()


def problems(run) -> list[dict]:
    return [problem for item in run.rows.all() for problem in item.problems]


def left_out(run) -> set[str]:
    return {item["column"] for item in run.left_out_columns}


def of(program: str, programs: set[str]) -> bool:
    return program in programs or program.split("-")[0] in programs


@pytest.fixture
def companies(db) -> dict[str, Customer]:
    return {name: CustomerFactory(name=name) for name in ("Acme Oy", "Beta Ab")}


@pytest.mark.parametrize("program", CONTACTS_LEFT)
def test_contacts_are_taken_as_they_are(program, companies):
    run = run_import(export("contacts", program), "contacts")
    assert (counts(run), problems(run)) == ((2, 0, 0, 0, 0), [])
    olli, asa = Contact.objects.order_by("pk")
    assert (olli.first_name, olli.last_name) == ("Olli", "Outinen")
    assert (asa.first_name, asa.last_name) == ("Åsa", "Öberg")
    position = olli.positions.get()
    assert (position.customer, position.title) == (companies["Acme Oy"], "Myyjä")
    assert position.area == ("Myynti" if of(program, WITH_DEPARTMENTS) else "")
    assert (asa.positions.get().customer, asa.positions.get().title) == (companies["Beta Ab"], "")
    assert sorted(olli.points.values_list("value", flat=True)) == [MOBILE, WORK, MAIL]
    assert sorted(asa.points.values_list("value", flat=True)) == ["+358505551234", "asa@beta.example"]
    assert olli.description == ("Tavattiin messuilla" if of(program, WITH_NOTES) else "")
    assert asa.description == ""
    assert left_out(run) == CONTACTS_LEFT[program]


@pytest.mark.parametrize("program", CUSTOMERS_LEFT)
def test_customers_are_taken_as_they_are(program):
    run = run_import(export("customers", program))
    assert (counts(run), problems(run)) == ((2, 0, 0, 0, 0), [])
    acme, beta = Customer.objects.order_by("pk")
    assert (acme.name, acme.phone, acme.website) == ("Acme Oy", WORK, "https://acme.example")
    assert (acme.personnel, acme.turnover, acme.description) == (12, 1_200_000, "Vanha asiakas")
    assert (beta.name, beta.phone, beta.website) == ("Beta Ab", "+358505551234", "")
    assert (beta.personnel, beta.turnover, beta.description) == (None, None, "")
    address = acme.addresses.get()
    assert address.kind == (AddressKind.VISITING if of(program, _VISITING) else AddressKind.BILLING)
    assert (address.street, address.postal_code, address.city) == ("Katu 1", "00100", "Helsinki")
    assert "Suomi" in {address.country, acme.country}
    assert not beta.addresses.exists()
    assert left_out(run) == CUSTOMERS_LEFT[program]


BOOKS = [name for name in CONTACTS_LEFT if name.split("-")[0] in {"outlook", "google", "vcard"}]


@pytest.mark.parametrize("program", BOOKS)
def test_employers_of_an_address_book_become_customers(program):
    run = run_import(export("contacts", program))
    assert row(run, 2).fate == "created"
    acme, beta = Customer.objects.order_by("pk")
    # A customer has one phone: of the columns of phones the first, which is an empty one in Outlook on the web.
    assert (acme.name, beta.name, acme.phone) == ("Acme Oy", "Beta Ab", "" if program == "outlook-web" else WORK)
    expected = [("Katu 1", "00100", "Helsinki")] if of(program, _VISITING) else []
    assert list(acme.addresses.values_list("street", "postal_code", "city")) == expected
    assert not beta.addresses.exists()
    assert {acme.country, beta.country} <= {Customer().country, "Suomi"}


def test_every_file_of_exports_is_tested():
    tested = {f"contacts-{name}" for name in CONTACTS_LEFT} | {f"customers-{name}" for name in CUSTOMERS_LEFT}
    assert {path.stem for path in EXPORTS.iterdir()} == tested


def fields_of(kind, header):
    return {column.column: column.field for column in suggest(kind_of(kind), header).columns}


def test_names_of_an_api_are_read_as_words():
    assert fold("MailingPostalCode") == "mailing postal code"
    assert fold("TTY/TDD Phone") == "tty tdd phone"
    assert fields_of("contacts", ["LastName", "AccountName", "MobilePhone"]) == {
        "LastName": "last_name",
        "AccountName": "customer",
        "MobilePhone": "phone",
    }


def test_account_of_an_address_book_is_no_customer():
    assert fields_of("contacts", ["Sukunimi", "Tili", "Yritys"]) == {"Sukunimi": "last_name", "Yritys": "customer"}
    assert fields_of("contacts", ["Last Name", "Account"]) == {"Last Name": "last_name", "Account": "customer"}


def test_job_title_is_the_last_of_two_equal_headings():
    header = ["Tehtävänimike", "Sukunimi", "Yritys", "Tehtävänimike (2)"]
    assert [name for name, field in fields_of("contacts", header).items() if field == "title"] == ["Tehtävänimike (2)"]


def test_phone_of_an_assistant_a_pager_and_a_fax_are_not_the_contacts():
    header = ["Telefon, assistent", "Avustajan puhelinnumero", "Hakulaite", "Fax arbete", "Callback", "Telex"]
    assert fields_of("contacts", header) == {}


def test_company_of_a_person_comes_before_the_persons_name():
    assert fields_of("customers", ["Name", "Organization 1 - Name"]) == {"Organization 1 - Name": "name"}
    assert fields_of("customers", ["Nimi", "Puhelin"]) == {"Nimi": "name", "Puhelin": "phone"}


@pytest.mark.parametrize(
    ("street", "postal_code", "city", "alone"),
    [
        ("Katu 1, 00100 Helsinki, Suomi", "00100", "Helsinki", "Katu 1"),
        ("Katu 1, Helsinki, 00100", "00100", "Helsinki", "Katu 1"),
        ("Katu 1, 2. kerros, 00100 HELSINKI", "00100", "Helsinki", "Katu 1, 2. kerros"),
        ("Katu 1, Turku Science Park", "20520", "Turku", "Katu 1, Turku Science Park"),
        ("Katu 1, 00100 Helsinki", "", "", "Katu 1, 00100 Helsinki"),
        ("Helsinki, Katu 1", "00100", "Helsinki", "Helsinki, Katu 1"),
    ],
)
def test_street_is_cut_before_what_has_its_own_column(street, postal_code, city, alone):
    assert street_alone(street, postal_code, city) == alone
