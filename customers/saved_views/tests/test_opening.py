"""Which state a list opens with: its address, a view, what was left, one's own default, that of the group."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from accounts.tests.factories import UserFactory
from core import clock
from customers.models import Customer
from customers.saved_views.services import default_set, role_default_set
from customers.saved_views.tests.conftest import BROWSER, LIST, names, view_of
from customers.selections.sharing import shared_delete
from customers.tests.factories import CustomerFactory
from segmentation.membership.tests.factories import SchemeFactory, segment
from segmentation.schemes.models import Scheme

pytestmark = pytest.mark.django_db
WITHIN = {**BROWSER, "HTTP_REFERER": f"http://testserver{LIST}"}


@pytest.fixture
def customers(db):
    CustomerFactory(name="Alfa", segment=segment("B"))
    CustomerFactory(name="Beeta")
    return Customer.objects


def test_address_of_a_view_shows_what_it_was_saved_with(page, user, customers):
    view = view_of(user, f"segment={segment('B').pk}&sort=-name&columns=name")
    response = page.get(LIST, {"view": view.pk})
    assert names(response) == ["Alfa"]
    assert [column.name for column in response.context["table"].columns] == ["name"]
    state = response.context["list_state"]
    assert (state["view"], state["is_changed"]) == (view, False)


def test_other_parameters_beside_a_view_are_taken_as_they_are(page, user, customers):
    view = view_of(user, f"segment={segment('B').pk}")
    response = page.get(LIST, {"view": view.pk, "sort": "name"})
    assert names(response) == ["Alfa", "Beeta"]
    assert response.context["list_state"]["is_changed"]


def test_pages_export_and_count_of_a_view_have_its_rows_only(page, user, customers):
    view = view_of(user, f"segment={segment('B').pk}&columns=name")
    export = page.get(LIST, {"view": view.pk, "export": "csv"})
    assert b"Alfa" in b"".join(export.streaming_content)
    assert page.get(LIST, {"view": view.pk, "total": "1"}).content == b"1"


def test_view_of_another_list_or_of_another_user_is_refused(page, user, customers, django_user_model):
    of_contacts = view_of(user, "", list="customers:contacts")
    assert page.get(LIST, {"view": of_contacts.pk}).status_code == 400
    other = django_user_model.objects.create(username="other")
    assert page.get(LIST, {"view": view_of(other, "").pk}).status_code == 400


def test_list_opens_as_it_was_left(page, user, customers):
    page.get(LIST, {"sort": "-name"}, **WITHIN)
    answer = page.get(LIST, **BROWSER)
    assert (answer.status_code, answer.url) == (302, f"{LIST}?sort=-name")


def test_column_of_a_scheme_that_was_retired_is_left_out_of_the_state(page, user, customers):
    scheme = SchemeFactory()
    name = f"segment_{scheme.pk}"
    page.get(LIST, {"columns": ["name", name], "widths": f"{name}.120"}, **WITHIN)
    assert name in page.get(LIST, **BROWSER).url
    Scheme.objects.filter(pk=scheme.pk).update(retired_at=clock.now())
    answer = page.get(LIST, follow=True, **BROWSER)
    assert answer.status_code == 200
    assert [column.name for column in answer.context["table"].columns] == ["name"]


def test_typed_address_and_a_former_search_do_not_come_back(page, customers):
    page.get(LIST, {"sort": "-name", "q": "alfa"}, **WITHIN)
    assert page.get(LIST, **BROWSER).url == f"{LIST}?sort=-name"
    assert names(page.get(LIST, **BROWSER | {"HTTP_SEC_FETCH_SITE": "none"})) == ["Alfa", "Beeta"]


def test_state_that_a_link_from_elsewhere_opens_is_not_kept(page, customers):
    page.get(LIST, {"sort": "-name"}, **WITHIN)
    page.get(LIST, {"sort": "owner"}, **BROWSER, HTTP_REFERER="http://testserver/start/")
    assert page.get(LIST, **BROWSER).url == f"{LIST}?sort=-name"


@pytest.mark.parametrize("cleared", [f"{LIST}?view=all", LIST])
def test_cleared_list_stays_cleared(page, user, customers, cleared):
    default_set(view=view_of(user, "q=alfa"), user=user)
    page.get(LIST, {"sort": "-name"}, **WITHIN)
    assert names(page.get(cleared, **WITHIN)) == ["Alfa", "Beeta"]
    assert page.get(LIST, **BROWSER).status_code == 200


def test_program_without_a_browser_gets_the_whole_list(page, user, customers):
    default_set(view=view_of(user, "q=alfa"), user=user)
    page.get(LIST, {"sort": "-name"}, **WITHIN)
    assert names(page.get(LIST)) == ["Alfa", "Beeta"]


def test_own_default_opens_first_and_what_was_left_after_it(page, user, customers):
    view = view_of(user, "q=alfa")
    default_set(view=view, user=user)
    assert page.get(LIST, **BROWSER).url == f"{LIST}?view={view.pk}"
    page.get(LIST, {"sort": "-name"}, **WITHIN)
    assert page.get(LIST, **BROWSER).url == f"{LIST}?sort=-name"


def test_default_of_the_first_group_opens_for_those_without_their_own(page, user, customers):
    roles = list(Role.objects.order_by("order", "name")[:2])
    user.groups.add(*roles)
    first, second = (view_of(user, f"q={word}") for word in ("alfa", "beeta"))
    for role, view in zip(roles, (first, second), strict=True):
        view.sharing = "all"
        view.save()
        role_default_set(view=view, role=role)
    assert page.get(LIST, **BROWSER).url == f"{LIST}?view={first.pk}"
    own = view_of(user, "q=own")
    default_set(view=own, user=user)
    assert page.get(LIST, **BROWSER).url == f"{LIST}?view={own.pk}"


def test_deleted_view_is_neither_default_nor_remembered(page, user, customers):
    view = view_of(user, "q=alfa")
    default_set(view=view, user=user)
    page.get(LIST, {"view": view.pk}, **BROWSER)
    assert page.get(LIST, **BROWSER).url == f"{LIST}?view={view.pk}"
    shared_delete(view)
    assert page.get(LIST, **BROWSER).status_code == 200
    page.logout()
    page.force_login(user)
    assert page.get(LIST, **BROWSER).status_code == 200


def test_list_without_a_view_asks_nothing_more_of_the_database(page, customers):
    page.get(LIST, {"q": "alfa"})
    with CaptureQueriesContext(connection) as queries:
        page.get(LIST, {"q": "alfa"})
    assert not [query for query in queries.captured_queries if 'FROM "views_savedview" WHERE' in query["sql"]]


def test_account_managers_open_on_their_own_customers_until_they_clear_the_list(client, customers):
    manager = UserFactory(role="account_manager")
    client.force_login(manager)
    assert client.get(LIST, **BROWSER).status_code == 200, "who owns none sees all"
    CustomerFactory(name="Oma", owner=manager)
    assert client.get(LIST, **BROWSER).url == f"{LIST}?mine=true"
    page = client.get(LIST, {"mine": "true"}, **WITHIN)
    assert names(page) == ["Oma"]
    assert f'href="{LIST}?view=all"' in page.content.decode()
    assert names(client.get(LIST, {"view": "all"}, **WITHIN)) == ["Alfa", "Beeta", "Oma"]
    assert client.get(LIST, **BROWSER).status_code == 200, "it stays as it was left"


def test_views_come_before_the_standard_of_the_list(client, customers):
    manager = UserFactory(role="account_manager")
    CustomerFactory(owner=manager)
    client.force_login(manager)
    view = view_of(manager, "q=alfa")
    default_set(view=view, user=manager)
    assert client.get(LIST, **BROWSER).url == f"{LIST}?view={view.pk}"


def test_who_looks_after_all_customers_opens_on_all(client, customers):
    keeper = UserFactory(role="key_account_manager")
    CustomerFactory(owner=keeper)
    client.force_login(keeper)
    assert client.get(LIST, **BROWSER).status_code == 200


def test_what_the_own_customers_lack_is_one_press_away_with_the_search(client, customers):
    manager = UserFactory(role="account_manager")
    client.force_login(manager)
    page = client.get(LIST, {"mine": "true", "q": "beeta"})
    assert names(page) == []
    assert names(client.get(page.context["way_out"].url)) == ["Beeta"]
