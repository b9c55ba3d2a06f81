"""Characters that nobody sees are stored in no name, title or address of any app, and no search stumbles on them."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.db import models

from core.fields import AddressField, LineField

#: Names of columns that hold what somebody types into one line.
TYPED = {"title", "name", "name_fi", "name_en", "first_name", "last_name", "email", "place", "street", "city"}
#: Written by the program: the titles of jobs, and the names in files and messages as they came.
OTHERS = {"DefaultData", "Job", "EmailRecipient", "InvoiceLine", "Permission", "Group"}


@pytest.mark.parametrize(
    ("path", "row", "field"),
    [
        ("activities", "activity", "title"),
        ("activities", "activity", "place"),
        ("offers", "offer", "title"),
        ("orders", "order", "title"),
        ("products", "product", "name_fi"),
        ("users", "owner", "first_name"),
        ("users", "owner", "last_name"),
    ],
)
def test_the_api_stores_of_a_text_what_is_seen(path, row, field, world):
    client, instance = world.client("admin", api=True), world.rows.get(row) or world.users[row]
    url = f"/api/v1/{path}/{instance.pk}/"
    answer = client.patch(url, json.dumps({field: "Uu\u200bsi\ufeff nimi"}), content_type="application/json")
    assert answer.status_code == 200, answer.content
    instance.refresh_from_db()
    assert getattr(instance, field) == "Uusi nimi"


def test_the_api_refuses_a_title_of_nothing_that_is_seen(world):
    client, offer = world.client("admin", api=True), world.rows["offer"]
    answer = client.patch(
        f"/api/v1/offers/{offer.pk}/", json.dumps({"title": "\u200b"}), content_type="application/json"
    )
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["title"])


@pytest.mark.parametrize(
    ("url", "tab", "row"),
    [("/offers/", "all", "offer"), ("/orders/", "all", "order"), ("/activities/", "", "activity")],
)
def test_a_search_finds_what_is_seen(url, tab, row, world):
    instance = world.rows[row]
    text = instance.title[:3] + "\u200b" + instance.title[3:]
    answer = world.client("admin").get(url, {"q": text} | ({"tab": tab} if tab else {}))
    assert instance.pk in [line.object.pk for line in answer.context["table"].rows]


def test_every_typed_line_of_every_model_is_stored_as_it_is_seen():
    plain = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.split(".")[0] in {"core", "accounts", "customers", "activities", "offers", "imports"}
        and not model.__name__.endswith("Event")
        and model.__name__ not in OTHERS
        for field in model._meta.local_fields
        if field.name in TYPED
        and isinstance(field, models.CharField)
        and not isinstance(field, LineField | AddressField)
        and not field.choices
    ]
    assert not plain
