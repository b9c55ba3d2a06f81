"""Bad input, by name: every form, filter and endpoint takes any text, refuses what cannot be, and never breaks."""

from __future__ import annotations

import copy
import json
from functools import partial
from itertools import product
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.forms import CharField
from django.http import QueryDict
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator

from tests.security.cast import NONE
from tests.security.conftest import without_menu
from tests.security.endpoint_table import API
from tests.security.page_table import PAGES
from tests.security.test_passive import content
from tests.security.test_permissions import QUERY

pytestmark = pytest.mark.usefixtures("no_menu")

SCRIPT = "<script>alert(1)</script>{{ 7|add:7 }}{% now 'Y' %}"
TEXTS = {
    "nul": "a\x00b",
    "long": "x" * 20_000,
    "huge number": "9" * 40,
    "negative": "-1",
    "right to left": "\u202eabc\u2066\u200b\u0301",
    "script": SCRIPT,
    "digits that are none": "٣²①",
    "not a number": "NaN",
    "endless": "1e999",
    "old day": "0001-01-01",
    "last day": "9999-12-31",
}


#: The kinds of text that whole pages and endpoints are sent; their filters and forms alone take every text.
KINDS = {
    "nul": TEXTS["nul"],
    "huge number": TEXTS["huge number"],
    "last day": TEXTS["last day"],
    "writing": "".join((SCRIPT, TEXTS["right to left"], TEXTS["digits that are none"], TEXTS["long"])),
}
NAMES = frozenset("q sort after before columns type customer contact follow branch back name".split())  # noqa: SIM905


def sent(names, text):
    """Return what a browser sends when every field of these names has the text."""
    return QueryDict(urlencode(dict.fromkeys(names, text)))


def contexts(world, *, takes_forms):
    """Yield the address and the context of every page of the administrator's, or of those that take forms."""
    client = world.client("admin")
    for route, (readers, writers) in PAGES.items():
        if "admin" in readers.split() and (not takes_forms or "admin" in writers.split()):
            url = world.address(route) + QUERY.get(route, "")
            answer = client.get(url)
            content(answer)
            yield url, answer.context or {}


@pytest.mark.parametrize("kind", ["nul", "writing"])  # how a page draws it; filter sets take every text below
def test_no_filter_breaks_a_page(kind, world):
    client = world.client("admin")
    broken = []
    asked = dict.fromkeys(NAMES, KINDS[kind][:1_000])  # all together about as long as an address may be
    for route, (readers, _writers) in PAGES.items():
        if "admin" in readers.split():
            answer = client.get(world.address(route), asked)
            content(answer)
            broken += [answer.request["PATH_INFO"]] if answer.status_code >= 500 else []
    assert not broken


def test_no_text_breaks_a_filter(world):
    """Each field of each filter set is sent each text: alone, for the first that cannot be read hides the others."""
    broken, tried = [], set()
    for url, context in contexts(world, takes_forms=False):
        filterset = context.get("filter")
        if filterset is None or type(filterset) in tried:
            continue
        tried.add(type(filterset))
        for name, text in product(filterset.form.fields, TEXTS.values()):
            again = type(filterset)(sent([name], text), queryset=filterset.queryset, request=filterset.request)
            broken += unless_done(
                f"{url} {name} {text[:20]!r}", lambda again=again: (list(again.qs[:1]), again.active())
            )
    assert not broken
    assert len(tried) > 15


def unless_done(what, action):
    """Return what broke, or nothing."""
    try:
        with transaction.atomic():
            action()
    except Exception as error:
        return [f"{what}: {error!r}"]
    return []


def test_no_text_breaks_the_check_of_a_form(world):
    """Send every form each text in every field. Forms are only checked, nothing is performed."""
    broken, tried = [], 0
    for url, context in contexts(world, takes_forms=True):
        form, view = context.get("form"), context.get("view")
        if form is None or not hasattr(view, "get_form_kwargs"):
            continue
        tried += 1
        for text in TEXTS.values():
            data = {"data": sent(form.fields, text), "files": {}}
            made = partial(type(form), **view.get_form_kwargs() | data)
            broken += unless_done(f"{url} {text[:20]!r}", lambda made=made: made().errors)
    assert not broken
    assert tried > 40


@pytest.fixture(scope="module")
def forms(made):
    """The address of each page that takes a form, the names of the form's fields, and those of its text fields."""
    found = []
    with transaction.atomic(), without_menu():
        for url, context in contexts(copy.deepcopy(made), takes_forms=True):
            fields = dict(getattr(context.get("form"), "fields", {}))
            found.append((url, list(fields), [name for name, field in fields.items() if type(field) is CharField]))
        transaction.set_rollback(True)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("text", KINDS.values(), ids=KINDS)
def test_no_text_breaks_a_form(text, forms, world):
    """Each field of each form is sent the text, all together and text fields alone."""
    client, broken = world.client("admin"), []
    for url, fields, texts in forms:
        for names in (fields, texts) if texts != fields else (fields,):
            with transaction.atomic():
                answer = client.post(url, dict.fromkeys(names, text))
                content(answer)
                transaction.set_rollback(True)
            broken += [f"{url} {answer.status_code}"] if answer.status_code >= 500 else []
            if text == TEXTS["nul"] and texts and answer.status_code in (302, 204):
                broken.append(f"{url} took a NUL")
            if SCRIPT in text and SCRIPT[:8] in answer.text.replace("<script src", ""):
                broken.append(f"{url} shows a script")
    assert not broken


