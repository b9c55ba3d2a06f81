"""Every page and endpoint says what its address may hold: a walk over all addresses, so that no view escapes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django import forms
from django.core.cache import cache
from django.http import QueryDict
from django.urls import resolve
from django.utils.http import urlencode

from accounts.views.users import UserOptionsView
from activities.calendar.views.files import CalendarFileView
from activities.mail.views.messages import RecipientOptionsView
from core.checks import FOREIGN
from core.filters import is_given_once
from core.health import healthz, readyz
from core.list_views import FilteredListView
from core.parameters import ANYTHING, LONGEST_SEARCH, RowField
from core.personal_links import PersonalLinkView
from customers.views.contacts import ContactOptionsView
from customers.views.customers import CustomerOptionsView
from offers.products.views.products import ProductOptionsView
from offers.sales.views.pipeline import PipelineView
from tests.security.endpoint_table import API
from tests.security.page_table import PAGES
from tests.security.test_passive import content
from tests.security.test_permissions import QUERY
from tests.security.world import routes

pytestmark = pytest.mark.usefixtures("no_menu")

UNREADABLE = "?!\N{SNOWMAN}"
LONG = "a" * (LONGEST_SEARCH + 1)
INVISIBLE = "\u200b\u2060"
#: Pages without sign-in, which show one thing: their addresses may say anything.
OPEN_PAGES = (PersonalLinkView, CalendarFileView)
OPEN_FUNCTIONS = (healthz, readyz)
#: Functions that check their address themselves, or only hand it on to a page that does.
FUNCTIONS = {"core.views.home", "activities.log.views.activities.log_of_type", "core.api.views.not_found"}
#: The library's page with our form.
FOREIGN_VIEWS = {"accounts.views.profile.PasswordChoiceView"}


def readable(world):
    """Yield route, address and view of each page of the program's own that somebody of the cast may open."""
    for route, (readers, _writers) in PAGES.items():
        url = world.address(route)
        view = getattr(resolve(url).func, "view_class", None)
        name = next((name for name in ("admin", "owner") if name in readers.split()), None)
        if name and hasattr(view, "get_parameters") and hasattr(view, "get"):
            yield name, url, QUERY.get(route, ""), view


def asked(query, extra):
    """Return the query of a page with more parameters."""
    return f"{query or '?'}{'&' if query else ''}{urlencode(extra, doseq=True)}"


def test_every_page_declares_what_its_address_may_say():
    foreign, undeclared = FOREIGN_VIEWS.union(*FOREIGN.values()), []
    for route, function in routes():
        view = getattr(function, "view_class", function)
        name = f"{view.__module__}.{view.__qualname__}"
        if name in foreign or getattr(function, "cls", None) is not None or name in FUNCTIONS:
            continue
        if not hasattr(view, "get_parameters"):
            opened = view in OPEN_FUNCTIONS or (isinstance(view, type) and issubclass(view, OPEN_PAGES))
            if not opened or view.parameters is not ANYTHING:
                undeclared.append(f"{route} {name}")
        elif view.get_parameters() is ANYTHING:
            undeclared.append(f"{route} {name} is open")
        elif view.get_parameters() is None and not issubclass(view, (FilteredListView, PipelineView)):
            undeclared.append(f"{route} {name} has None")
    assert not undeclared


