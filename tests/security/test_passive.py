"""Rule 2 at every address: what belongs to a passive customer does not exist for those who do not keep such ones."""

from __future__ import annotations

import pytest

from tests.security.cast import NONE
from tests.security.endpoint_table import API
from tests.security.page_table import PAGES
from tests.security.rows import SECRET
from tests.security.test_permissions import QUERY, ask

pytestmark = pytest.mark.usefixtures("plain_frame")

HIDING = (
    *("customers/<", "^customers/(", "contacts/<", "^contacts/(", "activities/<", "^activities/(", "documents/<"),
    *("offers/<", "^offers/(", "pipeline/offers/", "pipeline/leads/"),
    *("orders/<", "^orders/(", "^billing-details/("),
    *("offers/versions/", "offers/links/", "^offer-versions/(", "^offer-links/("),
)


def hidden_addresses(world):
    """Yield (route, method, address) of all that is about one customer, contact, activity or document."""
    for route, (readers, writers) in PAGES.items():
        if route.startswith(HIDING):
            url = world.address(route, hidden=True) + QUERY.get(route, "")
            yield from ((route, method, url) for method, who in (("get", readers), ("post", writers)) if who != NONE)
    for route, methods in API.items():
        if route.startswith(HIDING):
            yield from ((route, method, world.address(f"api/v1/{route}", hidden=True)) for method in methods)


@pytest.mark.parametrize("name", ["viewer", "owner"])
def test_rule_2_nothing_of_a_passive_customer_exists(name, world):
    found = {
        f"{method.upper()} {url}": status
        for route, method, url in hidden_addresses(world)
        if (status := ask(world, name, route, method, url).status_code) != 404
    }
    assert not found


@pytest.mark.parametrize("name", ["viewer", "owner"])
def test_rule_2_no_page_or_endpoint_names_a_passive_customer(name, world):
    client, program = world.client(name), world.client(name, api=True)
    shown = []
    for route, (readers, _writers) in PAGES.items():
        if name in readers.split():
            url = world.address(route) + QUERY.get(route, "")
            shown += [url] if SECRET in content(client.get(url)) else []
    for route, methods in API.items():
        url = world.address(f"api/v1/{route}")
        if name in methods.get("get", NONE).split() and SECRET in content(program.get(url)):
            shown.append(url)
    assert not shown


@pytest.mark.parametrize(
    "url",
    [
        "/search/?q={0}",
        "/customers/?q={0}",
        "/customers/?q={0}&export=csv",
        "/customers/?state=all&q={0}&export=csv",
        "/customers/options/?q={0}",
        "/customers/new/candidates/?name={0}",
        "/contacts/?q={0}&export=csv",
        "/contacts/options/?q={0}",
        "/activities/?q={0}&export=csv",
        "/api/v1/customers/?q={0}",
        "/api/v1/contacts/?q={0}",
        "/api/v1/activities/?q={0}",
        "/offers/?tab=all&q={0}&export=csv",
        "/api/v1/offers/?q={0}",
        "/orders/?tab=all&q={0}&export=csv",
        "/api/v1/orders/?q={0}",
    ],
)
def test_rule_2_no_search_finds_a_passive_customer(url, world):
    found = content(world.client("owner").get(url.format(SECRET)))
    for echo in (
        f'value="{SECRET}"',
        f"q={SECRET}",
        f"q%3D{SECRET}",
        rf"q\u003D{SECRET}",
        f"name={SECRET}",
        f"“{SECRET}”",
    ):  # of what was asked
        found = found.replace(echo, "")
    assert SECRET not in found


@pytest.mark.parametrize("kind", ["customer", "contact", "activity"])
def test_an_address_names_no_invisible_row(kind, world):
    pk = world.hidden[kind].pk
    for query in (f"type=call&customer={pk}", f"type=call&contact={pk}", f"type=call&follow={pk}"):
        assert SECRET not in content(world.client("owner").get(f"/activities/new/?{query}"))


@pytest.mark.parametrize(
    ("url", "field", "row"),
    [
        ("/activities/new/?type=call", "customer", "customer"),
        ("/activities/new/?type=call", "contacts", "contact"),
        ("/offers/new/?type=service_order", "customer", "customer"),
        ("/offers/new/?type=service_order", "contact", "contact"),
        ("/contacts/new/", "customer", "customer"),
        ("/customers/new/", "parent", "customer"),
        ("/mail/compose/", "customer", "customer"),
        ("/mail/capture/", "customer", "customer"),
    ],
)
def test_a_form_says_the_same_of_an_invisible_row_as_of_none(url, field, row, world):
    client = world.client("owner")
    hidden, missing = (client.post(url, {field: pk}) for pk in (world.hidden[row].pk, 10**9))
    assert (hidden.status_code, missing.status_code) == (422, 422)
    errors, expected = hidden.context["form"].errors[field], missing.context["form"].errors[field]
    assert [error.replace(str(world.hidden[row].pk), "x") for error in errors] == [
        error.replace(str(10**9), "x") for error in expected
    ]
    assert SECRET not in content(hidden)


def content(response):
    """Return the whole text of an answer, streamed or not."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode("utf-8", "replace")


def test_a_foreign_key_to_an_invisible_row_does_not_exist(world):
    program = world.client("owner", api=True)
    mine, hidden = world.rows, world.hidden
    log = {"type": "call", "title": "A call", "customer": mine["customer"].pk}
    for path, data, field in (
        ("activities/", log | {"customer": hidden["customer"].pk}, "customer"),
        ("activities/", log | {"contacts": [hidden["contact"].pk]}, "contacts"),
        ("activities/", log | {"follows": hidden["activity"].pk}, "follows"),
        (f"contacts/{mine['contact'].pk}/positions/", {"customer": hidden["customer"].pk}, "customer"),
        ("customers/", {"name": "New", "parent": hidden["customer"].pk}, "parent"),
    ):
        answer = program.post(f"/api/v1/{path}", data, content_type="application/json")
        missing = program.post(
            f"/api/v1/{path}",
            data | {field: [10**9] if field == "contacts" else 10**9},
            content_type="application/json",
        )
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field]), path
        assert missing.status_code == 400
        assert SECRET not in answer.text
