"""Bad input, by name: every form, filter and endpoint takes any text, refuses what cannot be, and never breaks."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from django.forms import CharField
from drf_spectacular.generators import SchemaGenerator

from tests.security.test_passive import content
from tests.security.test_permissions import API, NONE, PAGES, QUERY

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


NAMES = frozenset("q sort after before columns type customer contact follow branch back name".split())  # noqa: SIM905
#: The texts that each filter is sent by itself too; together, the first that cannot be read hides the others.
ALONE = (TEXTS["nul"], TEXTS["huge number"], TEXTS["last day"])


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_filter_breaks_a_page(text, world):
    client = world.client("admin")
    broken = []
    for route, (readers, _writers) in PAGES.items():
        if "admin" in readers.split():
            url = world.address(route)
            answer = client.get(url, dict.fromkeys(NAMES, text))
            content(answer)
            context = answer.context or {}
            fields = context["filter"].form.fields if "filter" in context else ()
            broken += [url] if answer.status_code >= 500 else []
            for query in [{name: text} for name in fields if text in ALONE]:
                answer = client.get(url, query)
                content(answer)
                broken += [f"{url} {sorted(query)}"] if answer.status_code >= 500 else []
    assert not broken


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_text_breaks_a_form(text, world):
    """Each field of each form is sent the text, all together and text fields alone."""
    client, broken = world.client("admin"), []
    for route, (readers, writers) in PAGES.items():
        if not ({"admin"} & set(readers.split()) and "admin" in writers.split()) or not route:
            continue
        url = world.address(route) + QUERY.get(route, "")
        form = (client.get(url).context or {}).get("form")
        fields = dict(getattr(form, "fields", {}))
        texts = [name for name, field in fields.items() if type(field) is CharField]
        for names in (fields, texts):
            with transaction.atomic():
                answer = client.post(url, dict.fromkeys(names, text))
                content(answer)
                transaction.set_rollback(True)
            broken += [f"{url} {answer.status_code}"] if answer.status_code >= 500 else []
            if text == TEXTS["nul"] and texts and answer.status_code in (302, 204):
                broken.append(f"{url} took a NUL")
            if text == SCRIPT and SCRIPT[:8] in answer.text.replace("<script src", ""):
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


def operations():
    """Yield (method, route, names of the body's fields) of every endpoint that writes."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
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


@pytest.mark.slow
@pytest.mark.parametrize("value", BODIES.values(), ids=BODIES)
def test_no_value_breaks_an_endpoint(value, world):
    program, broken, rows = world.client("admin", api=True), [], world.rows
    for method, path, names in operations():
        kind = path.removeprefix("/api/v1/").split("/")[0]
        row = ROWS.get(kind, kind[:-1])
        pk = str(rows[row].pk) if row in rows else "0"
        url = path.replace("{id}", pk).replace("{pk}", pk).replace("{position}", str(rows["position"].pk))
        for body in (dict.fromkeys(names, value), *({name: value} for name in names), value):
            with transaction.atomic():
                answer = getattr(program, method)(url, json.dumps(body), content_type="application/json")
                transaction.set_rollback(True)
            if answer.status_code >= 500 or (answer.status_code >= 400 and "error" not in answer.json()):
                broken.append(f"{method} {url} {list(body) if isinstance(body, dict) else '…'}: {answer.status_code}")
    assert not broken, "\n".join(broken)


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_query_breaks_an_endpoint(text, world):
    program, broken = world.client("admin", api=True), []
    schema = SchemaGenerator().get_schema(request=None, public=True)
    for path, methods in schema["paths"].items():
        if "get" in methods and "{" not in path:
            names = [one["name"] for one in methods["get"].get("parameters", []) if one["in"] == "query"]
            for query in (dict.fromkeys(names, text), *({name: text} for name in names)):
                answer = program.get(path, query)
                if answer.status_code >= 500 or (answer.status_code >= 400 and "error" not in answer.json()):
                    broken.append(f"{path} {list(query)}: {answer.status_code}")
    assert not broken, "\n".join(broken)


IDS = ("0", str(2**31), str(2**63), "9" * 30)


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


@pytest.mark.parametrize("pk", ["x", "%00", "-1", "1.5", "%ED%A0%80", "١", " 1", "1e3"])
def test_an_id_that_is_no_number_is_not_there(pk, world):
    for client, start in ((world.client("admin"), "/"), (world.client("admin", api=True), "/api/v1/")):
        for kind in ("customers", "contacts", "activities", "users"):
            assert client.get(f"{start}{kind}/{pk}/").status_code == 404, kind
