"""The cast with their rows, and the address of every page and endpoint for them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from django.test import Client
from django.urls import get_resolver

from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from tests.security import care_tables, casework_table, segment_table
from tests.security.rows import (
    criteria_rows,
    customer_rows,
    hidden_rows,
    import_rows,
    metric_rows,
    people_rows,
    received_mail_rows,
    register_rows,
    role_view_row,
    segment_rows,
    selection_row,
    view_row,
)

ROLES = {"viewer": "read_only", "colleague": "account_manager", "owner": "account_manager", "admin": "administrator"}


@dataclass
class World:
    """``rows`` by the name used in addresses; ``hidden`` has the same of an inactive customer."""

    users: dict[str, Any]
    rows: dict[str, Any] = field(default_factory=dict)
    hidden: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    callers: dict[tuple[str, bool], tuple[Client, SimpleCookie]] = field(default_factory=dict)

    def client(self, name: str, *, api: bool = False) -> Client:
        """Return a browser in which one of the cast has signed in, or a program with that user's key."""
        if api and name in self.users:
            return Client(headers={"Authorization": f"Token {self.tokens[name]}"}, raise_request_exception=False)
        client = Client(raise_request_exception=False)
        if name in self.users:
            client.force_login(self.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def caller(self, name: str, *, api: bool = False) -> Client:
        """Return the client of one of the cast as it is just after signing in: made once, for those who ask much."""
        if (name, api) not in self.callers:
            client = self.client(name, api=api)
            self.callers[name, api] = client, client.cookies
        client, cookies = self.callers[name, api]
        client.cookies = copy.deepcopy(cookies)
        return client

    def address(self, route: str, *, hidden: bool = False) -> str:
        """Return a route's address with the world's rows in the places of its parameters."""
        rows = self.rows | (self.hidden if hidden else {})

        def value(match: re.Match[str]) -> str:
            name = match["plain"] or match["pattern"] or ""
            if name == "field":
                return EDITED[kind_of(route)]
            row = rows.get(name) if name != "pk" else rows[kind_of(route)]
            return str(getattr(row, "pk", row))

        path = re.sub(r"\(\?P<(?P<pattern>\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(?P<plain>\w+)>", value, route)
        path = re.sub(r"[$^]", "", path)
        if ("document" in route and "<int:document>" in route) or "document>" in route:
            document = rows[f"{kind_of(route)}_document"].pk
            path = path.replace("/documents/None", f"/documents/{document}")
        return "/" + path


#: A field that is edited in place, by the kind of row.
EDITED = {"customer": "phone", "contact": "phone", "activity": "place", "offer": "title"}

#: Which row an address's ``pk`` is, by the beginning of the route.
KINDS = {
    **segment_table.KINDS,
    **casework_table.KINDS,
    **care_tables.KINDS,
    "jobs/": "job",
    "bulk/": "bulk_run",
    "bulk-runs/": "bulk_run",
    "documents/": "customer_document",
    "notifications/": "notification",
    "users/": "person",
    "users/groups/": "group",
    "users/teams/": "team",
    "users/profile/keys/": "key",
    "customers/": "customer",
    "customers/hand-over/": "owner_user",
    "classifications/": "node",
    "selections/": "selection",
    "criteria/": "criteria",
    "suggestions/": "suggestion",
    "views/": "view",
    "views/roles/": "role_view",
    "classifications/branches/": "branch",
    "contacts/": "contact",
    "activities/": "activity",
    "calendar/feeds/": "feed",
    "calendar-feeds/": "feed",
    "activities/<int:pk>/message/": "email_activity",
    "mail/templates/": "email_template",
    "mail/inbox/": "waiting_email",
    "mail/messages/": "waiting_email",
    "mail/mailboxes/": "mailbox",
    "mail/rules/": "ignore_rule",
    "email-inbox/": "waiting_email",
    "mailboxes/": "mailbox",
    "email-ignore-rules/": "ignore_rule",
    "emails/": "email",
    "email-templates/": "email_template",
    "activities/types/": "type",
    "calendar/": "activity",
    "hours/": "person",
    "team-week/": "person",
    "activities/<int:pk>/feedback/": "feedback",
    "activities/<int:pk>/lead/": "lead",
    "feedback/": "feedback",
    "leads/": "lead",
    "nps/": "nps_question",
    "activities/keywords/": "keyword",
    "activities/lists/": "reason",
    "orders/": "order",
    "targets/people/": "person",
    "targets/teams/": "team",
    "invoicing/batches/": "invoice_batch",
    "invoice-batches/": "invoice_batch",
    "billing-details/": "customer",
    "offers/": "offer",
    "offers/versions/": "offer_version",
    "offers/links/": "offer_link",
    "offer-versions/": "offer_version",
    "offer-links/": "offer_link",
    "pipeline/offers/": "offer",
    "pipeline/leads/": "lead",
    "offer-types/": "offer_type",
    "products/": "product",
    "product-groups/": "product_group",
    "units/": "unit",
    "vat-classes/": "vat_class",
    "offers/settings/types/": "offer_type",
    "offers/settings/lost-reasons/": "lost_reason",
    "offers/settings/units/": "unit",
    "offers/settings/vat-classes/": "vat_class",
    "lost-reasons/": "lost_reason",
    "imports/": "run",
    "imports/mappings/": "mapping",
    "metrics/": "metric",
    "metrics/settings/own/": "own_metric",
    "metrics/settings/areas/": "area",
    "metrics/settings/hour-costs/": "hour_cost",
    "metrics/settings/service-costs/": "service_cost",
    "customer-metrics/": "customer",
    "own-metrics/": "own_metric",
    "metric-values/": "own_value",
    "areas/": "area",
    "order-costs/": "order",
    "hour-costs/": "hour_cost",
    "service-costs/": "service_cost",
    "teams/": "team",
    "groups/": "group",
    "classification-branches/": "branch",
    "municipalities/": "municipality",
    "activity-templates/": "template",
    "activity-types/": "type",
    "keywords/": "keyword",
}


def kind_of(route: str) -> str:
    """Return the name of the row that a route's ``pk`` identifies."""
    plain = route.removeprefix("api/v1/").removeprefix("^")
    return KINDS[max((start for start in KINDS if plain.startswith(start)), key=len)]


def routes() -> Iterator[tuple[str, Any]]:
    """Yield every route of the program with its view."""

    def walk(patterns: Any, before: str) -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, route)
            else:
                yield route, pattern.callback

    yield from walk(get_resolver().url_patterns, "")


