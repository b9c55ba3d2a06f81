"""Who may open and change what: every address of the program, each of the cast, every method.

An address that is not in the tables fails the test: a new page or endpoint is given its row there first.
"""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.security.cast import CAST, NONE, READ
from tests.security.endpoint_table import API, PK
from tests.security.page_table import PAGES
from tests.security.world import routes

pytestmark = pytest.mark.usefixtures("no_menu")

METHODS = ("get", "post", "put", "patch", "delete")
#: Open to everyone: signs of life, sign-in (its own tests), what is not there.
OPEN = {
    "healthz",
    "readyz",
    "account/email/",
    "nps/<str:secret>/",
    "offer/<str:secret>/",
    "offer/<str:secret>/pdf/",
    "plan/<str:secret>/",
    "plan/<str:secret>/pdf/",
    "calendar/feed/<str:secret>.ics",
    r"^api/(?P<path>.*)$",
}
QUERY = {
    "offers/new/": "?type=service_order",
    "activities/new/": "?type=call",
    "activities/<int:pk>/status/": "?status=done",
    "orders/<int:pk>/status/": "?status=invoiced",
    "pipeline/offers/<int:pk>/move/": "?to=lost",
    "pipeline/leads/<int:pk>/move/": "?to=lost",
}
MULTIPART = {"^imports/$", "^calendar-import/$", "^emails/capture/$"}
#: What these answer to those who may not is 404: the row is not theirs to see.
INVISIBLE = (
    "invoicing/batches/<",
    "^invoice-batches/(",
    "mail/inbox/<",
    "mail/messages/",
    "mail/mailboxes/<",
    "^email-inbox/(",
    "^mailboxes/(",
    "jobs/<",
    "bulk/<",
    "^bulk-runs/(",
    "notifications/<",
    "^notifications/(",
    "users/profile/keys/<",
    "calendar/feeds/<",
    "calendar/import/<",
    "^calendar-feeds/(",
    "imports/<",
    "imports/mappings/<",
    "^imports/(",
    "segmentation-work/runs/<",
    "segmentation-work/questions/<",
    "^segment-inquiries/(",
    "^profit-decisions/(",
)


def test_every_address_is_in_a_table():
    known = OPEN | PAGES.keys() | {f"api/v1/{route}" for route in API}
    found = {route for route, _view in routes() if not route.startswith("account/") or route == "account/email/"}
    assert found - known == set(), "give these their rows"
    assert known - found == set(), "these are not there any more"


def methods_of(view):
    """Return the methods that a page or an endpoint has code for."""
    of = getattr(view, "cls", None) or getattr(view, "view_class", None)
    handled = getattr(view, "actions", None) or {name for name in METHODS if hasattr(of, name)}
    return set(METHODS).intersection(handled, of.http_method_names) if of else set(METHODS)


def test_endpoints_have_the_methods_of_the_table_and_no_others():
    """So only these are asked for below: no code runs for another method."""
    endpoints = {route.removeprefix("api/v1/"): view for route, view in routes() if route.startswith("api/v1/")}
    found = {route: methods_of(endpoints[route]) for route in API}
    assert found == {route: set(methods) for route, methods in API.items()}


def expected(who: str, may_read: str, name: str, *, api: bool, invisible: bool) -> set[int]:
    """Return the statuses that ``name`` may get: done or refused for its content, or how it is turned away."""
    if name in who.split():
        return {200, 201, 204, 302, 400, 409, 422}
    if name == "anonymous":
        return {401} if api else {302}
    if not who and name in may_read.split():
        return {405}
    if invisible:
        return {404} if who else {404, 405}
    return {403} if who else {403, 405}


def is_endpoint(url):
    return url.startswith("/api/") and not url.startswith("/api/v1/docs/")


def ask(world, name, route, method, url):
    """Send an empty request; what it changes is taken back."""
    api = is_endpoint(url)
    client = world.caller(name, api=api)
    content = {} if method == "get" or route in MULTIPART or not api else {"content_type": "application/json"}
    body = {"data": "{}"} if content else {}
    with transaction.atomic():
        response = getattr(client, method)(url, **body, **content)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    return response


def wrong(world, name, route, method, url, who, may_read):
    """Return what is wrong with one answer, or nothing."""
    response = ask(world, name, route, method, url)
    status, api = response.status_code, is_endpoint(url)
    allowed = expected(who, may_read, name, api=api, invisible=route.startswith(INVISIBLE))
    is_sent_away = status == 302 and response.headers["Location"].startswith("/account/login/")
    if status in allowed and is_sent_away == (name == "anonymous" and name not in who.split() and not api):
        return []
    return [f"{name}: {method.upper()} {url} answered {status}, not {sorted(allowed)}"]


@pytest.mark.parametrize("name", CAST)
def test_pages_let_in_whom_the_table_says(name, world):
    """A method that a page has no code for is not asked for."""
    failures, views = [], dict(routes())
    for route, (readers, writers) in PAGES.items():
        url, handled = world.address(route) + QUERY.get(route, ""), methods_of(views[route])
        if readers != NONE or "get" in handled:
            failures += wrong(world, name, route, "get", url, readers, writers)
        if writers != NONE or "post" in handled:
            failures += wrong(world, name, route, "post", url, writers, readers)
        if "delete" in handled and name == "admin" and "anonymous" not in readers:
            failures += wrong(world, name, route, "delete", url, NONE, f"{readers} {writers}")
    assert not failures, "\n".join(failures)


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("route", ["customers/", "customers/options/", "customers/<int:pk>/history/"])
def test_a_method_that_a_page_does_not_have_is_refused(name, method, route, world):
    readers, writers = PAGES[route]
    assert not wrong(world, name, route, method, world.address(route), NONE, f"{readers} {writers}")


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("route", ["^classification-branches/$", f"^activity-types/{PK}/$", "schema/"])
def test_a_method_that_an_endpoint_does_not_have_is_refused(name, method, route, world):
    assert method not in API[route]
    assert not wrong(world, name, route, method, world.address(f"api/v1/{route}"), NONE, READ)


@pytest.mark.parametrize("name", CAST)
def test_endpoints_let_in_whom_the_table_says(name, world):
    failures = []
    for route, methods in API.items():
        url = world.address(f"api/v1/{route}")
        for method, who in methods.items():
            failures += wrong(world, name, route, method, url, who, READ)
    assert not failures, "\n".join(failures)
