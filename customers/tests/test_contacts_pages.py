from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.text import one_line
from customers.enums import BranchPurpose, BranchTarget
from customers.models import ClassificationBranch, ClassificationNode, Consent, Contact, Position
from customers.services.contacts import position_change
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, NodeFactory, PositionFactory

pytestmark = pytest.mark.django_db
NASTY = ["<script>alert(1)</script>", "{{ 7|add:7 }}", "\u202eabc", "👩‍💼 Ä\u200bb", "O'Brien & Sons"]
TABS = ("contact", "contact_classes", "contact_documents", "contact_history")
FORMS = ("contact_edit", "position_add", "consent_add", "contact_classes_edit", "contact_documents_add")


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def user(client):
    user = UserFactory(role="account_manager")
    client.force_login(user)
    return user


def url(name: str, *args) -> str:
    return reverse(f"customers:{name}", args=args)


def form_data(points: list[str] = (), **fields) -> dict:
    rows = {f"points-{i}-value": value for i, value in enumerate(points)}
    management = {"points-TOTAL_FORMS": len(points), "points-INITIAL_FORMS": 0}
    return {"language": "fi", "last_name": "Salo", **management, **rows, **fields}


def errors(response) -> str:
    form = response.context["form"]
    rows = [row.errors for row in form.points] if hasattr(form, "points") else []
    return f"{form.errors} {rows}"


@pytest.mark.parametrize("name", TABS)
@pytest.mark.parametrize("role", ["account_manager", "sales_assistant", "read_only"])
def test_everyone_signed_in_sees_the_page_and_its_tabs(client, name, role):
    client.force_login(UserFactory(role=role))
    contact = ContactFactory(customer=CustomerFactory())
    page = client.get(url(name, contact.pk))
    part = client.get(url(name, contact.pk), headers={"HX-Request": "true", "HX-Target": "tab"})
    assert page.status_code == part.status_code == 200
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize("name", [*TABS, *FORMS])
def test_anonymous_is_sent_to_sign_in(client, name):
    contact = ContactFactory()
    assert client.get(url(name, contact.pk))["Location"].startswith(reverse("account_login"))
    assert client.get(url("contact_add"))["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", FORMS)
def test_read_only_user_may_change_nothing(client, name):
    client.force_login(UserFactory(role="read_only"))
    contact = ContactFactory()
    assert client.get(url(name, contact.pk)).status_code == 403
    assert client.post(url(name, contact.pk), form_data()).status_code == 403
    assert client.post(url("contact_add"), form_data()).status_code == 403


@pytest.mark.parametrize("name", [*TABS, *FORMS])
def test_rule_2_contact_of_passive_customers_only_does_not_exist(client, user, name):
    contact = ContactFactory(customer=CustomerFactory(passive=True), is_hidden=True)
    assert client.get(url(name, contact.pk)).status_code == 404


@pytest.mark.parametrize("name", [*TABS, *FORMS])
def test_unknown_contact_is_404(client, user, name):
    assert client.get(url(name, 999_999)).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_however_much_there_is(client, user, count, django_assert_num_queries):
    contact = ContactFactory()
    for number in range(count):
        PositionFactory(contact=contact, role=NodeFactory(branch__purpose=["contact_role", "size", "group"][number]))
        PositionFactory(contact=contact, end=dt.date(2020, 1, 1))
        Consent.objects.create(contact=contact, channel="email", is_given=True, source="x", recorded_by=user)
    client.get(url("contact", contact.pk))
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(url("contact", contact.pk))


PAGE_QUERIES = 12


def test_positions_at_passive_customers_are_not_shown(client, user):
    contact = ContactFactory(customer=CustomerFactory(name="Näkyvä Oy"))
    PositionFactory(contact=contact, customer=CustomerFactory(name="Piilossa Oy", passive=True))
    page = client.get(url("contact", contact.pk)).content.decode()
    assert "Näkyvä Oy" in page
    assert "Piilossa Oy" not in page


def test_contact_is_added_at_a_customer(client, user):
    customer = CustomerFactory()
    page = client.get(url("customer_contact_add", customer.pk))
    assert page.context["form"].initial["customer"] == customer.pk
    data = form_data(["040 123 4567", "tiina@example.fi"], first_name="Tiina", customer=customer.pk, title="Johtaja")
    response = client.post(url("customer_contact_add", customer.pk), data)
    contact = Contact.objects.get()
    assert response["Location"] == contact.get_absolute_url()
    assert {row.value for row in contact.points.all()} == {"+358401234567", "tiina@example.fi"}
    assert contact.positions.get().title == "Johtaja"


