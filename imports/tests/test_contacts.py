from __future__ import annotations

import pytest

from customers.models import Contact, ContactPoint, Position
from customers.tests.factories import ContactFactory, CustomerFactory
from imports.tests.helpers import codes, counts, row, run_import

pytestmark = pytest.mark.django_db
HEADER = "asiakas;etunimi;sukunimi;sähköposti;puhelin;tehtävä;rooli\n"
LINE = "Acme;Matti;Virtanen;matti@acme.fi;040 123 4567;Johtaja;\n"


def contacts(lines, **options):
    return run_import(HEADER + lines, "contacts", **options)


@pytest.fixture
def acme():
    return CustomerFactory(name="Acme Oy", business_id="0737546-2", numbers={"ERP": "7"})


def test_row_becomes_a_contact_of_its_customer(acme):
    assert counts(contacts(LINE)) == (1, 0, 0, 0, 0)
    contact = Contact.objects.get()
    assert str(contact) == "Matti Virtanen"
    assert set(contact.points.values_list("value", flat=True)) == {"matti@acme.fi", "+358401234567"}
    position = contact.positions.get()
    assert (position.customer, position.title) == (acme, "Johtaja")


def test_rule_17_contacts_again_change_nothing(acme):
    contacts(LINE)
    before = [model.pgh_event_model.objects.count() for model in (Contact, ContactPoint, Position)]
    assert counts(contacts(LINE)) == (0, 0, 1, 0, 0)
    assert [model.pgh_event_model.objects.count() for model in (Contact, ContactPoint, Position)] == before


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"column": "nro", "field": "customer_number", "system": "ERP"}, "7"),
        ({"column": "nro", "field": "customer_business_id"}, "0737546-2"),
        ({"column": "nro", "field": "customer"}, "ACME"),
    ],
)
def test_customer_is_found_by_number_business_id_or_name(acme, columns, line):
    config = {"columns": [columns, {"column": "nimi", "field": "full_name"}]}
    run_import(f"nro;nimi\n{line};Matti Virtanen\n", "contacts", config=config)
    assert Position.objects.get().customer == acme


@pytest.mark.parametrize(
    "line",
    [
        "Acme;Matti;Uusinimi;MATTI@acme.fi;;Päällikkö;",
        "Acme;Matti;Uusinimi;;040-1234567;Päällikkö;",
        "Acme;Matti;Virtanen;;;Päällikkö;",
    ],
    ids=["e-mail", "phone", "name"],
)
def test_person_is_found_by_e_mail_then_phone_then_name(acme, line):
    contacts(LINE)
    run = contacts(line + "\n")
    assert counts(run) == (0, 1, 0, 0, 0)
    assert Position.objects.get().title == "Päällikkö"
    assert Contact.objects.get().version == 2


def test_shared_switchboard_number_makes_no_two_people_one(acme):
    contacts(LINE)
    assert counts(contacts("Acme;Liisa;Laine;;040 123 4567;;\n")) == (1, 0, 0, 0, 0)


def test_same_e_mail_with_another_name_is_held(acme):
    contacts(LINE)
    assert codes(contacts("Acme;Liisa;Laine;matti@acme.fi;;;\n"), 2) == ["other_person"]


def test_same_person_at_another_customer_is_another_row(acme):
    CustomerFactory(name="Toinen")
    contacts(LINE)
    assert counts(contacts(LINE.replace("Acme", "Toinen"))) == (1, 0, 0, 0, 0)


def test_second_row_about_the_same_person_is_held(acme):
    run = contacts(LINE + "Acme;Matti;Virtanen;toinen@acme.fi;;;\n")
    assert counts(run) == (1, 0, 0, 1, 0)
    assert codes(run, 3) == ["same_as"]


def test_new_phone_and_e_mail_are_added_and_none_is_taken_away(acme):
    contacts(LINE)
    run = contacts("Acme;Matti;Virtanen;uusi@acme.fi;;;\n")
    assert row(run, 2).changed == ["email"]
    assert ContactPoint.objects.count() == 3


def test_unknown_customer_is_held():
    assert codes(contacts(LINE), 2) == ["unknown_customer"]


def test_customer_of_several_is_held():
    CustomerFactory(name="Acme Oy")
    CustomerFactory(name="Acme Ab")
    assert codes(contacts(LINE), 2) == ["ambiguous_customer"]


def test_contact_of_a_passive_customer_is_held():
    CustomerFactory(name="Acme", passive=True)
    assert codes(contacts(LINE), 2) == ["passive"]


def test_namesakes_at_the_customer_are_held(acme):
    for _time in range(2):
        ContactFactory(first_name="Matti", last_name="Virtanen", customer=acme)
    assert codes(contacts("Acme;Matti;Virtanen;;;Johtaja;\n"), 2) == ["ambiguous_person"]


def test_row_without_a_name_is_refused(acme):
    assert codes(contacts("Acme;;;matti@acme.fi;;;\n"), 2) == ["required"]


def test_role_in_decisions_is_a_class_and_an_unknown_one_is_told(acme):
    run = contacts("Acme;Matti;Virtanen;;;;maksaja\nAcme;Liisa;Laine;;;;kuningas\n")
    assert counts(run) == (2, 0, 0, 0, 0)
    assert codes(run, 3) == ["unknown_class"]
    assert [position.role and position.role.code for position in Position.objects.order_by("pk")] == ["payer", None]
