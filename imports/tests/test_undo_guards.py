"""What an undo must not meet: rows left by another undo, rows about one record, an assignment, many presses at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.utils import translation

from accounts.models import User
from accounts.tests.factories import UserFactory
from core import clock
from core.exceptions import BusinessRuleError
from core.jobs import job_cancel
from core.models import Job
from core.undo import references
from customers.models import Customer
from imports.enums import ImportKind, RunState
from imports.models import LEAD, ImportRow, ImportRun
from imports.services import assignment_execute, may_assign, rows_assign
from imports.tests.helpers import row, run_import
from imports.tests.test_offers import make_world, take
from imports.tests.undoing import administrator, undo
from imports.undo import selectors
from imports.undo.kinds import undoing_of
from imports.undo.selectors import preview_of
from imports.undo.services import undo_start
from offers.offers.models import Offer
from tests.security.test_two_connections import at_once

NAMES = {"columns": [{"column": "nimi", "field": "name"}]}
HELD = "1;meri;;Päivä;open;50;01-02-17;"


def customers(*names: str) -> ImportRun:
    return run_import("nimi\n" + "".join(f"{name}\n" for name in names), config=NAMES)


def names() -> set[str]:
    return set(Customer.objects.values_list("name", flat=True))


@pytest.mark.django_db
def test_rows_of_an_undo_that_never_began_are_not_undone_with_others():
    run = customers("Acme", "Beta", "Ceta")
    run = undo_start(run=run, user=administrator(), ids=[row(run, 2).pk])
    job_cancel(run.job)
    run = undo(ImportRun.objects.get(), ids=[row(run, 3).pk])
    assert (run.state, run.undone, names()) == (RunState.PARTLY, 1, {"Acme", "Ceta"})


@pytest.mark.django_db
def test_of_two_rows_about_one_user_the_first_is_undone_and_the_second_was_held():
    run = run_import("tunnus;nimi;titteli\nmv;Matti Virtanen;A\n;Matti Virtanen;B\n", "users")
    assert [row(run, number).fate for number in (2, 3)] == ["created", "held"]
    run = undo(run)
    assert (run.state, run.undone) == (RunState.UNDONE, 1)
    assert not User.objects.filter(last_name="Virtanen").exists()


@pytest.mark.django_db
def test_a_large_stopped_import_is_not_checked_within_a_request(monkeypatch):
    monkeypatch.setattr(selectors, "AT_ONCE", 1)
    run = customers("Acme", "Beta", "Ceta")
    ImportRun.objects.update(state=RunState.STOPPED, created=0, finished_at=None)
    preview = preview_of(ImportRun.objects.get(pk=run.pk))
    assert (preview["removable"], preview["unchecked"]) == (0, 3)


@pytest.mark.django_db
def test_rows_that_were_assigned_before_an_undo_are_not_imported_after_it(defaults):
    make_world()
    run = take("1;meri;Acme;Päivä;open;50;01-02-17;", HELD.replace("1;", "2;", 1))
    user, acme = UserFactory(grants=["imports.run_imports"]), Customer.objects.get(name="Acme")
    assignment = rows_assign(run=run, customer=acme, user=user, ids=[row(run, 3).pk])
    assert undo(run).state == RunState.UNDONE
    with pytest.raises(BusinessRuleError, match="cannot be assigned"):
        assignment_execute(assignment, lambda done, total: None)
    assert not Offer.objects.exists()
    assert not ImportRow.objects.filter(assignment=assignment).exists()
    assert ImportRun.objects.get().state == RunState.UNDONE


@pytest.mark.django_db
def test_rows_to_review_stay_so_when_an_undo_never_began(defaults):
    make_world()
    run = take("1;meri;Acme;Päivä;open;50;01-02-17;", HELD.replace("1;", "2;", 1))
    job_cancel(undo_start(run=run, user=administrator()).job)
    run = ImportRun.objects.get()
    assert may_assign(run)
    assert list(ImportRow.objects.held()) == [row(run, 3)]


@pytest.mark.django_db(transaction=True)
def test_of_many_presses_at_once_one_starts_the_undo():
    run, user = customers("Acme", "Beta"), administrator()

    def press() -> str:
        try:
            undo_start(run=ImportRun.objects.get(pk=run.pk), user=user)
        except BusinessRuleError as error:
            return error.code
        return "started"

    assert Counter(at_once(*[press] * 6)) == {"started": 1, "transition": 5}
    assert Job.objects.filter(kind="import_undo").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "sentence"), [(1, "They can be undone with the import until"), (31, "too old")])
def test_who_assigns_rows_reads_until_when_that_can_be_undone(days, sentence, defaults, client):
    make_world()
    run = take(HELD)
    ImportRun.objects.update(finished_at=clock.now() - dt.timedelta(days=days))
    client.force_login(UserFactory(role="administrator", language="en"))
    answer = client.post(f"/imports/{run.pk}/assign/", {"ids": [row(run, 2).pk]})
    assert sentence in answer.content.decode()


def test_everything_that_can_keep_a_record_has_a_name():
    undoings = [undoing_of(ImportKind.OFFERS, LEAD), *map(undoing_of, ImportKind)]
    models = {model for undoing in undoings for model in undoing.models}
    referring = {field.model for model in models for field in references._referring(model)}
    library = {"mfa.Authenticator"}  # who has one has signed in, and stays for that
    nameless = {model._meta.label for model in referring | models if "verbose_name" not in model._meta.original_attrs}
    assert nameless == library


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("en", "Something else refers to it now: favourite (1)."),
        ("fi", "Siihen viittaa nyt muuta: suosikki (1)."),
    ],
)
def test_a_customer_in_somebodys_menu_stays_as_a_favourite(language, reason):
    run = customers("Acme")
    Customer.objects.get().favourites.create(user=UserFactory())
    undo(run)
    with translation.override(language):
        assert row(run, 2).undo_reasons == [reason]