def test_likely_same_person_is_shown_before_adding(client, user):
    known = ContactFactory(first_name="Tiina", last_name="Salo", email="tiina@example.fi")
    customer = CustomerFactory()
    data = form_data(["tiina@example.fi"], first_name="T.", last_name="Toinen", customer=customer.pk)
    response = client.post(url("contact_add"), data)
    assert response.status_code == 422
    assert [match.contact for match in response.context["matches"]] == [known]
    assert f"{url('position_add', known.pk)}?customer={customer.pk}" in response.content.decode()
    assert Contact.objects.count() == 1
    client.post(url("contact_add"), {**data, "is_new": "1"})
    assert Contact.objects.count() == 2


def test_sending_twice_adds_one(client, user):
    data = form_data(submission_key=str(uuid.uuid4()), is_new="1")
    first, second = client.post(url("contact_add"), data), client.post(url("contact_add"), data)
    assert first["Location"] == second["Location"]
    assert Contact.objects.count() == 1


@pytest.mark.parametrize(
    ("points", "fields", "message"),
    [
        ([], {"last_name": ""}, "required"),
        ([], {"last_name": "x" * 10_001}, "at most 80 characters"),
        ([], {"description": "x" * 10_001}, "at most 10000 characters"),
        ([], {"last_name": "a\x00b"}, "Null characters"),
        (["123"], {}, "is not a phone number"),
        (["a@b"], {}, "is not an e-mail address"),
        (["040 123 4567", "+358401234567"], {}, "already on the list"),
        (["x" * 10_001], {}, "at most 254 characters"),
        ([], {"customer": "999999"}, "Choose the customer from the list"),
        ([], {"role": "999999"}, "Select a valid choice"),
        ([], {"start": "31.2.2026"}, "Enter the date as day, month and year"),
    ],
)
def test_bad_input_is_told_and_nothing_is_added(client, user, points, fields, message):
    response = client.post(url("contact_add"), form_data(points, **fields))
    assert response.status_code == 422
    assert message in errors(response)
    assert not Contact.objects.exists()


def test_rule_2_contact_is_not_added_at_a_passive_customer(client, user):
    passive = CustomerFactory(passive=True)
    assert client.get(url("customer_contact_add", passive.pk)).status_code == 404
    response = client.post(url("contact_add"), form_data(customer=passive.pk))
    assert response.status_code == 422
    assert not Contact.objects.exists()


def test_rule_11_class_of_customers_is_no_role(client, user):
    response = client.post(url("contact_add"), form_data(customer=CustomerFactory().pk, role=NodeFactory().pk))
    assert response.status_code == 422
    assert "Select a valid choice" in errors(response)


@pytest.mark.parametrize("text", NASTY)
def test_text_is_shown_back_inert(client, user, text):
    client.post(url("contact_add"), form_data(last_name=text, description=text))
    contact = Contact.objects.get()
    assert (contact.last_name, contact.description) == (one_line(text), text)
    page = client.get(contact.get_absolute_url())
    assert "<script>alert" not in page.content.decode()
    assert "14" not in page.context["title"]


def test_contact_is_changed_with_its_phones(client, user):
    contact = ContactFactory(phone="+358401234567")
    page = client.get(url("contact_edit", contact.pk)).content.decode()
    assert "040 1234567" in page
    data = form_data(["09 123 4567", ""], last_name="Uusi", version=1)
    assert client.post(url("contact_edit", contact.pk), data)["Location"] == contact.get_absolute_url()
    contact.refresh_from_db()
    assert (contact.last_name, contact.version, contact.points.get().value) == ("Uusi", 2, "+35891234567")


def test_concurrent_change_is_told_and_kept_in_the_form(client, user):
    contact = ContactFactory(last_name="Salo")
    client.post(url("contact_edit", contact.pk), form_data(last_name="Eka", version=1))
    response = client.post(url("contact_edit", contact.pk), form_data(last_name="Toka", version=1))
    assert response.status_code == 422
    assert "Someone else changed this" in response.content.decode()
    assert Contact.objects.get().last_name == "Eka"


def test_position_is_added_changed_and_ended(client, user):
    role = NodeFactory(branch=BranchFactory(purpose=BranchPurpose.CONTACT_ROLE, target=BranchTarget.CONTACTS))
    contact, customer = ContactFactory(), CustomerFactory()
    client.post(url("position_add", contact.pk), {"customer": customer.pk, "title": "Myyjä", "start": "2024-01-01"})
    position = Position.objects.get()
    edit = url("position_edit", contact.pk, position.pk)
    version = client.get(edit).context["form"]["version"].value()
    client.post(edit, {"title": "Johtaja", "role": role.pk, "start": "1.1.2024", "version": version})
    position.refresh_from_db()
    assert (position.title, position.role, position.start) == ("Johtaja", role, dt.date(2024, 1, 1))
    client.post(url("position_end", contact.pk, position.pk), {"end": "2024-12-31"})
    position.refresh_from_db()
    assert position.end == dt.date(2024, 12, 31)


