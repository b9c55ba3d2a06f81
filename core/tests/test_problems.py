"""The summary above a refused form."""

from __future__ import annotations

import pytest
from django import forms
from django.template import Context, Template
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core.problems import problems_of
from customers.tests.factories import CustomerFactory


class Part(forms.Form):
    amount = forms.IntegerField(label="Amount")


class Whole(forms.Form):
    name = forms.CharField(label="Name")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A")], widget=forms.RadioSelect)

    def parts(self):
        return [Part(self.data, prefix="part")]

    def clean(self):
        self.add_error(None, "Not together.")


def test_every_error_is_named_once_with_the_place_of_its_field():
    found = [(problem.label, problem.anchor) for problem in problems_of(Whole({}))]
    assert found == [("", ""), ("Name", "id_name"), ("Kind", "id_kind"), ("Amount", "id_part-amount")]


def test_a_form_that_is_not_sent_has_no_summary():
    assert Template('{% include "forms/errors.html" %}').render(Context({"form": Whole()})).strip() == ""


def test_the_summary_counts_and_leads_to_the_fields():
    html = Template('{% include "forms/errors.html" %}').render(Context({"form": Whole({})}))
    assert "Correct 4 errors." in html
    assert '<a href="#id_part-amount">Amount</a>' in html


@pytest.mark.django_db
def test_a_refused_page_has_the_summary_and_a_saved_one_says_so(client):
    admin = UserFactory(role="administrator")
    client.force_login(admin)
    customer = CustomerFactory()
    url = reverse("customers:edit", args=[customer.pk])
    refused = client.post(url, {"name": "", "email": "x"})
    assert refused.status_code == 422
    assert '<a href="#id_name">Name</a>' in refused.content.decode()
    data = {name: value for name, value in client.get(url).context["form"].initial.items() if value not in (None, "")}
    saved = client.post(url, data | {"version": 1}, follow=True)
    assert "The customer was changed." in saved.content.decode()
