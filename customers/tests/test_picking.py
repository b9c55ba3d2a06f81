"""The field that chooses a customer, and forms that find it by name."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms

from accounts.tests.factories import UserFactory
from core.forms import DrawnSelect
from customers.forms.fields import CustomerPickField, CustomerPickMixin
from customers.models import Contact, Customer
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


class OneForm(forms.Form):
    customer = CustomerPickField(error_messages={"inactive": "%(customer)s is at rest."})

    def __init__(self, *args: Any, user: Any, kept: Customer | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].offer(Customer.objects.visible_to(user), kept and kept.pk)


class ContactForm(CustomerPickMixin):
    contact = forms.ModelChoiceField(Contact.objects.none(), required=False, widget=DrawnSelect)
    contacts_name, contacts_url = "contact", "offers:contact_field"

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare_customer(user)


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def manager():
    return UserFactory(grants=["customers.manage_passive"])


@pytest.fixture
def passive():
    return CustomerFactory(name="Entinen Oy", passive=True)


def error_of(form: forms.Form) -> str:
    assert not form.is_valid()
    return str(form.errors["customer"][0])


def test_the_page_contains_the_chosen_customer_only(user):
    chosen, other = CustomerFactory(), CustomerFactory()
    html = str(OneForm(user=user, initial={"customer": chosen.pk})["customer"])
    assert (f'value="{chosen.pk}" selected' in html, f'value="{other.pk}"' in html) == (True, False)
    assert 'data-search-url="/customers/options/"' in html


def test_a_passive_customer_cannot_be_chosen_and_only_those_who_see_it_are_told_why(user, manager, passive):
    data = {"customer": passive.pk}
    assert error_of(OneForm(data, user=user)) == "Choose the customer from the list."
    assert error_of(OneForm(data, user=manager)) == "Entinen Oy is at rest."


def test_a_passive_customer_that_is_chosen_already_stays_and_is_named_for_those_who_see_it(user, manager, passive):
    for reader, name in ((user, f"an inactive customer ({passive.pk})"), (manager, "Entinen Oy")):
        form = OneForm({"customer": passive.pk}, user=reader, kept=passive)
        assert (form.is_valid(), form.cleaned_data["customer"]) == (True, passive)
        assert f'<option value="{passive.pk}" selected>{name}</option>' in str(form["customer"])


@pytest.mark.parametrize("typed", ["", "  ", "\x00"])
def test_no_customer_and_no_name_is_an_error_only_where_one_is_needed(user, typed):
    assert error_of(ContactForm({"customer": "", "customer_search": typed}, user=user)) == "Choose the customer."
    optional = ContactForm({"customer": ""}, user=user)
    optional.fields["customer"].required = False
    assert optional.is_valid()


def test_the_only_match_is_chosen_and_its_contacts_are_offered(user):
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    contact = ContactFactory(customer=customer)
    form = ContactForm({"customer": "", "customer_search": "nokian kone"}, user=user)
    assert (form.is_valid(), form.cleaned_data["customer"]) == (True, customer)
    assert (form.customer_id, form["customer_search"].value()) == (customer.pk, "")
    assert list(form.fields["contact"].widget.offered) == [contact]


def test_several_matches_are_offered(user):
    names = {CustomerFactory(name=name).name for name in ("Nokian Konepaja Oy", "Nokian Leipomo Oy")}
    form = ContactForm({"customer": "", "customer_search": "nokian"}, user=user)
    assert error_of(form) == "Several customers match. Choose one of them."
    assert all(name in str(form["customer"]) for name in names)


def test_a_passive_customer_is_not_found_by_its_name(manager, passive):
    form = ContactForm({"customer": "", "customer_search": "entinen"}, user=manager)
    assert error_of(form) == "No customer matches. Try a shorter word."


def test_looking_a_name_up_beforehand_gives_no_errors(user):
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    form = ContactForm({"customer": "", "customer_search": "nokian"}, user=user)
    form.look_up_customer()
    assert form.customer_id == customer.pk
    lost = ContactForm({"customer": "", "customer_search": "nowhere"}, user=user)
    lost.look_up_customer()
    assert lost.customer_id is None
