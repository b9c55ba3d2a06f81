"""Where value is off, nothing that a user can get says what customers are worth.

A walk over all pages, the files of all lists with every column, all PDFs and all answers of the API, as those who would
see the value. The figures are there: they were kept while value was used.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.base import ContentFile
from django.test import RequestFactory
from django.urls import resolve
from django.utils.html import escape
from openpyxl import load_workbook

from accounts.models import User
from accounts.tests.factories import role
from core import clock
from core.list_views import FilteredListView
from core.metrics import fixed_metrics
from imports.models import ImportRow
from imports.services import run_create
from offers.offers.tests.pdfs import text_of
from segmentation.metrics.models import OrderCost, OwnMetric
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.services.values import value_give
from segmentation.metrics.tests.world import value_mode_set
from segmentation.portfolio.services import decision_make
from segmentation.schemes.models import SegmentGoal
from tests.security.conftest import without_menu
from tests.security.endpoint_table import API
from tests.security.page_table import PAGES
from tests.security.test_permissions import QUERY
from tests.security.world import World

SECRETS = ("Secret grounds", "Secret source", "Secret action", "Secret note", "76543", "43210")
WORDS = re.compile(
    r"(?i)\bprofitab\w*|\bportfolio\w*|\bvaluable customers|\bcosts? of an hour|\bservice costs?|\bdirect costs?"
)
ROLES = ("administrator", "management", "key_account_manager")
#: Forms of these have nothing of customers, and are many.
FORMS_OUTSIDE = (
    *("users/", "imports/", "mail/", "calendar/", "hours/", "invoicing/", "notifications/", "views/", "account/"),
    *("activities/", "offers/", "products/", "product-groups/", "classifications/", "contacts/", "start/", "bulk/"),
)
#: What the program can do is in the schema whatever an organisation uses.
OF_THE_PROGRAM = "schema/"
#: What is no word about a customer: names of addresses, of a default set of schemes, and the words that were asked.
TECHNICAL = re.compile(r"portfolio:\w+|portfolio%3A\w+|type of customer and portfolio|q=[\w+%]+|value=\"[^\"]*\"|“\w+”")
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEETS = ("/customers/", "/segmentation-work/", "/metrics/", "/suggestions/")


@pytest.fixture
def off(world: World) -> World:
    """The world with figures of every kind of value, kept while value was used; its owner has every role."""
    world.users["owner"].groups.add(*map(role, ROLES))
    User.objects.update(language="en")
    owner, customer = User.objects.get(username="owner"), world.rows["customer"]
    about = {"reason": "Secret grounds", "source": "Secret source"}
    for metric in OwnMetric.objects.filter(is_value=True):
        value_give(customer=customer, metric=metric, number=Decimal(9), user=owner, **about)
    OrderCost.objects.create(order=world.rows["order"], amount=Decimal(43210))
    day = clock.today() + dt.timedelta(days=30)
    decision_make(customer=customer, user=owner, cause="price", action="Secret action", review_on=day)
    SegmentGoal.objects.create(
        segment=world.rows["segment"], year=clock.today().year, kind="profitability", target=76543, note="Secret note"
    )
    metrics_refresh([customer.pk])
    run = run_create(kind="costs", file=ContentFile(b"order;cost\n1;43210\n"), name="costs.csv", owner=owner)
    ImportRow.objects.create(run=run, number=2, fate="held", raw=["1", "43210"])
    value_mode_set("off")
    return world


def texts() -> list[str]:
    fixed = [metric for metric in fixed_metrics().values() if metric.is_value and not metric.is_helper]
    names = [text for metric in fixed for text in (str(metric.label), metric.code)]
    own = OwnMetric.objects.filter(is_value=True).values_list("name_en", "name_fi", "code")
    return [*SECRETS, *names, *(text for row in own for text in row)]


def said(answer: Any) -> str:
    """Return the words of a page, a file or an answer."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "")
    if kind == "application/pdf":
        return text_of(body, layout=False) if len(body) > 100 else ""  # some of the world's are no files
    if kind == SPREADSHEET:
        return "\n".join(str(cell.value) for row in load_workbook(io.BytesIO(body)).active for cell in row)
    return body.decode("utf-8", "replace")


def told(text: str, words: list[str]) -> list[str]:
    plain = TECHNICAL.sub("", re.sub(r"(?<=\d)[,\s](?=\d{3})|\.\d{6}", "", text))
    return sorted({*WORDS.findall(plain), *(word for word in words if word in plain or escape(word) in plain)})


def addresses(world: World) -> Iterator[str]:
    """Yield the pages that are read, the files of lists with every column, and what the search finds."""
    for route, (readers, writers) in PAGES.items():
        is_outside = writers and route.startswith(FORMS_OUTSIDE)
        if readers and "anonymous" not in readers and not is_outside:
            url = world.address(route)
            yield url + QUERY.get(route, "")
            view = getattr(resolve(url).func, "view_class", None)
            if view and issubclass(view, FilteredListView):
                yield f"{url}?export=csv&{urlencode({'columns': every_column(world, url, view)}, doseq=True)}"
    yield from (f"{url}?export=xlsx" for url in SHEETS)
    yield from (f"/search/?q={word}" for word in ("portfolio", "profit", "Strategic"))


def every_column(world: World, url: str, view_class: Any) -> list[str]:
    request = RequestFactory().get(url)
    request.user = User.objects.get(pk=world.users["owner"].pk)
    view = view_class()
    view.setup(request, **resolve(url).kwargs)
    return [column.name for column in view.table.columns]


def walked(client: Any, urls: Iterator[str]) -> tuple[dict[str, list[str]], int]:
    wrong, read, words = {}, 0, texts()
    for url in urls:
        answer = client.get(url)
        text = said(answer)
        if answer.status_code == 200:
            read += 1
            if found := told(text, words):
                wrong[url] = found
    return wrong, read


def test_no_page_and_no_file_says_what_customers_are_worth_where_value_is_off(off):
    client = off.client("owner")
    with without_menu():
        wrong, read = walked(client, addresses(off))
    wrong |= walked(client, iter(("/recent/", "/segments/")))[0]  # with the menu
    assert not wrong, "\n".join(f"{url}: {found}" for url, found in wrong.items())
    assert read > 200


def test_no_answer_of_the_api_says_what_customers_are_worth_where_value_is_off(off):
    routes = [route for route, methods in API.items() if "get" in methods and route != OF_THE_PROGRAM]
    wrong, read = walked(off.client("owner", api=True), (off.address(f"api/v1/{route}") for route in routes))
    assert not wrong, "\n".join(f"{url}: {found}" for url, found in wrong.items())
    assert read > 80


def test_the_same_walk_finds_the_value_where_it_is_used(off):
    value_mode_set("used")
    metrics_refresh([off.rows["customer"].pk])
    figures = "/metrics/?export=csv&columns=profit_12"
    order, key = (off.rows[name].pk for name in ("order", "segment"))
    pages = (figures, f"/orders/{order}/cost/", f"/segments/{key}/", "/views/", "/imports/", "/search/?q=profit")
    wrong, _read = walked(off.client("owner"), iter(pages))
    assert wrong.keys() == set(pages)
