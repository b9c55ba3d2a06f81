"""No list reads a large table, or more than a few rows of it, whatever one filter, sort or search asks.

Among 100,000 customers with their work (``rows.fill``), every list of the program is read as its page reads it: by
default, by each sort, with each filter alone and with searches; PostgreSQL says what it did for each statement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import django_filters
import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from django_htmx.middleware import HtmxDetails
from pytest_django import DjangoDbBlocker

from accounts.models import User
from core import registry
from core.filters import DayFilter, YesNoFilter
from core.list_views import FilteredListView, TabbedListView
from core.paging import count_up_to, keyset_page
from customers.filters import CustomerFilter
from customers.models import Customer
from tests.security.page_table import PAGES
from tests.security.world import World, make_world
from tests.speed import rows
from tests.speed.plans import Plans

CUSTOMERS = 100_000
SEARCHES = ("konepaja", "virtanen", "virtanen konepaja", "konepjaa", "qwzxqwzx", "ko")
WORDS = {"source": "messut", "competitor": "Konex", "folder": "Seuranta", "code": "contact", "service": "Opetus"}
NUMBERS = {"last_contact": 180, "stale_days": 30}
#: Counting stops at 10,000 of a million: here at as many of 100,000 customers.
COUNTED = 1_000
#: What is known to read more, with the reason.
EXCEPTIONS = {
    ("/care/adherence/customers/", "care_model"): "One in many customers is under a model: to count them others pass.",
    ("/care/adherence/customers/", "part"): "The first 5,000 customers are looked for: they have every tenth row.",
    ("/customers/", "open_offers"): "Their number is counted by merging two indexes, which skips most of one.",
    ("/customers/", "selection"): "Its rows are found as a set, up to 10,000 of them, which a page then begins with.",
    ("/orders/", "delivery_to"): "The newest orders are looked at first, and none of them has begun so long ago.",
}

#: Panels of figures that a task computes every few minutes: the first of all requests computes them too.
KEPT_FIGURES = {"start_pipeline", "start_targets"}


@dataclass
class Crowd:
    world: World
    users: dict[str, User]
    plans: Plans


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Crowd]:
    """The world of the security tests, one row of each kind, among the rows of 100,000 customers."""
    with django_db_blocker.unblock(), transaction.atomic():
        # First the many: an index is not used in the transaction that builds it over rows that were changed before.
        people = rows.people(CUSTOMERS // rows.CUSTOMERS_OF_A_PERSON)
        rows.fill(CUSTOMERS, people=people)
        world = make_world()
        rows.imported(round(CUSTOMERS * 0.6), world.rows["run"])
        seller = User.objects.get(pk=people[0])
        seller.groups.set(world.users["owner"].groups.all())
        users = {"owner": seller, "admin": world.users["admin"], "maker": world.users["owner"]}
        yield Crowd(world, users, Plans())
        transaction.set_rollback(True)


def list_views(world: World) -> Iterator[tuple[str, type[FilteredListView], str]]:
    """Yield the address and view of each page that is a list, with one of those who may open it."""
    for route, (readers, _writers) in PAGES.items():
        url = world.address(route)
        view = getattr(resolve(url).func, "view_class", None)
        if view and issubclass(view, FilteredListView) and readers:
            name = "maker" if route.startswith("bulk/<") else "owner"  # a bulk operation is its user's
            yield url, view, name if "owner" in readers.split() else "admin"


def questions(view: FilteredListView) -> Iterator[dict[str, Any]]:
    """Yield the parameters of the default, of each sort, of each filter alone and of the searches."""
    yield {}
    if isinstance(view, TabbedListView):
        yield from ({"tab": tab} for tab in view.list_tabs)
    yield from ({"sort": sign + name} for name in view.table.sort_paths for sign in ("", "-"))
    filterset = view.get_filterset()
    for name, item in filterset.filters.items():
        yield from ({name: value} for value in values_of(name, item, filterset))


def values_of(name: str, item: Any, filterset: Any) -> list[Any]:
    """Return values to choose in a filter."""
    field = filterset.form.fields[name]
    if isinstance(item, YesNoFilter):
        return ["true", "false"]
    if isinstance(item, CustomerFilter):
        return [
            Customer.objects.filter(pk__gt=rows.BASE, state="active").order_by("pk").values_list("pk", flat=True)[0]
        ]
    if hasattr(field, "queryset"):
        return [choice.pk for choice in field.queryset.all()[:1]]
    if hasattr(field, "choices"):
        return [value for value, _label in field.choices if value][:4]
    if isinstance(item, DayFilter):
        return [(timezone.now() - dt.timedelta(days=days)).date().isoformat() for days in (30, 700)]
    if isinstance(item, django_filters.NumberFilter):
        return [NUMBERS.get(name, min(40_000, item.extra.get("max_value") or 40_000))]
    return list(SEARCHES) if name == "q" else [WORDS[name]]


def opened(url: str, view_class: type[FilteredListView], user: Any, query: dict[str, Any]) -> FilteredListView:
    """Return the view as it is when ``user`` asks for its list."""
    request = RequestFactory().get(url, query)
    request.user = user
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    view = view_class()
    view.setup(request, **resolve(url).kwargs)
    return view


def read(view: FilteredListView) -> None:
    """Read what the page reads: its rows with what it shows of them, and their number."""
    filterset = view.get_filterset()
    assert filterset.is_valid(), filterset.error_text()
    found = filterset.qs
    page = keyset_page(view.page_queryset(found), view.table.order(view.sort), size=view.paginate_by)
    view.prepare_rows(list(page.rows))
    count_up_to(found, COUNTED)


def test_no_list_reads_more_than_it_shows(crowd: Crowd, db: None) -> None:
    wrong, asked = [], 0
    for url, view_class, name in list_views(crowd.world):
        user = User.objects.get(pk=crowd.users[name].pk)
        for query in questions(opened(url, view_class, user, {})):
            asked += 1
            with crowd.plans.watched() as faults:
                read(opened(url, view_class, user, query))
            if (url, next(iter(query), "")) not in EXCEPTIONS:
                wrong += [f"{url} {query}: {fault}" for fault in faults]
    assert not wrong, "\n".join(wrong)
    assert asked > 250


def test_no_panel_of_a_start_page_reads_more_than_it_shows(crowd: Crowd, db: None, client: Client) -> None:
    wrong, panels = [], set()
    for user in crowd.users.values():
        client.force_login(user)
        for panel in registry.panels.allowed("start", user):
            panels.add(panel.name)
            with crowd.plans.watched() as faults:
                assert client.get(reverse(panel.url_name), headers={"HX-Request": "true"}).status_code == 200
            if panel.name not in KEPT_FIGURES:
                wrong += [f"{panel.name}: {fault}" for fault in faults]
    assert not wrong, "\n".join(wrong)
    assert len(panels) > 10


def test_a_table_that_is_read_as_a_whole_is_seen(crowd: Crowd, db: None) -> None:
    with crowd.plans.watched() as faults:
        list(Customer.objects.filter(description="x"))
    assert any("Seq Scan of customers_customer" in fault for fault in faults)


def test_many_rows_for_a_short_page_are_seen(crowd: Crowd, db: None) -> None:
    with crowd.plans.watched() as faults:
        list(Customer.objects.filter(pk__gt=0).order_by("sort_key", "pk").values("pk")[30_000:30_001])
    assert any("rows" in fault for fault in faults)
