"""Lists of colleagues: oneself, then one's teams, then the others."""

from __future__ import annotations

import pytest
from django import forms

from accounts.models import User
from accounts.tests.factories import TeamFactory, UserFactory
from core.forms import DrawnSelect
from core.people import rank_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return [UserFactory(first_name="", last_name=name) for name in ("Aalto", "Berg", "Ceder", "Dahl")]


def groups(form):
    choices = form.fields["who"].choices
    return [(label, [str(text) for _pk, text in group]) for label, group in choices if isinstance(group, list)]


def test_a_plain_menu_is_ranked(people):
    aalto, _berg, ceder, dahl = people
    TeamFactory(members=[ceder, dahl])

    class Form(forms.Form):
        who = forms.ModelChoiceField(User.objects.order_by("last_name"), required=False)

    form = Form({"who": aalto.pk})
    rank_people(form, dahl)
    assert groups(form) == [("Me", ["Dahl"]), ("My team", ["Ceder"]), ("Others", ["Aalto", "Berg"])]
    assert form.is_valid()
    assert form.cleaned_data["who"] == aalto


def test_a_menu_of_people_is_searched_and_boxes_stay_boxes(people):
    class Form(forms.Form):
        who = forms.ModelChoiceField(User.objects.all(), required=False)
        some = forms.ModelMultipleChoiceField(User.objects.all(), widget=forms.CheckboxSelectMultiple)

    form = Form()
    rank_people(form, people[0])
    assert ["data-searchable" in form.fields[name].widget.attrs for name in ("who", "some")] == [True, False]


def test_a_menu_that_draws_what_is_offered_is_ranked(people):
    aalto, berg, _ceder, _dahl = people
    TeamFactory(members=[aalto, berg])

    class Form(forms.Form):
        who = forms.ModelChoiceField(User.objects.all(), widget=DrawnSelect())

    form = Form()
    form.fields["who"].widget.offered = User.objects.order_by("last_name")
    rank_people(form, berg)
    html = str(form["who"])
    places = [html.index(text) for text in ("Berg", '"My team"', "Aalto", '"Others"', "Ceder")]
    assert places == sorted(places)