def make_world(*, text: str = "") -> World:
    """Make the cast and one row of each kind; ``text`` is in every free text."""
    users = {
        name: UserFactory(username=name, last_name=f"{name.title()}{text}"[:150], role=code)
        for name, code in ROLES.items()
    }
    world = World(users)
    for name, user in users.items():
        token, world.tokens[name] = api_token_create(user=user, name=f"key{text}"[:100])
        world.rows |= {"key": token} if name == "owner" else {}
    world.rows |= people_rows(users, text) | customer_rows(users["owner"], text) | import_rows(users["admin"], text)
    world.rows |= received_mail_rows(users["owner"], text) | register_rows(users["owner"], text)
    world.rows |= metric_rows(users["owner"], world.rows["customer"], text)
    world.rows |= segment_rows(users["owner"], world.rows["customer"], text)
    world.rows |= criteria_rows(world.rows["customer"], text)
    world.rows |= casework_table.casework_rows(users, world.rows["customer"], text)
    world.rows |= care_tables.care_plan_rows(users, world.rows["customer"], world.rows["contact"], text)
    world.rows["selection"] = selection_row(users["owner"], text)
    world.rows["view"] = view_row(users["owner"], text)
    world.rows["role_view"] = role_view_row(world.rows["view"])
    world.hidden = hidden_rows(users["owner"], world.rows)
    return world