def test_no_page_takes_a_parameter_that_it_does_not_know(world):
    wrong, tried = [], set()
    clients = {name: world.client(name) for name in ("admin", "owner")}
    for name, url, query, view in readable(world):
        tried.add(view)
        answer = clients[name].get(url + asked(query, {"bogus": "1"}))
        if answer.status_code != 400 or "bogus" not in content(answer):
            wrong.append(f"{url}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert len(tried) > 150


def test_no_page_takes_a_parameter_twice_or_what_it_cannot_read(world):
    """All parameters of a page at once: the answer names each of them."""
    wrong, tried = [], 0
    clients = {name: world.client(name) for name in ("admin", "owner")}
    for name, url, _query, view in readable(world):
        fields = view.get_parameters() or {}
        rows = [parameter for parameter, field in fields.items() if isinstance(field, RowField)]
        choices = [parameter for parameter, field in fields.items() if isinstance(field, forms.ChoiceField)]
        once = [parameter for parameter, field in fields.items() if is_given_once(field)]
        for names, values, sentence in (
            (once, ["1", ""], "Give “{}” only once."),
            (rows, ["abc"], "There is no such row: {} = abc."),
            (rows, ["999999999999"], "There is no such row: {} = 999999999999."),
            (choices, ["nosuch"], "{}: Select a valid choice. nosuch is not one of the available choices."),
            (set(fields) - set(rows), ["a\0"], ""),
        ):
            tried += len(names)
            answer = (
                clients[name].get(f"{url}?{urlencode(dict.fromkeys(names, values), doseq=True)}") if names else None
            )
            if answer is not None and not refuses(answer, [sentence.format(parameter) for parameter in names]):
                wrong.append(f"{url} {names} {values}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tried > 150


def refuses(answer, sentences):
    is_json = answer.headers["Content-Type"] == "application/json"
    text = str(answer.json()["error"]) if is_json else content(answer)
    return answer.status_code == 400 and all(sentence in text for sentence in sentences)


def lists(world):
    """Return who may open each list, its address and its view."""
    return [(name, url, view) for name, url, _query, view in readable(world) if issubclass(view, FilteredListView)]


def test_no_list_page_takes_what_it_reads_itself_but_cannot_read(world):
    clients, wrong, tried = {name: world.client(name) for name in ("admin", "owner")}, [], 0
    unread = {"after": "abc", "columns": "nosuch", "menus": "x", "sort": "nosuch", "page": "2", "column": "open"}
    for name, url, view in lists(world):
        client = clients[name]
        tried += 1
        own = unread if "tab" in view.filterset_class.base_filters else unread | {"tab": "nosuch"}
        answer = client.get(url, own)
        if answer.status_code != 400 or {one.name for one in answer.context["filter"].refusals} != own.keys():
            wrong.append(f"{url}: {answer.status_code}")
        for query in ("before=abc", "after=a&before=b", "options=nosuch", "export=pdf", "menus=whole&menus=whole"):
            answer = client.get(f"{url}?{query}")
            if answer.status_code != 400:
                wrong.append(f"{url}?{query}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tried > 15


def test_no_filter_of_a_list_is_given_twice(world):
    wrong, tried = {}, 0
    for who, url, view in lists(world):
        names = {name for name, item in view.filterset_class.base_filters.items() if is_given_once(item.field)}
        request = SimpleNamespace(user=world.users[who], path=url)
        query = QueryDict(urlencode([(name, "") for name in names] * 2))
        filterset = view.filterset_class(query, queryset=view.model._default_manager.none(), request=request)
        tried += len(names)
        wrong |= {url: lost} if (lost := names & filterset.filters.keys() - filterset.errors.keys()) else {}
    assert not wrong
    assert tried > 100


@pytest.mark.parametrize("url", ["/customers/", "/pipeline/", "/pipeline/forecast/"])
def test_a_refused_parameter_of_a_list_is_named_with_no_rows(url, world):
    answer = world.client("admin").get(f"{url}?menus=x")
    assert answer.status_code == 400
    assert "menus: Select a valid choice." in content(answer)


def test_a_key_of_paging_that_is_none_has_no_rows_and_an_address_without_it(world):
    answer = world.client("admin").get("/customers/?after=abc")
    assert answer.status_code == 400
    assert "This page does not exist. Start from the first page." in content(answer)
    assert not answer.context["table"].rows
    assert answer.context["count"] == 0
    for url in ("/notifications/?after=abc", f"/customers/{world.rows['customer'].pk}/timeline/?after=abc"):
        assert world.client("admin").get(url).status_code == 400


def searches(world):
    """Yield client and address of everything that has a search of words."""
    pages = {name: world.client(name) for name in ("admin", "owner")}
    api = world.client("admin", api=True)
    for name, url, _query, view in readable(world):
        filters = getattr(view, "filterset_class", None)
        names = filters.base_filters if filters else view.get_parameters() or {}
        if "q" in names:
            yield pages[name], url
    for route, methods in API.items():
        url = world.address(f"api/v1/{route}")
        view = resolve(url).func.cls
        filters = getattr(view, "filterset_class", None)
        is_list = getattr(resolve(url).func, "actions", {}).get("get") == "list"
        if is_list and filters and "q" in filters.base_filters and "admin" in methods.get("get", "").split():
            yield api, url


def test_every_search_refuses_words_that_are_too_long_or_hold_a_null_character(world):
    wrong, tried = [], 0
    for client, url in searches(world):
        tried += 1
        for text, status in ((LONG, 400), ("a\0b", 400), (LONG[1:], 200), (INVISIBLE, 200)):
            answer = client.get(url, {"q": text})
            if answer.status_code != status:
                wrong.append(f"{url} {text[:5]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tried > 35


@pytest.mark.parametrize("view", [ContactOptionsView, CustomerOptionsView, ProductOptionsView, RecipientOptionsView])
def test_characters_that_nobody_sees_find_nothing_to_choose(view, world):
    [url] = [url for _name, url, _query, found in readable(world) if found is view]
    for text in ("", " ", INVISIBLE):
        assert world.client("admin").get(url, {"q": text}).json() == {"results": []}


def test_colleagues_are_offered_for_characters_that_nobody_sees_as_for_no_text(world):
    [url] = [url for _name, url, _query, view in readable(world) if view is UserOptionsView]
    client = world.client("admin")
    assert client.get(url, {"q": INVISIBLE}).json() == client.get(url).json() != {"results": []}


def test_an_endpoint_takes_no_parameter_twice(world):
    client, wrong, tried = world.client("admin", api=True), [], 0
    for route, methods in API.items():
        url = world.address(f"api/v1/{route}")
        found = resolve(url).func
        if "admin" not in methods.get("get", "").split() or getattr(found, "actions", {}).get("get") != "list":
            continue
        filters = getattr(found.cls, "filterset_class", None)
        once = [name for name, item in filters.base_filters.items() if is_given_once(item.field)] if filters else []
        for name in [*once, *(["limit", "after", "ordering"] if found.cls.pagination_class else [])]:
            tried += 1
            answer = client.get(url + "?" + urlencode({name: ["", ""]}, doseq=True))
            if answer.status_code != 400 or name not in answer.json()["error"]["fields"]:
                wrong.append(f"{url} {name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tried > 100


def test_a_page_of_an_endpoint_has_one_key(world):
    answer = world.client("admin", api=True).get("/api/v1/customers/?after=a&before=b")
    assert (answer.status_code, answer.json()["error"]["fields"].keys()) == (400, {"after", "before"})


@pytest.mark.parametrize("url", ["/hours/", "/api/v1/hours/"])
@pytest.mark.parametrize("text", ["abc", "999999"])
def test_hours_of_nobody_are_refused(url, text, world):
    answer = world.client("admin", api=url.startswith("/api/")).get(url, {"user": text})
    assert answer.status_code == 400
    assert "There is no such person (user)." in content(answer)


def test_a_report_refuses_a_filter_that_it_does_not_have_and_leads_to_the_others_without_it(world):
    client = world.client("admin")
    answer = client.get("/offers/reports/open/?first=1.1.2026")
    assert answer.status_code == 400
    assert "This report has no filter “first”." in content(answer)
    assert world.client("admin", api=True).get("/api/v1/offers/reports/open/?first=2026-01-01").status_code == 400
    assert '"/offers/reports/open/?owner="' in content(client.get("/offers/reports/types/?first=&owner="))


def test_public_pages_take_what_mail_programs_add(world):
    cache.clear()
    assert world.client("anonymous").get("/healthz?x=1").status_code == 200
    assert world.client("anonymous").get("/nps/none/?x=1").status_code == 404
    assert world.client("admin").get("/?bogus=1").status_code == 400