def test_concurrent_change_of_a_position_is_told(client, user):
    position = PositionFactory(title="Eka")
    position_change(position=position, title="Toka")
    response = client.post(url("position_edit", position.contact_id, position.pk), {"title": "Oma", "version": 1})
    assert response.status_code == 422
    assert Position.objects.get().title == "Toka"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"start": "2024-02-01", "end": "2024-01-01"}, "The end is before the start."),
        ({"title": "x" * 121}, "at most 120 characters"),
        ({"customer": ""}, "required"),
    ],
)
def test_bad_position_is_told(client, user, data, message):
    contact, customer = ContactFactory(), CustomerFactory()
    response = client.post(url("position_add", contact.pk), {"customer": customer.pk, **data})
    assert response.status_code == 422
    assert message in str(response.context["form"].errors)
    assert not Position.objects.exists()


def test_second_position_at_the_same_customer_is_told(client, user):
    position = PositionFactory()
    response = client.post(url("position_add", position.contact_id), {"customer": position.customer_id})
    assert response.status_code == 422
    assert "already works" in response.content.decode()


def test_position_of_another_contact_or_a_passive_customer_is_404(client, user):
    other, passive = PositionFactory(), PositionFactory(customer=CustomerFactory(passive=True))
    contact = ContactFactory()
    assert client.get(url("position_edit", contact.pk, other.pk)).status_code == 404
    PositionFactory(contact=passive.contact)
    assert client.get(url("position_end", passive.contact_id, passive.pk)).status_code == 404


def test_consent_is_recorded(client, user):
    contact = ContactFactory()
    data = {"channel": "email", "is_given": "0", "given_on": "2024-05-01", "source": "Puhelu"}
    assert client.post(url("consent_add", contact.pk), data).status_code == 302
    consent = contact.consents.get()
    assert (consent.is_given, consent.given_on, consent.recorded_by) == (False, dt.date(2024, 5, 1), user)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"given_on": (timezone.localdate() + dt.timedelta(days=1)).isoformat()}, "given_on"),
        ({"source": ""}, "source"),
        ({"channel": "visit"}, "channel"),
        ({"is_given": ""}, "is_given"),
    ],
)
def test_bad_consent_is_told_at_its_field(client, user, change, field):
    data = {"channel": "email", "is_given": "1", "given_on": "2024-05-01", "source": "Puhelu", **change}
    response = client.post(url("consent_add", ContactFactory().pk), data)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Consent.objects.exists()


def test_customer_page_groups_contacts_by_role(client, user):
    role = NodeFactory(branch=BranchFactory(purpose=BranchPurpose.CONTACT_ROLE, target=BranchTarget.CONTACTS))
    customer = CustomerFactory()
    ContactFactory(first_name="Tiina", last_name="Salo", customer=customer, customer__role=role)
    PositionFactory(customer=customer, contact__last_name="Entinen", end=dt.date(2020, 1, 1))
    page = client.get(url("contacts_tab", customer.pk)).content.decode()
    assert role.name_en in page
    assert "Tiina Salo" in page
    assert "Entinen" in page
    panel = client.get(url("decisions", customer.pk), headers={"HX-Request": "true"}).content.decode()
    assert "Tiina Salo" in panel
    assert "Entinen" not in panel
    assert "<html" not in panel


def test_document_is_attached_to_a_contact(client, user):
    contact = ContactFactory()
    upload = SimpleUploadedFile("card.txt", b"hello")
    response = client.post(url("contact_documents_add", contact.pk), {"file": upload, "description": "Card"})
    assert response["Location"] == url("contact_documents", contact.pk)
    assert "card.txt" in client.get(response["Location"]).content.decode()


def test_the_panel_of_contacts_calls_and_writes_to_them_and_adds_one(client, user):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer, email="tiina@example.fi", phone="+358401234567")
    panel = client.get(url("decisions", customer.pk)).content.decode()
    assert (
        reverse("mail:compose", query={"contact": contact.pk, "customer": customer.pk}).replace("&", "&amp;") in panel
    )
    assert f"contact={contact.pk}&amp;customer={customer.pk}" in panel
    assert url("customer_contact_add", customer.pk) in panel


def test_a_contact_that_is_added_in_a_dialog_leads_back_to_the_page_under_it(client, user):
    customer = CustomerFactory()
    at = f"http://testserver{customer.get_absolute_url()}"
    headers = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": at}
    data = form_data(customer=customer.pk)
    response = client.post(url("customer_contact_add", customer.pk), data, headers=headers)
    assert response.headers["HX-Redirect"] == customer.get_absolute_url()
