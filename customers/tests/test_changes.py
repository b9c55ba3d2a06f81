"""Adding and changing customers on their pages; favourites, documents, handing over."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.models import Document
from customers.models import (
    Address,
    ClassificationBranch,
    ClassificationNode,
    Customer,
    CustomerNumber,
    CustomerSummary,
    Favourite,
    Responsibility,
)
from customers.tests.factories import (
    BranchFactory,
    ContactFactory,
    CustomerFactory,
    NodeFactory,
    ResponsibilityFactory,
)

pytestmark = pytest.mark.django_db

NEW = "/customers/new/"
GRANTS = ["customers.add_customer", "customers.change_own_customer", "customers.attach_documents"]


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def user():
    return UserFactory(grants=GRANTS)


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def node():
    return NodeFactory(branch=BranchFactory(code="group", purpose="group", is_required=True, is_multiple=True))


@pytest.fixture
def customer(user):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=user)


def url(name: str, customer: Customer, *rest: int) -> str:
    return reverse(f"customers:{name}", args=[customer.pk, *rest])


# Adding


def test_adding_goes_to_the_new_customers_page_with_the_adder_as_owner(page, user, node):
    form = page.get(NEW).context["form"]
    assert form["owner"].initial == user
    response = page.post(NEW, {"name": "Uusi Oy", "group": [node.pk], "owner": user.pk})
    customer = Customer.objects.get()
    assert response.url == customer.get_absolute_url()
    assert (customer.summary.owner, customer.summary.group) == (user, node)


def test_adding_needs_the_group(page, node):
    response = page.post(NEW, {"name": "Uusi Oy"})
    assert response.status_code == 422
    assert response.context["form"].errors["group"]
    assert not Customer.objects.exists()


def test_sending_twice_adds_one(page, node):
    values = {"name": "Uusi Oy", "group": [node.pk], "submission_key": str(uuid.uuid4())}
    first, second = page.post(NEW, values), page.post(NEW, values)
    assert first.url == second.url
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    "clue",
    [
        {"name": "Oy Nokian Konepaja Ab"}, {"name": "Konepaja Nokian"}, {"name": "Nokian konepaja"},
        {"name": "Nokian Konepajat Oy"}, {"name": "X", "phone": "040 123 4567"}, {"name": "X", "phone": "050 5555555"},
        {"name": "X", "email": "joku@konepaja.fi"}, {"name": "X", "email": "matti.salo@gmail.com"},
    ],
)  # fmt: skip
def test_a_likely_existing_customer_is_shown_before_adding_and_must_be_ruled_out(page, node, clue):
    existing = CustomerFactory(name="Nokian Konepaja Oy", phone="+358401234567", email="info@konepaja.fi")
    ContactFactory(customer=existing, phone="+358505555555", email="matti.salo@gmail.com")
    response = page.post(NEW, {"group": [node.pk], **clue})
    assert response.status_code == 422
    assert [candidate.customer for candidate in response.context["candidates"]] == [existing]
    assert response.content.decode().count('name="confirmed"') == Customer.objects.count() == 1
    page.post(NEW, {"group": [node.pk], "confirmed": "1", **clue})
    assert Customer.objects.count() == 2


def test_a_public_email_domain_says_nothing(page, node):
    CustomerFactory(email="a@gmail.com")
    assert page.post(NEW, {"name": "Uusi Oy", "group": [node.pk], "email": "b@gmail.com"}).status_code == 302


def test_the_same_business_id_is_never_added(page, node):
    existing = CustomerFactory(business_id="2345678-0")
    values = {"name": "Uusi Oy", "group": [node.pk], "business_id": "23456780", "confirmed": "1"}
    response = page.post(NEW, values)
    assert response.status_code == 422
    assert "Another customer has this business ID." in response.content.decode()
    assert existing.get_absolute_url() in response.content.decode()


def test_candidates_show_while_one_types(page):
    existing = CustomerFactory(name="Nokian Konepaja Oy")
    html = page.get("/customers/new/candidates/", {"name": "nokian konepaja"}).content.decode()
    assert existing.get_absolute_url() in html
    assert "<html" not in html
    assert existing.get_absolute_url() not in page.get("/customers/new/candidates/", {"name": "\x00"}).content.decode()


def test_readers_may_not_add(client):
    client.force_login(UserFactory())
    assert client.get(NEW).status_code == 403
    assert client.get("/customers/new/candidates/").status_code == 403


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "A\x00B"}, "name"), ({"name": "x" * 10_000}, "name"), ({"business_id": "1234567-8"}, "business_id"),
        ({"phone": "x"}, "phone"), ({"personnel": "-1"}, "personnel"), ({"parent": "999999"}, "parent"),
        ({"description": "x" * 10_001}, "description"), ({"owner": "0"}, "owner"),
    ],
)  # fmt: skip
def test_bad_input_shows_its_message_and_adds_nothing(page, node, values, field):
    response = page.post(NEW, {"name": "Uusi Oy", "group": [node.pk], **values})
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert not Customer.objects.exists()


def test_a_passive_parent_does_not_exist_for_the_form(page, node):
    passive = CustomerFactory(passive=True)
    response = page.post(NEW, {"name": "Uusi Oy", "group": [node.pk], "parent": passive.pk})
    assert response.context["form"].errors["parent"]
    assert passive.name not in response.content.decode()


# Changing


def fields(customer: Customer, **changes: object) -> dict[str, object]:
    values = {"name": customer.name, "kind": "organisation", "language": "fi", "directness": "direct"}
    return {**values, "version": customer.version, **changes}


def test_a_change_is_saved_and_numbers_are_read_in_the_users_form(client, customer, user):
    user.language = "fi"
    user.save()
    client.force_login(user)
    values = fields(customer, turnover="1234567,50", phone="040 1234567", website="konepaja.fi")
    assert client.post(url("edit", customer), values).status_code == 302
    customer.refresh_from_db()
    assert (str(customer.turnover), customer.phone) == ("1234567.50", "+358401234567")
    assert customer.website == "https://konepaja.fi"


def test_a_change_over_someone_elses_is_refused(page, customer):
    values = fields(customer, name="Minun")
    Customer.objects.update(version=5, name="Toisen")
    response = page.post(url("edit", customer), values)
    assert response.status_code == 422
    assert "Someone else changed this" in response.content.decode()
    assert Customer.objects.get().name == "Toisen"


def test_who_was_told_of_another_change_may_write_over_it_by_saving_again(page, customer):
    values = fields(customer, name="Minun")
    Customer.objects.update(version=5, name="Toisen")
    form = page.post(url("edit", customer), values).context["form"]
    assert (form["version"].value(), form["name"].value()) == ("5", "Minun")
    assert page.post(url("edit", customer), values | {"version": 5}).status_code == 302
    assert Customer.objects.get().name == "Minun"


def test_a_loop_of_parents_shows_at_its_field(page, customer):
    child = CustomerFactory(parent=customer)
    response = page.post(url("edit", customer), fields(customer, parent=child.pk))
    assert response.status_code == 422
    assert response.context["form"].errors["parent"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ 7|add:7 }}", "\u202eabc", "👩‍🔧 \u200b zwj"])
def test_any_text_is_shown_back_unchanged_and_inert(page, customer, text):
    page.post(url("edit", customer), fields(customer, description=text))
    assert Customer.objects.get().description == text.strip()
    html = page.get(url("detail", customer)).content.decode()
    assert "<script>alert(1)" not in html
    assert text.strip().replace("<", "&lt;").replace(">", "&gt;") in html


def test_making_passive_asks_for_a_reason_and_goes_to_the_list(page, customer):
    assert page.post(url("set_passive", customer), {"reason": "", "day": "2026-01-01"}).status_code == 422
    assert page.post(url("set_passive", customer), {"reason": "other", "day": "2026-01-01"}).status_code == 422
    response = page.post(url("set_passive", customer), {"reason": "bankruptcy", "day": "2026-01-01"})
    assert response.url == reverse("customers:list")
    assert Customer.objects.get().is_passive


def test_an_administrator_sees_the_banner_and_no_working_actions(client, customer):
    admin = UserFactory(grants=["customers.manage_passive", "customers.change_any_customer", *GRANTS])
    client.force_login(admin)
    client.post(url("set_passive", customer), {"reason": "bankruptcy", "day": "2026-01-01"})
    html = client.get(url("detail", customer)).content.decode()
    assert "bankruptcy" in html
    assert "Activate" in html
    assert url("edit", customer) not in html
    assert client.get(url("edit", customer)).status_code == 403
    client.post(url("set_active", customer))
    assert not Customer.objects.get().is_passive
    answer = client.post(url("set_active", customer))  # pressed again, in another window
    assert [message.level_tag for message in get_messages(answer.wsgi_request)][-1] == "danger"


def test_who_does_not_keep_passive_customers_cannot_make_one_active(page, customer):
    assert page.post(url("set_active", customer)).status_code == 403


# What belongs to the customer


def test_addresses_are_edited_and_emptied(page, customer):
    page.post(url("addresses", customer), {"postal_street": "PL 1", "postal_city": "Espoo"})
    assert str(Address.objects.get()) == "PL 1, Espoo"
    page.post(url("addresses", customer), {})
    assert not Address.objects.exists()


def test_numbers_need_system_and_number_and_are_unique(page, customer):
    assert page.post(url("numbers", customer), {"system_0": "TOP"}).status_code == 422
    CustomerFactory(numbers={"TOP": "1"})
    response = page.post(url("numbers", customer), {"system_0": "TOP", "number_0": "1"})
    assert response.status_code == 422
    assert "Another customer has this number" in response.content.decode()
    page.post(url("numbers", customer), {"system_0": "TOP", "number_0": "2"})
    assert str(CustomerNumber.objects.get(customer=customer)) == "TOP 2"


def test_the_owner_is_changed_on_the_page(page, customer):
    new = UserFactory(role="account_manager")
    page.post(url("owner", customer), {"user": new.pk, "day": timezone.localdate().isoformat()})
    assert CustomerSummary.objects.get().owner == new


def test_an_owner_change_before_the_present_owner_shows_at_the_day(page, customer):
    response = page.post(url("owner", customer), {"user": UserFactory(role="account_manager").pk, "day": "2019-01-01"})
    assert response.status_code == 422
    assert response.context["form"].errors["day"]


def test_a_deputy_is_named_and_ended(page, customer):
    deputy = UserFactory()
    values = {"user": deputy.pk, "role": "deputy", "start": "2026-01-01"}
    page.post(url("responsibility_add", customer), values)
    row = Responsibility.objects.get(role="deputy")
    assert str(deputy) in page.get(url("details", customer)).content.decode()
    page.post(url("responsibility_end", customer, row.pk), {"day": "2026-02-01"})
    row.refresh_from_db()
    assert str(row.end) == "2026-02-01"


def test_another_customers_responsibility_does_not_exist_here(page, customer):
    other = ResponsibilityFactory(role="deputy")
    assert page.post(url("responsibility_end", customer, other.pk), {"day": "2026-02-01"}).status_code == 404


def test_the_star_puts_a_customer_into_the_menu_and_takes_it_away(page, customer):
    page.post(url("favourite", customer))
    assert "side-favourites" in page.get("/customers/").content.decode()
    page.post(url("favourite", customer))
    assert not Favourite.objects.exists()


def test_a_document_is_attached_and_removed(page, customer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("../me\u202emo.txt", b"text")
    page.post(url("documents_add", customer), {"file": file, "description": "<b>Memo</b>"})
    document = Document.objects.get()
    html = page.get(url("documents", customer)).content.decode()
    assert "&lt;b&gt;Memo&lt;/b&gt;" in html
    assert document.name == "memo.txt"
    page.post(url("documents_remove", customer, document.pk))
    assert not Document.objects.exists()


@pytest.mark.parametrize(("name", "content"), [("a.exe", b"MZ"), ("a.pdf", b"no pdf"), ("a.txt", b"")])
def test_a_file_that_is_not_what_it_says_is_refused(page, customer, name, content):
    response = page.post(url("documents_add", customer), {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    assert not Document.objects.exists()


def test_readers_attach_nothing(client, customer):
    client.force_login(UserFactory())
    assert client.get(url("documents_add", customer)).status_code == 403


def test_history_tells_who_changed_what(page, customer, user):
    page.post(url("edit", customer), fields(customer, name="Uusi nimi"))
    html = page.get(url("history", customer)).content.decode()
    assert "Uusi nimi" in html
    assert str(user) in html


# Handing over


def test_own_customers_are_handed_over_by_the_person_or_by_who_may_change_all(client, customer, user):
    new = UserFactory(role="account_manager")
    address = reverse("customers:hand_over", args=[user.pk])
    client.force_login(UserFactory(grants=GRANTS))
    assert client.get(address).status_code == 403
    client.force_login(UserFactory(grants=["customers.change_any_customer"]))
    assert "owns 1 customer." in client.get(address).content.decode()
    response = client.post(address, {"user": new.pk, "day": timezone.localdate().isoformat()}, follow=True)
    assert f"{new} is now the owner of 1 customer." in response.content.decode()
    assert CustomerSummary.objects.get().owner == new


def test_the_page_asks_before_a_planned_hand_over_is_cancelled(page, customer):
    planned, new = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    address = url("owner", customer)
    assert "drop_planned" not in page.get(address).context["form"].fields
    page.post(address, {"user": planned.pk, "day": "31.12.2099"})
    assert f"{planned} is to become the owner on" in page.get(address).content.decode()
    sent = {"user": new.pk, "day": timezone.localdate()}
    answer = page.post(address, sent)
    assert (answer.status_code, "drop_planned" in answer.context["form"].errors) == (422, True)
    assert page.post(address, {**sent, "drop_planned": "on"}).status_code == 302
    assert list(Responsibility.objects.filter(end=None).values_list("user", flat=True)) == [new.pk]