BODIES = {
    **{name: text for name, text in TEXTS.items() if name != "long"},
    "long": "x" * 20_000,
    "lone surrogate": "\ud800",
    "huge": 2**70,
    "minus": -1,
    "fraction": 1.5,
    "yes": True,
    "nothing": None,
    "list": [],
    "deep list": [[1, "a", None, {"id": 2**70}]],
    "object": {"id": 2**70, "a": "\x00"},
}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def operations(schema):
    """Yield (method, route, names of the body's fields) of every endpoint that writes."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {})
            if method in ("post", "put", "patch") and "application/json" in body:
                reference = body["application/json"]["schema"].get("$ref", "").rsplit("/", 1)[-1]
                component = schema["components"]["schemas"].get(reference, {})
                yield method, path, list(component.get("properties", ["group"]))


#: Which row of the world an endpoint is about, where its name does not say it.
ROWS = {
    "users": "person", "classifications": "node", "activities": "activity", "product-groups": "product_group",
}  # fmt: skip


#: The values that are also sent in each field alone: what is valid alone is done, and may break later.
ALONE = ("nul", "last day", "huge", "minus", "deep list", "object")


@pytest.mark.slow
@pytest.mark.parametrize("kind", BODIES)
def test_no_value_breaks_an_endpoint(kind, world, schema):
    program, broken, rows, value = world.client("admin", api=True), [], world.rows, BODIES[kind]
    for method, path, names in operations(schema):
        start = path.removeprefix("/api/v1/").split("/")[0]
        row = ROWS.get(start, start[:-1])
        pk = str(rows[row].pk) if row in rows else "0"
        url = path.replace("{id}", pk).replace("{pk}", pk).replace("{position}", str(rows["position"].pk))
        alone = [{name: value} for name in names] if kind in ALONE else []
        for body in (dict.fromkeys(names, value), *alone, value):
            with transaction.atomic():
                answer = getattr(program, method)(url, json.dumps(body), content_type="application/json")
                transaction.set_rollback(True)
            if is_broken(answer):
                broken.append(f"{method} {url} {list(body) if isinstance(body, dict) else '…'}: {answer.status_code}")
    assert not broken, "\n".join(broken)


def is_broken(answer):
    return answer.status_code >= 500 or (answer.status_code >= 400 and "error" not in answer.json())


def lists(schema):
    """Yield the address of each list and the names that it can be asked by."""
    for path, methods in schema["paths"].items():
        if "get" in methods and "{" not in path:
            yield path, [asked["name"] for asked in methods["get"].get("parameters", []) if asked["in"] == "query"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_query_breaks_an_endpoint(text, world, schema):
    """All names are sent the text, then each that no filter set has."""
    program, broken = world.client("admin", api=True), []
    for path, names in lists(schema):
        filters = getattr(getattr(resolve(path).func, "cls", None), "filterset_class", None)
        alone = [name for name in names if filters is None or name not in filters.base_filters]
        for query in (dict.fromkeys(names, text), *({name: text} for name in alone)):
            answer = program.get(path, query)
            broken += [f"{path} {list(query)}: {answer.status_code}"] if is_broken(answer) else []
    assert not broken, "\n".join(broken)


def test_no_text_breaks_a_filter_of_an_endpoint(world, schema):
    """Each filter is sent each text alone, for the first that cannot be read hides the others."""
    program, broken, tried = world.client("admin", api=True), [], set()
    for path, _names in lists(schema):
        view = program.get(path).renderer_context["view"]
        filters = getattr(view, "filterset_class", None)
        if filters is None or filters in tried:
            continue
        tried.add(filters)
        for name, text in product(filters.base_filters, TEXTS.values()):
            again = filters(sent([name], text), queryset=view.get_queryset(), request=view.request)
            broken += unless_done(f"{path} {name} {text[:20]!r}", lambda again=again: list(again.qs[:1]))
    assert not broken
    assert len(tried) > 10


#: The first is no row's, the second is beyond what the column holds.
IDS = ("0", str(2**63))


def test_unknown_ids_are_not_there(world):
    """Numbers beyond any id too, in pages and endpoints alike."""
    page, program = world.client("admin"), world.client("admin", api=True)
    strange = {}
    for number in IDS:
        for route, (readers, _writers) in PAGES.items():
            if "<int:pk>" in route:
                url = world.address(route.replace("<int:pk>", number)) + QUERY.get(route, "")
                method = "get" if readers != NONE else "post"
                status = getattr(page, method)(url).status_code
                strange |= {url: status} if status != 404 else {}
        for route, methods in API.items():
            if "<pk>" in route:
                url = world.address(f"api/v1/{route}".replace("(?P<pk>[^/.]+)", number).replace("<pk>", number))
                method = next(iter(methods))
                content_type = {} if method == "get" else {"content_type": "application/json"}
                status = getattr(program, method)(url, **content_type).status_code
                strange |= {url: status} if status != 404 else {}
    assert not strange


@pytest.mark.parametrize("pk", ["x", "%00", "-1", "1.5", "%ED%A0%80", "١", " 1", "1e3", "9" * 30])
def test_an_id_that_is_no_number_is_not_there(pk, world):
    for client, start in ((world.client("admin"), "/"), (world.client("admin", api=True), "/api/v1/")):
        for kind in ("customers", "contacts", "activities", "users"):
            assert client.get(f"{start}{kind}/{pk}/").status_code == 404, kind
