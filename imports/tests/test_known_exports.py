"""Exports of other programs, taken without a mapping: HubSpot, Salesforce, Pipedrive, Zoho, Google, Outlook, vCard.

The headings are those of the programs' documentation, in English, Finnish and Swedish; the rows are made up.
"""

from __future__ import annotations

import pytest

from customers.models import Contact, Customer
from customers.tests.factories import CustomerFactory
from imports.tests.helpers import codes, counts, row, run_import

pytestmark = pytest.mark.django_db

CONTACTS = {
    "hubspot-en": "Record ID,First Name,Last Name,Email,Phone Number,Mobile Phone Number,Job Title,Associated Company\n"
    "101,Olli,Outinen,olli@acme.fi,09 310 1693,040 123 4507,Myyjä,Acme Oy\n",
    "hubspot-fi": "Tietueen tunnus,Etunimi,Sukunimi,Sähköposti,Puhelinnumero,Matkapuhelinnumero,Tehtävänimike,"
    "Yrityksen nimi\n101,Olli,Outinen,olli@acme.fi,09 310 1693,040 123 4507,Myyjä,Acme Oy\n",
    "hubspot-sv": "Post-ID,Förnamn,Efternamn,E-post,Telefonnummer,Mobiltelefonnummer,Befattning,Företagsnamn\n"
    "101,Olli,Outinen,olli@acme.fi,09 310 1693,040 123 4507,Myyjä,Acme Oy\n",
    "salesforce-en": '"Salutation","First Name","Last Name","Title","Account Name","Phone","Mobile","Email","Fax"\n'
    '"Mr.","Olli","Outinen","Myyjä","Acme Oy","09 310 1693","040 123 4507","olli@acme.fi","09 1"\n',
    "salesforce-fi": "Puhuttelu,Etunimi,Sukunimi,Titteli,Tilin nimi,Puhelin,Matkapuhelin,Sähköposti\n"
    "Hra,Olli,Outinen,Myyjä,Acme Oy,09 310 1693,040 123 4507,olli@acme.fi\n",
    "salesforce-sv": "Hälsningsfras,Förnamn,Efternamn,Titel,Kontonamn,Telefon,Mobil,E-post\n"
    "Hr,Olli,Outinen,Myyjä,Acme Oy,09 310 1693,040 123 4507,olli@acme.fi\n",
    "pipedrive-en": "Person - Name,Person - Organization,Person - Phone - Work,Person - Phone - Mobile,"
    "Person - Email - Work,Person - Job title,Person - ID\n"
    "Olli Outinen,Acme Oy,09 310 1693,040 123 4507,olli@acme.fi,Myyjä,55\n",
    "pipedrive-fi": "Henkilö - Nimi,Henkilö - Organisaatio,Henkilö - Puhelin - Työ,Henkilö - Puhelin - Mobiili,"
    "Henkilö - Sähköposti - Työ,Henkilö - Tehtävänimike\n"
    "Olli Outinen,Acme Oy,09 310 1693,040 123 4507,olli@acme.fi,Myyjä\n",
    "pipedrive-sv": "Person - Namn,Person - Organisation,Person - Telefon - Arbete,Person - Telefon - Mobil,"
    "Person - E-post - Arbete,Person - Befattning\nOlli Outinen,Acme Oy,09 310 1693,040 123 4507,olli@acme.fi,Myyjä\n",
    "zoho-en": "Record Id,Contact Owner,First Name,Last Name,Account Name,Email,Secondary Email,Phone,Mobile,Title\n"
    "zcrm_1,Mari,Olli,Outinen,Acme Oy,olli@acme.fi,,09 310 1693,040 123 4507,Myyjä\n",
    "zoho-fi": "Etunimi,Sukunimi,Asiakkaan nimi,Sähköposti,Toissijainen sähköposti,Puhelin,Matkapuhelin,Titteli\n"
    "Olli,Outinen,Acme Oy,olli@acme.fi,,09 310 1693,040 123 4507,Myyjä\n",
    "zoho-sv": "Förnamn,Efternamn,Kontonamn,E-post,Sekundär e-post,Telefon,Mobil,Titel\n"
    "Olli,Outinen,Acme Oy,olli@acme.fi,,09 310 1693,040 123 4507,Myyjä\n",
    "google": "First Name,Middle Name,Last Name,Name Prefix,Organization Name,Organization Title,Labels,"
    "E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
    "Olli,,Outinen,,Acme Oy,Myyjä,* myContacts,Work,olli@acme.fi,Work,09 310 1693,Mobile,040 123 4507\n",
    "google-old": "Name,Given Name,Additional Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
    "Phone 1 - Type,Phone 1 - Value,Organization 1 - Name,Organization 1 - Title\n"
    "Olli Outinen,Olli,,Outinen,* myContacts,* Work,olli@acme.fi,Work,09 310 1693 ::: 040 123 4507,Acme Oy,Myyjä\n",
    "outlook-en": '"Title","First Name","Middle Name","Last Name","Company","Department","Job Title",'
    '"Business Phone","Mobile Phone","E-mail Address","E-mail 2 Address"\n'
    '"Mr.","Olli","","Outinen","Acme Oy","","Myyjä","09 310 1693","040 123 4507","olli@acme.fi",""\n',
    "outlook-fi": "Titteli;Etunimi;Toinen nimi;Sukunimi;Yritys;Osasto;Tehtävänimike;Työpuhelin;Matkapuhelin;"
    "Sähköpostiosoite;Sähköposti 2 -osoite\nHerra;Olli;;Outinen;Acme Oy;;Myyjä;09 310 1693;040 123 4507;"
    "olli@acme.fi;\n",
    "outlook-sv": "Titel;Förnamn;Mellannamn;Efternamn;Företag;Avdelning;Befattning;Telefon, arbete;Mobiltelefon;"
    "E-postadress;E-post 2-adress\nHr;Olli;;Outinen;Acme Oy;;Myyjä;09 310 1693;040 123 4507;olli@acme.fi;\n",
    "vcard-3": "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Outinen;Olli;;;\r\nFN:Olli Outinen\r\nORG:Acme Oy;\r\n"
    "TITLE:Myyj\r\n ä\r\n"
    "TEL;TYPE=WORK,VOICE:09 310 1693\r\nitem1.TEL;TYPE=CELL:040 123 4507\r\nTEL;TYPE=WORK,FAX:09 1\r\n"
    "EMAIL;TYPE=INTERNET:olli@acme.fi\r\nEND:VCARD\r\n",
    "vcard-4": "BEGIN:VCARD\nVERSION:4.0\nFN:Olli Outinen\nN:Outinen;Olli;;;\nORG:Acme Oy\nTITLE:Myyjä\n"
    'TEL;VALUE=uri;TYPE="voice,work";PREF=1:tel:+358-9-3101693\nTEL;TYPE=cell:+358401234507\n'
    "EMAIL:olli@acme.fi\nEND:VCARD\n",
    "vcard-2.1": "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Outinen;Olli\nORG:Acme Oy\n"
    "TITLE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Myyj=C3=\n=A4\nTEL;WORK;VOICE:09 310 1693\nTEL;CELL:040 123 4507\n"
    "EMAIL;INTERNET:olli@acme.fi\nEND:VCARD\n",
}


