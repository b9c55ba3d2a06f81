"""The pages and the API of bulk operations: choosing, the form, the preview, the outcome, the undo, rights."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.registrations import bulk_text
from accounts.tests.factories import UserFactory
from core.bulk.enums import BulkState
from core.bulk.models import BulkRun
from core.bulk.operations import operation_of
from core.bulk.services import ids_in, run_choose, run_start
from core.exceptions import BusinessRuleError
from core.models import Job
from core.tests.bulk import bulk, draft, undo
from customers.models import Customer, CustomerClassification
from customers.tests.factories import BranchFactory, CustomerFactory, NodeFactory

CLASS = "customers.class"


@pytest.fixture
def user():
    return UserFactory(grants=["customers.change_any_customer", "activities.log_activity"])


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def node():
    return NodeFactory(branch=BranchFactory(is_multiple=True))


def choose(page, name=CLASS, **values):
    return page.post(reverse("core:bulk_choose", args=[name]), values)


@pytest.mark.django_db
def test_everything_that_matches_the_filters_is_chosen(user, page, node):
    for name in ("Acme Oy", "Acme Ab", "Beta Oy"):
        CustomerFactory(name=name)
    answer = choose(page, all="1", query="q=acme", list="/customers/")
    run = BulkRun.objects.get()
    assert answer.headers["Location"] == reverse("core:bulk_form", args=[run.pk])
    assert set(run.rows.values_list("label", flat=True)) == {"Acme Oy", "Acme Ab"}
    choose(page, all="1", query="", list="/customers/")
    assert BulkRun.objects.last().total == 3


@pytest.mark.django_db
def test_ticked_rows_lead_back_to_the_list_as_it_was_shown(page):
    customer, _other = CustomerFactory(name="Acme Oy"), CustomerFactory(name="Acme Ab")
    choose(page, ids=[customer.pk], query="q=acme&sort=-name", list="/customers/")
    run = BulkRun.objects.get()
    assert (run.total, run.path, run.query) == (1, "/customers/", "q=acme&sort=-name")
    shown = page.get(reverse("core:bulk_form", args=[run.pk]))
    assert shown.context["cancel_url"] == "/customers/?q=acme&sort=-name"
    choose(page, ids=[customer.pk], query=f"q={'a' * 600}", list="/customers/")
    shown = page.get(reverse("core:bulk_form", args=[BulkRun.objects.latest("pk").pk]))
    assert shown.context["cancel_url"] == f"/customers/?q={'a' * 600}"


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["owner=x", "no_such_filter=1", "sort=nothing"])
def test_filters_that_cannot_be_read_choose_nothing(query, page):
    CustomerFactory()
    assert choose(page, all="1", query=query, list="/customers/").status_code == 302
    assert not BulkRun.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/contacts/", "/no/such/list/", "//elsewhere.example/"])
def test_rows_of_another_list_are_not_chosen(path, page):
    CustomerFactory()
    choose(page, all="1", query="", list=path)
    assert not BulkRun.objects.exclude(path="/customers/").exists()


@pytest.mark.django_db
def test_the_steps_from_the_list_to_the_undo(user, page, node, tasks_at_once, django_capture_on_commit_callbacks):
    customers, inactive = [CustomerFactory() for _number in range(2)], CustomerFactory()
    choose(page, ids=[row.pk for row in [*customers, inactive]])
    run = BulkRun.objects.get()
    Customer.objects.filter(pk=inactive.pk).update(state="passive")
    asked = page.post(reverse("core:bulk_form", args=[run.pk]), {"how": "add", "node": node.pk}, follow=True)
    content = asked.content.decode()
    assert f"Add the class “{node}”" in content
    assert inactive.name in content
    assert "Can be undone for 24 hours." in content
    with django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("core:bulk_preview", args=[run.pk]))
    shown = page.get(run.get_absolute_url()).content.decode()
    assert customers[0].name in shown
    assert CustomerClassification.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("core:bulk_undo", args=[run.pk]))
    assert not CustomerClassification.objects.exists()
    assert str(BulkRun.objects.get()) in page.get(reverse("core:bulk_runs")).content.decode()


@pytest.mark.django_db
def test_pressing_start_twice_starts_once(user, page, node):
    run = draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    for _press in range(2):
        assert page.post(reverse("core:bulk_preview", args=[run.pk])).status_code == 302
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_others_runs_do_not_exist(page, node):
    other = UserFactory(grants=["customers.change_any_customer"])
    run = draft(other, CLASS, [CustomerFactory()], how="add", node=node.pk)
    for name in ("bulk_run", "bulk_form", "bulk_preview", "bulk_undo"):
        assert page.get(reverse(f"core:{name}", args=[run.pk])).status_code == 404
    assert page.get(f"/api/v1/bulk-runs/{run.pk}/").status_code == 404


@pytest.mark.django_db
def test_who_lacks_the_right_cannot_choose(client):
    client.force_login(UserFactory(role="read_only"))
    assert choose(client, ids=[CustomerFactory().pk]).status_code == 403
    assert choose(client, "no.such.operation", ids=[1]).status_code == 404
    assert not BulkRun.objects.exists()


@pytest.mark.django_db
def test_the_right_is_asked_again_at_the_start(user, node):
    run = draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    user.user_permissions.clear()
    with pytest.raises(BusinessRuleError):
        run_start(run=BulkRun.objects.get(pk=run.pk))


# API


@pytest.mark.django_db
def test_the_api_previews_starts_lists_and_undoes(user, page, node, tasks_at_once, django_capture_on_commit_callbacks):
    customers = [CustomerFactory(), CustomerFactory()]
    body = {"operation": CLASS, "ids": [row.pk for row in customers], "params": {"how": "add", "node": node.pk}}
    made = page.post("/api/v1/bulk-runs/", {**body, "dry_run": True}, "application/json")
    assert (made.status_code, made.json()["state"], made.json()["total"]) == (201, "draft", 2)
    url = f"/api/v1/bulk-runs/{made.json()['id']}/"
    with django_capture_on_commit_callbacks(execute=True):
        assert page.post(f"{url}start/").status_code == 202
    assert (page.get(url).json()["changed"], page.get(url).json()["may_be_undone"]) == (2, True)
    rows = page.get(f"{url}rows/?status=changed").json()["results"]
    assert {row["target_id"] for row in rows} == {row.pk for row in customers}
    with django_capture_on_commit_callbacks(execute=True):
        assert page.post(f"{url}undo/").status_code == 202
    assert page.get(url).json()["undone"] == 2
    assert page.post(f"{url}undo/").json()["error"]["code"] == "transition"


@pytest.mark.django_db
def test_the_api_chooses_by_filter_and_says_what_is_left_out(page, node):
    CustomerFactory(name="Acme Oy", group=node)
    CustomerFactory(name="Beta Oy")
    body = {"operation": CLASS, "filter": "q=acme", "params": {"how": "add", "node": node.pk}, "dry_run": True}
    made = page.post("/api/v1/bulk-runs/", body, "application/json").json()
    assert made["total"] == 1
    assert made["groups"] == [{"status": "unchanged", "reason": "has", "text": "Has the class already", "count": 1}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"operation": "no.such"}, 400),
        ({"operation": "mail.customers"}, 400),  # goes on at a page
        ({"ids": None}, 400),
        ({"filter": "q=acme"}, 400),  # together with ids
        ({"params": {"how": "add"}}, 400),
        ({"params": {"how": "add", "node": 1, "other": 1}}, 400),
        ({"params": {"how": {"add": True}}}, 400),
        ({"ids": None, "filter": "no_such=1"}, 400),
        ({"ids": [1]}, 409),
    ],
)
def test_the_api_refuses_what_it_cannot_do(changes, code, page, node):
    body = {"operation": CLASS, "ids": [CustomerFactory().pk], "params": {"how": "add", "node": node.pk}} | changes
    body = {name: value for name, value in body.items() if value is not None}
    assert page.post("/api/v1/bulk-runs/", body, "application/json").status_code == code
    assert not BulkRun.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"filter": "q=acme"}, "Anna joko ids tai filter."),
        ({"params": {"how": "add", "node": 1, "other": 1}}, "Tietoa ”other” ei ole"),
        ({"params": {"how": {"add": True}}}, "Anna teksti tai luku: how."),
    ],
)
def test_the_api_refuses_in_the_language_of_the_user(changes, said, client, node):
    client.force_login(UserFactory(grants=["customers.change_any_customer"], language="fi"))
    body = {"operation": CLASS, "ids": [CustomerFactory().pk], "params": {"how": "add", "node": node.pk}} | changes
    answer = client.post("/api/v1/bulk-runs/", body, "application/json")
    assert said in answer.content.decode()


# The form shows what would be done


def chosen(user, customers) -> BulkRun:
    operation = operation_of(CLASS)
    return run_choose(operation=operation, user=user, rows=ids_in(operation, user, [one.pk for one in customers]))


@pytest.mark.django_db
def test_the_form_shows_the_effect_of_what_it_says(page, user, node):
    run = chosen(user, [CustomerFactory(), CustomerFactory(), CustomerFactory(passive=True)])
    form = reverse("core:bulk_form", args=[run.pk])
    answer = page.post(form, {"how": "add", "node": node.pk, "live": "1"}).content.decode()
    assert 'name="start" value="2"' in answer
    assert str(node) in answer
    unfinished = page.post(form, {"how": "add", "node": "", "live": "1"})
    assert (unfinished.status_code, 'name="start"' in unfinished.content.decode()) == (200, False)
    run.refresh_from_db()
    assert run.state == BulkState.DRAFT


@pytest.mark.django_db
def test_the_form_starts_what_it_has_shown_and_nothing_else(page, user, node):
    run = chosen(user, [CustomerFactory(), CustomerFactory()])
    form, said = reverse("core:bulk_form", args=[run.pk]), {"how": "add", "node": node.pk}
    assert page.post(form, {**said, "start": "5"}).url == reverse("core:bulk_preview", args=[run.pk])
    run.refresh_from_db()
    assert run.state == BulkState.DRAFT
    assert page.post(form, {**said, "start": "2"}).url == run.get_absolute_url()
    run.refresh_from_db()
    assert run.state == BulkState.RUNNING


@pytest.mark.django_db
def test_run_is_told_in_the_language_of_the_reader(user, page, node):
    other = UserFactory(role="account_manager", language="en")
    params = {"how": "owner", "user": other.pk, "day": "2026-11-20"}
    with translation.override("fi"):
        run = bulk(user, "customers.people", [CustomerFactory()], **params)
    assert "becomes" not in run.title
    type(user).objects.filter(pk=user.pk).update(language="en")
    expected = f"{other} becomes the owner on 20"
    content = page.get("/bulk/").content.decode()
    assert expected in content
    assert run.title not in content
    assert expected in page.get(run.get_absolute_url()).content.decode()
    assert expected in page.get("/bulk/", {"export": "csv"}).getvalue().decode()
    assert expected in page.get("/bulk/", {"q": "becomes the owner"}).content.decode()
    client = APIClient()
    client.force_authenticate(type(user).objects.get(pk=user.pk))
    assert client.get(f"/api/v1/bulk-runs/{run.pk}/", HTTP_ACCEPT_LANGUAGE="en").data["title"].startswith(expected)
    [told] = Notification.objects.filter(user=other)
    assert expected in bulk_text(told.data)
    with translation.override("fi"):
        assert run.title in bulk_text(told.data)
    assert str(Job.objects.get(pk=run.job_id)).startswith(expected)


@pytest.mark.django_db
def test_page_of_an_undo_that_cannot_be_done_does_not_ask(user, page, node):
    run = bulk(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    url = reverse("core:bulk_undo", args=[run.pk])
    assert "former values back" in page.get(url).content.decode()
    undo(run)
    content = page.get(url).content.decode()
    assert "has been undone already" in content
    assert "former values back" not in content
