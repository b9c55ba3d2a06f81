"""What nothing reads is an error, on every list and every endpoint: it never means "all", and nothing is left out."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from django.urls import resolve
from django_filters import CharFilter, Filter

from core.api.views import ActionsViewSet
from core.list_views import FilteredListView
from core.tables import Table
from tests.security.endpoint_table import API
from tests.security.page_table import PAGES
from tests.security.test_passive import content
from tests.security.test_permissions import QUERY

pytestmark = pytest.mark.usefixtures("no_menu")

#: No filter but a text can read it.
UNREADABLE = "?!\N{SNOWMAN}"


def list_pages(world):
    """Yield the address and the view of each page that is a list."""
    for route, (readers, _writers) in PAGES.items():
        if "admin" in readers.split():
            url = world.address(route)
            view = getattr(resolve(url).func, "view_class", None)
            if view and issubclass(view, FilteredListView):
                yield url + QUERY.get(route, ""), view


def endpoints(world):
    """Yield the address and the view of each endpoint that the administrator may read."""
    for route, methods in API.items():
        if "admin" in methods.get("get", "").split():
            url = world.address(f"api/v1/{route}")
            view = getattr(resolve(url).func, "cls", None)
            if view and issubclass(view, ActionsViewSet):
                yield url, view


def has_no_rows(answer):
    return not answer.context["table"].rows and answer.context["count"] == 0


def test_no_list_page_takes_an_unknown_parameter_for_all(world):
    client, wrong, tried = world.client("admin"), [], set()
    for url, view in list_pages(world):
        tried.add(view)
        asked = {**dict(pair.split("=") for pair in url.partition("?")[2].split("&") if pair), "bogus": "1"}
        answer = client.get(url.partition("?")[0], asked)
        if answer.status_code != 400 or "bogus" not in content(answer) or not has_no_rows(answer):
            wrong.append(f"{url}: {answer.status_code}")
        file = client.get(url.partition("?")[0], {**asked, "export": "csv"})
        if file.status_code != 400 or "bogus" not in content(file):
            wrong.append(f"{url} export: {file.status_code}")
    assert not wrong
    assert len(tried) > 15


def test_every_filter_of_a_list_page_refuses_what_it_cannot_read(world):
    client, wrong, tried = world.client("admin"), [], 0
    for url, view in list_pages(world):
        for name, item in view.filterset_class.base_filters.items():
            if is_text(item):
                continue
            tried += 1
            answer = client.get(url.partition("?")[0], {name: UNREADABLE})
            if answer.status_code != 400 or not has_no_rows(answer):
                wrong.append(f"{url} {name}: {answer.status_code}")
    assert not wrong
    assert tried > 60


def is_text(item: Filter) -> bool:
    return isinstance(item, CharFilter)


def test_a_page_names_the_parameter_that_it_does_not_know_but_takes_what_a_mail_program_adds(world):
    client = world.client("admin")
    for url in ("/calendar/", "/team-week/", "/hours/", "/offers/reports/types/", "/targets/", "/nps/", "/search/"):
        answer = client.get(url, {"bogus": "1"})
        assert answer.status_code == 400
        assert "This page does not know “bogus”." in content(answer)
        assert client.get(url, {"utm_source": "mail"}).status_code == 200


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("/calendar/?date=yesterday", "This is not a day: yesterday."),
        ("/calendar/?date=0001-01-01", "This is not a day: 0001-01-01."),
        ("/calendar/?view=year", "The calendar has no such view."),
        ("/calendar/?user=999999", "Colleagues: "),
        ("/calendar/?status=x", "Status: "),
        ("/team-week/?team=abc", "There is no such team."),
        ("/team-week/?team=999999", "There is no such team."),
        ("/pipeline/?bogus=1", "This list has no filter “bogus”."),
        ("/pipeline/forecast/?bogus=1", "This list has no filter “bogus”."),
        ("/pipeline/forecast/?owner=abc", "Account manager: There is no such choice"),
        ("/customers/?sort=--name", "This list cannot be sorted that way (sort)."),
        ("/team-week/?week=31.12.2026", "This is not a day: 31.12.2026."),
        ("/hours/?week=w", "This is not a day: w."),
        ("/nps/?first=x", "Enter the date as day, month and year"),
        ("/nps/?first=2026-02-01&last=2026-01-01", "The end is before the start."),
        ("/targets/?year=twenty", "Enter a whole number."),
        ("/targets/?quarter=9", "Select a valid choice"),
        ("/offers/reports/types/?owner=999999", "Select a valid choice"),
        ("/offers/reports/types/?first=x&export=csv&table=types", "Enter the date as day, month and year"),
    ],
)
def test_a_page_of_figures_names_what_it_cannot_read_and_shows_none(url, sentence, world):
    answer = world.client("admin").get(url)
    assert answer.status_code == 400
    assert sentence in content(answer)
    assert "People</h2>" not in content(answer)


def test_an_endpoint_of_hours_refuses_a_week_that_is_no_day(world):
    answer = world.client("admin", api=True).get("/api/v1/hours/?week=x")
    assert (answer.status_code, answer.json()["error"]["fields"]) == (400, {"week": ["This is not a day: x."]})


def test_a_list_page_keeps_the_parameters_of_its_own(world):
    client, url = world.client("admin"), "/customers/"
    for query in ("utm_source=mail", "menus=whole", "columns=name&columns=owner", "sort=-name", "after=", "_=1"):
        assert client.get(f"{url}?{query}").status_code == 200, query
    assert client.get(f"{url}?sort=bogus").status_code == 400
    assert client.get("/offers/?tab=bogus").status_code == 400


def test_a_list_page_tells_browsers_scripts_too(world):
    answer = world.client("admin").get("/customers/?bogus=1", headers={"HX-Request": "true", "HX-Target": "list"})
    assert answer.status_code == 422  # what htmx shows
    assert "bogus" in content(answer)


def test_a_filter_that_the_user_may_not_use_is_refused(world):
    for name, status in (("admin", 200), ("owner", 400)):
        answer = world.client(name, api=True).get("/api/v1/customers/?state=passive")
        assert answer.status_code == status
    assert answer.json()["error"]["fields"] == {"state": ["You may not filter by: State."]}
    page = world.client("owner").get("/customers/?state=passive")
    assert page.status_code == 400
    assert has_no_rows(page)
    assert "You may not filter by: State." in content(page)


def test_no_endpoint_takes_an_unknown_parameter(world):
    client, wrong, tried = world.client("admin", api=True), [], set()
    for url, view in endpoints(world):
        tried.add(view)
        with transaction.atomic():
            answer = client.get(url, {"bogus": "1"})
            transaction.set_rollback(True)
        if answer.status_code != 400 or answer.json()["error"].get("fields", {}).keys() != {"bogus"}:
            wrong.append(f"{url}: {answer.status_code}")
    assert not wrong
    assert len(tried) > 25


def test_every_filter_of_an_endpoint_refuses_what_it_cannot_read(world):
    client, wrong, tried = world.client("admin", api=True), [], 0
    for url, view in endpoints(world):
        filterset = getattr(view, "filterset_class", None)
        if filterset is None or resolve(url).func.actions.get("get") != "list":
            continue
        for name, item in filterset.base_filters.items():
            if is_text(item):
                continue
            tried += 1
            answer = client.get(url, {name: UNREADABLE})
            if answer.status_code != 400 or name not in answer.json()["error"]["fields"]:
                wrong.append(f"{url} {name}: {answer.status_code}")
        for name in ("limit", "ordering", "after"):
            answer = client.get(url, {name: UNREADABLE}) if view.pagination_class else None
            if answer is not None and answer.status_code != 400:
                wrong.append(f"{url} {name}: {answer.status_code}")
    assert not wrong
    assert tried > 60


def test_filters_and_pages_that_an_endpoint_does_not_read_are_refused(world):
    client = world.client("admin", api=True)
    customer = world.rows["customer"]
    for url in (f"customers/{customer.pk}/?state=all", "offers/waiting/?status=sent", "users/me/?limit=5"):
        assert client.get(f"/api/v1/{url}").status_code == 400, url
    assert client.get("/api/v1/offers/summary/?mine=true").status_code == 200


def writes(world):
    """Yield method and address of each operation that the administrator may do."""
    for route, methods in API.items():
        if not route.rstrip("$").endswith("classes/"):  # there the names are branches
            for method, callers in methods.items():
                if method != "get" and "admin" in callers.split():
                    yield method, world.address(f"api/v1/{route}")


def test_every_write_refuses_a_field_that_it_does_not_know(world):
    client, wrong, tried = world.client("admin", api=True), [], 0
    for method, url in writes(world):
        tried += 1
        body = [{"bogus": 1}] if url.endswith("notifications/choices/") else {"bogus": 1}
        with transaction.atomic():
            answer = getattr(client, method)(url, json.dumps(body), content_type="application/json")
            if answer.status_code == 415:  # it takes files
                answer = getattr(client, method)(url, {"bogus": "1"})
            transaction.set_rollback(True)
        if answer.status_code != 400 or "bogus" not in content(answer):
            wrong.append(f"{method} {url}: {answer.status_code} {content(answer)[:120]}")
    assert not wrong, "\n".join(wrong)
    assert tried > 60


def test_unknown_fields_deep_in_a_body_are_named(world):
    client, customer = world.client("admin", api=True), world.rows["customer"]
    body = {"addresses": [{"kind": "postal", "street": "Katu 1", "bogus": 1}]}
    answer = client.patch(f"/api/v1/customers/{customer.pk}/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"addresses.0.bogus": ["There is no such field."]}


def test_a_row_that_was_read_can_be_sent_again_but_its_state_is_not_set_so(world):
    client, customer = world.client("admin", api=True), world.rows["customer"]
    url = f"/api/v1/customers/{customer.pk}/"
    row = client.get(url).json()
    row.pop("addresses"), row.pop("numbers")
    answer = client.patch(url, json.dumps({**row, "name": "Uusi nimi Oy"}), content_type="application/json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["name"] == "Uusi nimi Oy"
    answer = client.patch(url, json.dumps({"state": "passive"}), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"state": ["This cannot be set here."]}


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000, "[" * 60 + "]" * 60])
def test_content_that_is_nested_too_deeply_is_refused(body, world):
    client = world.client("admin", api=True)
    for url in ("/api/v1/customers/", "/api/v1/activities/"):
        answer = client.post(url, body, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "invalid"


def test_every_list_of_the_api_sorts_by_every_column_that_its_page_sorts_by(world):
    pages = {}
    for _url, view in list_pages(world):
        pages.setdefault(view.filterset_class, view)
    missing, compared = [], 0
    for url, view in endpoints(world):
        filters = getattr(view, "filterset_class", None)
        page = next((pages[kind] for kind in filters.__mro__ if kind in pages), None) if filters else None
        if page is not None and isinstance(page.table, Table) and isinstance(view.table, Table):
            compared += 1
            lost = page.table.sort_paths.keys() - view.table.sort_paths.keys()
            missing += [f"{url} {sorted(lost)}"] if lost else []
    assert not missing
    assert compared > 8