@pytest.mark.parametrize("name", CONTACTS)
def test_contact_of_another_program_is_taken_as_it_is(name):
    customer = CustomerFactory(name="Acme Oy")
    run = run_import(CONTACTS[name], "contacts")
    assert (counts(run), codes(run, 2)) == ((1, 0, 0, 0, 0), [])
    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name) == ("Olli", "Outinen")
    position = contact.positions.get()
    assert (position.customer, position.title) == (customer, "Myyjä")
    values = set(contact.points.values_list("value", flat=True))
    assert values == {"olli@acme.fi", "+35893101693", "+358401234507"}


def test_columns_of_another_program_that_fill_nothing_are_named():
    CustomerFactory(name="Acme Oy")
    runs = {name: run_import(text, "contacts") for name, text in CONTACTS.items()}
    left = {name: {item["column"] for item in run.left_out_columns} for name, run in runs.items()}
    assert left["outlook-en"] == {"Title"}
    assert left["google"] == {"Labels", "E-mail 1 - Label", "Phone 1 - Label", "Phone 2 - Label"}
    assert left["salesforce-en"] == {"Salutation", "Fax"}
    assert left["vcard-3"] == {"Fax"}


CUSTOMERS = {
    "hubspot-en": "Record ID,Company name,Phone Number,Street Address,Postal Code,City,Website URL,Number of Employees,"
    "Annual Revenue\n1,Acme Oy,09 310 1693,Katu 1,00100,Helsinki,acme.fi,12,1200000\n",
    "hubspot-fi": "Yrityksen nimi,Puhelinnumero,Katuosoite,Postinumero,Kaupunki,Verkkosivuston URL-osoite,"
    "Työntekijöiden määrä,Vuosiliikevaihto\nAcme Oy,09 310 1693,Katu 1,00100,Helsinki,acme.fi,12,1200000\n",
    "hubspot-sv": "Företagsnamn,Telefonnummer,Gatuadress,Postnummer,Stad,Webbplatsens URL,Antal anställda,"
    "Årsomsättning\n"
    "Acme Oy,09 310 1693,Katu 1,00100,Helsinki,acme.fi,12,1200000\n",
    "salesforce-en": '"Account Name","Phone","Shipping Street","Shipping Zip/Postal Code","Shipping City","Website",'
    '"Employees","Annual Revenue"\n"Acme Oy","09 310 1693","Katu 1","00100","Helsinki","acme.fi","12","1200000"\n',
    "pipedrive-en": "Organization - Name,Organization - Address,Organization - ZIP/Postal code of Address,"
    "Organization - City/town/village/locality of Address,Organization - Phone,Organization - Website,"
    "Organization - Employees,Organization - Annual revenue\n"
    "Acme Oy,Katu 1,00100,Helsinki,09 310 1693,acme.fi,12,1200000\n",
    "zoho-en": "Record Id,Account Name,Phone,Website,Shipping Street,Shipping Code,Shipping City,Employees,"
    "Annual Revenue\nzcrm_2,Acme Oy,09 310 1693,acme.fi,Katu 1,00100,Helsinki,12,1200000\n",
    "salesforce-sv": "Kontonamn,Telefon,Leveransgata,Leveranspostnummer,Leveransort,Webbplats,Anställda,Årsintäkt\n"
    "Acme Oy,09 310 1693,Katu 1,00100,Helsinki,acme.fi,12,1200000\n",
    "salesforce-fi": "Tilin nimi,Puhelin,Toimituskatu,Toimituspostinumero,Toimituskaupunki,Verkkosivusto,Työntekijät,"
    "Vuosiliikevaihto\nAcme Oy,09 310 1693,Katu 1,00100,Helsinki,acme.fi,12,1200000\n",
}


@pytest.mark.parametrize("name", CUSTOMERS)
def test_customer_of_another_program_is_taken_as_it_is(name):
    run = run_import(CUSTOMERS[name])
    assert (counts(run), codes(run, 2)) == ((1, 0, 0, 0, 0), [])
    customer = Customer.objects.get()
    assert (customer.name, customer.phone, customer.website) == ("Acme Oy", "+35893101693", "https://acme.fi")
    assert (customer.personnel, customer.turnover) == (12, 1_200_000)
    address = customer.addresses.get()
    assert (address.street, address.postal_code, address.city) == ("Katu 1", "00100", "Helsinki")


@pytest.mark.parametrize("program", ["outlook-en", "outlook-fi", "outlook-sv", "google", "vcard-3", "vcard-4"])
def test_employers_of_an_address_book_become_customers(program):
    run = run_import(CONTACTS[program])
    assert row(run, 2).fate == "created"
    assert Customer.objects.get().name == "Acme Oy"
    assert run.left_out_columns
