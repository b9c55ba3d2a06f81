"""Editing in place of customers and contacts: as their form pages would, one value at a time."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.history import history_of
from core.tests.inline import Editor, events
from customers.enums import BranchPurpose, ContactPointKind
from customers.models import ClassificationBranch, Customer
from customers.services.contacts import Point, points_set
from customers.services.customers import customer_change
from customers.services.responsibilities import owner_change
from customers.tests.factories import ContactFactory, CustomerFactory, ResponsibilityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    user = UserFactory(role="account_manager")
    client.force_login(user)
    return user


@pytest.fixture
def customer(owner):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=owner, phone="+358401234567", email="old@example.com")


@pytest.fixture
def editor(client):
    def of(row, field, column="", place="inline"):
        url = reverse(f"customers:{place}", args=[row.pk, field])
        return Editor(client, f"{url}?column={column}" if column else url)

    return of


def fresh(customer):
    return Customer.objects.with_summary().get(pk=customer.pk)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_editor_has_the_one_field_with_what_it_has_now(editor, customer):
    response = editor(customer, "phone").open()
    assert list(response.context["form"].fields) == ["phone"]
    assert 'value="040 1234567"' in response.content.decode()
    assert reverse("customers:edit", args=[customer.pk]) in response.content.decode()


def test_a_value_is_saved_by_the_service_of_the_form_page(editor, customer, owner):
    response = editor(customer, "email").save(email="new@example.com")
    now = fresh(customer)
    assert (response.status_code, now.email, now.phone, now.version) == (204, "new@example.com", "+358401234567", 2)
    assert any("new@example.com" in str(entry.changes) for entry in history_of(now, []))
    assert events(response)["toast"]["text"] == "E-mail: old@example.com → new@example.com"


def test_what_is_wrong_is_said_at_the_field_and_nothing_is_saved(editor, customer):
    response = editor(customer, "email").save(email="not an address")
    assert response.status_code == 422
    assert "email" in response.context["form"].errors
    assert 'id="inline_email_error"' in response.content.decode()
    assert fresh(customer).email == "old@example.com"


def test_a_value_that_somebody_changed_meanwhile_is_shown_with_the_choice(editor, customer):
    edit = editor(customer, "email")
    edit.open()
    customer.email = "theirs@example.com"
    customer_change(customer=customer)
    response = edit.save(email="mine@example.com")
    text = response.content.decode()
    assert (response.status_code, fresh(customer).email) == (422, "theirs@example.com")
    assert "theirs@example.com" in text
    assert "mine@example.com" in text
    assert "Keep theirs" in text
    edit.seen = {f"seen-{name}": values for name, values in response.context["seen"].items()}
    assert edit.save(email="mine@example.com").status_code == 204
    assert fresh(customer).email == "mine@example.com"


def test_another_value_that_somebody_changed_meanwhile_is_no_conflict(editor, customer):
    edit = editor(customer, "email")
    edit.open()
    customer.source = "Fair"
    customer_change(customer=customer)
    assert edit.save(email="new@example.com").status_code == 204
    assert (fresh(customer).email, fresh(customer).source) == ("new@example.com", "Fair")


def test_a_value_saved_as_it_was_changes_nothing(editor, customer):
    response = editor(customer, "phone").save(phone="+358 40 123 4567")
    assert (response.status_code, fresh(customer).version, "toast" in events(response)) == (204, 1, False)


def test_a_change_is_undone_and_the_page_is_shown_again(editor, customer):
    edit = editor(customer, "email")
    response = edit.undo(edit.save(email="new@example.com"))
    assert (response.status_code, response.url, said(response)) == (
        302,
        "/start/",
        ["Nokian Konepaja Oy is as it was before."],
    )
    assert fresh(customer).email == "old@example.com"


def test_what_has_changed_since_is_not_undone(editor, customer):
    edit = editor(customer, "email")
    saved = edit.save(email="new@example.com")
    Customer.objects.filter(pk=customer.pk).update(email="newer@example.com")
    assert "Nothing was undone" in said(edit.undo(saved))[0]
    assert fresh(customer).email == "newer@example.com"


def test_an_undo_whose_time_is_over_says_so(editor, customer, monkeypatch):
    edit = editor(customer, "email")
    saved = edit.save(email="new@example.com")
    monkeypatch.setattr("core.inline.undo.UNDO_SECONDS", -1)
    response = edit.undo(saved)
    assert (response.status_code, response.url) == (302, "/start/")
    assert "for 24 hours" in said(response)[0]
    assert fresh(customer).email == "new@example.com"


def test_the_token_of_one_customer_undoes_no_other(editor, customer, owner, client):
    other = CustomerFactory(owner=owner, email="new@example.com")
    url = events(editor(customer, "email").save(email="new@example.com"))["toast"]["action"]["url"]
    assert client.post(url.replace(f"/{customer.pk}/", f"/{other.pk}/")).status_code == 404
    assert fresh(other).email == "new@example.com"


def test_the_owner_is_changed_and_put_back_by_the_rules_of_owners(editor, customer, owner):
    deputy = UserFactory(role="account_manager")
    ResponsibilityFactory(customer=customer, user=owner, role="deputy")
    edit = editor(customer, "owner")
    response = edit.save(user=deputy.pk)
    assert fresh(customer).summary.owner == deputy
    edit.undo(response)
    assert fresh(customer).summary.owner == owner
    viewer = UserFactory(role="read_only")
    assert editor(customer, "owner").save(user=viewer.pk).status_code == 422


def test_a_class_is_changed_in_place(editor, customer):
    branch = ClassificationBranch.objects.get(purpose=BranchPurpose.INDUSTRY)
    node = branch.nodes.in_use().first()
    edit = editor(customer, "industry")
    response = edit.save(**{branch.code: node.pk})
    assert (response.status_code, fresh(customer).summary.industry) == (204, node)
    edit.undo(response)
    assert fresh(customer).summary.industry is None


def test_each_branch_is_edited_on_the_tab_of_classes(client, editor, customer):
    branch = ClassificationBranch.objects.get(purpose=BranchPurpose.SIZE)
    tab = client.get(reverse("customers:classes", args=[customer.pk])).content.decode()
    assert f'data-inline="/customers/{customer.pk}/inline/class-{branch.code}/"' in tab
    node = branch.nodes.in_use().first()
    assert editor(customer, f"class-{branch.code}").save(**{branch.code: node.pk}).status_code == 204
    assert fresh(customer).summary.size == node
    assert editor(customer, "class-nothing").open().status_code == 404


def test_a_list_gets_its_cell_as_it_is_now(editor, customer):
    response = editor(customer, "email", column="email").save(email="new@example.com")
    assert events(response)["inline:done"]["cell"] == "new@example.com"
    assert events(response)["toast"]["text"].startswith("Nokian Konepaja Oy · ")


@pytest.mark.parametrize("field", ["phone", "owner", "segment"])
def test_a_colleague_may_not_change_it_and_is_offered_nothing(client, customer, field):
    colleague = UserFactory(role="account_manager")
    client.force_login(colleague)
    edit = Editor(client, reverse("customers:inline", args=[customer.pk, field]))
    assert edit.open().status_code == 403
    assert edit.save(phone="0401").status_code == 403
    page = client.get(customer.get_absolute_url()).content.decode()
    assert "data-inline=" not in page
    assert "data-row=" not in client.get(reverse("customers:list")).content.decode()


def test_a_passive_customer_is_not_there(client, owner, customer):
    passive = CustomerFactory(owner=owner, passive=True)
    assert Editor(client, reverse("customers:inline", args=[passive.pk, "phone"])).open().status_code == 404
    assert Editor(client, reverse("customers:inline", args=[customer.pk, "state"])).open().status_code == 404


def test_without_javascript_the_form_page_is_a_link(client, customer):
    page = client.get(customer.get_absolute_url()).content.decode()
    assert f'href="/customers/{customer.pk}/edit/#id_phone"' in page
    plain = client.get(reverse("customers:inline", args=[customer.pk, "phone"]))
    assert (plain.status_code, plain.url) == (302, f"/customers/{customer.pk}/edit/#id_phone")


def test_the_list_offers_the_rows_that_the_user_may_change(client, owner, customer):
    other = CustomerFactory()
    page = client.get(reverse("customers:list")).content.decode()
    assert f'<tr data-row="{customer.pk}">' in page
    assert 'data-inline="owner"' in page
    assert f'data-row="{other.pk}"' not in page


def test_a_change_of_the_owner_in_its_dialog_is_undone_from_its_message(client, customer, owner):
    heir = UserFactory(role="account_manager")
    ResponsibilityFactory(customer=customer, user=owner, role="deputy")
    client.post(reverse("customers:owner", args=[customer.pk]), {"user": heir.pk, "day": "today"})
    assert fresh(customer).summary.owner == heir
    undo = re.search(r'action="([^"]*/inline/owner/[^"]*)"', client.get(customer.get_absolute_url()).content.decode())
    client.post(html.unescape(undo[1]))
    assert fresh(customer).summary.owner == owner


# Contacts


def test_the_primary_number_of_a_contact_is_changed_and_the_others_stay(editor, owner):
    contact = ContactFactory(customer=CustomerFactory())
    others = [Point("09 3334444"), Point("a@example.com")]
    points_set(contact=contact, points=[Point("040 1112222", "work", is_primary=True), *others])
    edit = editor(contact, "phone", place="contact_inline")
    response = edit.save(value="050 5556666")
    phones = contact.points.filter(kind=ContactPointKind.PHONE).values_list("value", "label", "is_primary")
    assert set(phones) == {("+358505556666", "work", True), ("+35893334444", "", False)}
    assert contact.points.filter(value="a@example.com").exists()
    edit.undo(response)
    assert contact.points.filter(value="+358401112222", is_primary=True).exists()
    assert editor(contact, "phone", place="contact_inline").save(value="b@example.com").status_code == 422


def test_a_contact_without_an_address_gets_its_first_one(editor, owner):
    contact = ContactFactory(customer=CustomerFactory())
    contact.points.all().delete()
    editor(contact, "email", place="contact_inline").save(value="First@Example.com")
    assert list(contact.points.values_list("value", "is_primary")) == [("first@example.com", True)]


def test_the_phones_stay_when_the_language_is_changed(editor, owner):
    contact = ContactFactory(customer=CustomerFactory(), language="fi")
    points_set(contact=contact, points=[Point("040 1112222")])
    assert editor(contact, "language", place="contact_inline").save(language="sv").status_code == 204
    contact.refresh_from_db()
    assert (contact.language, contact.points.count()) == ("sv", 1)


def test_whoever_keeps_no_contacts_changes_none(client):
    client.force_login(UserFactory(role="read_only"))
    contact = ContactFactory(customer=CustomerFactory())
    assert Editor(client, reverse("customers:contact_inline", args=[contact.pk, "phone"])).open().status_code == 403
    assert "data-inline=" not in client.get(contact.get_absolute_url()).content.decode()


def test_a_planned_hand_over_is_dropped_only_when_one_says_so(editor, customer, owner):
    heir, third = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    start = timezone.localdate() + timezone.timedelta(days=10)
    owner_change(customer=customer, user=heir, day=start)
    ResponsibilityFactory(customer=customer, user=owner, role="deputy")
    edit = editor(customer, "owner")
    refused = edit.save(user=third.pk)
    assert (refused.status_code, "drop_planned" in refused.context["form"].errors) == (422, True)
    assert edit.save(user=third.pk, drop_planned="on").status_code == 204
    assert fresh(customer).summary.owner == third
