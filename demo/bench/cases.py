"""What people do all day, as requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activities.log.models import Activity
from core import clock, registry
from core.paging import keyset_page
from customers.models import ClassificationNode, ContactPoint, Customer, Municipality
from demo.bench.busy import CUSTOMER, large_offer, month
from demo.bench.measure import Case

DEEP = 50_000  # rows before the deep page
FRAGMENT: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "list"}
TAB: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "tab"}
PART: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


def cases(user: User) -> Iterator[Case]:
    """Yield the cases for the account manager ``user`` in a database with demo data."""
    yield from _list_cases()
    yield from _search_cases()
    yield from _customer_cases(user)
    yield from _activity_cases()
    yield from _calendar_cases()
    yield from _queue_cases()
    yield from _offer_cases()
    yield from _api_cases()


def get(name: str, url: str, data: dict[str, Any] | None = None, **headers: Any) -> Case:
    return Case(name, lambda client: client.get(url, data or {}, **headers))


def _list_cases() -> Iterator[Case]:
    url = reverse("customers:list")
    segment = ClassificationNode.objects.get(branch__purpose="segment", code="B").pk
    espoo = Municipality.objects.get(name_fi="Espoo").pk
    yield get("Customers: first page", url)
    yield get("Customers: deep page", url, {"after": deep_token()})
    yield get("Customers: by last contact", url, {"sort": "-last_contact"}, **FRAGMENT)
    yield get("Customers: own", url, {"mine": "true"}, **FRAGMENT)
    yield get("Customers: segment B in Espoo", url, {"segment": segment, "municipality": espoo}, **FRAGMENT)
    yield get("Customers: no contact in 180 days", url, {"last_contact": "180", "sort": "-last_contact"}, **FRAGMENT)


def deep_token() -> str:
    """Return the token of the page that begins deep in the list, or in its middle when it is short."""
    active = Customer.objects.active()
    rows = active.only("sort_key")
    return keyset_page(rows, "sort_key", size=min(DEEP, active.count() // 2)).next


def _search_cases() -> Iterator[Case]:
    url = reverse("customers:list")
    phone = ContactPoint.objects.filter(kind="phone").order_by("pk").values_list("value", flat=True)[10]
    national = "0" + phone.removeprefix("+358")
    questions = {
        "a word": "konepaja",
        "a name": "nokian konepaja",
        "misspelt": "nokain konepja",
        "a phone number": f"{national[:3]} {national[3:6]} {national[6:]}",
        "no hit": "qwzxqwzx",
    }
    for what, text in questions.items():
        yield get(f"Quick search: {what}", url, {"q": text}, **FRAGMENT)
    yield get("Search everything (Ctrl-K)", "/search/", {"q": "konepaja"}, **PART)


def _customer_cases(user: User) -> Iterator[Case]:
    customer = Customer.objects.get(name=CUSTOMER)  # 5,000 activities: demo.bench.busy
    yield get("Customer: page", reverse("customers:detail", args=[customer.pk]))
    for tab in registry.tabs.allowed("customer", user, customer):
        yield get(f"Customer: tab {tab.name}", reverse(tab.url_name, args=[customer.pk]), **TAB)
    for panel in registry.panels.allowed("customer", user, customer):
        yield get(f"Customer: panel {panel.name}", reverse(panel.url_name, args=[customer.pk]), **PART)


def _activity_cases() -> Iterator[Case]:
    yield get("Activities: first page", reverse("activities:list"))
    yield get("Activities: word in title", reverse("activities:list"), {"q": "puitesopimus"}, **FRAGMENT)
    yield get("Activities: word in memo", reverse("activities:list"), {"q": "referenssit"}, **FRAGMENT)
    yield get("My open activities", reverse("activities:mine"))
    customer = Customer.objects.get(name=CUSTOMER).pk
    activity = Activity.objects.filter(customer=customer).latest("start").pk
    yield get("Activity: page", reverse("activities:detail", args=[activity]))
    yield Case("Log a call (POST)", lambda client: log_call(client, customer), status=302)


def _calendar_cases() -> Iterator[Case]:
    start, end = month()
    window = {"start": start.isoformat(), "end": end.isoformat()}
    yield get("Calendar: page", reverse("calendar:view"))
    yield get("Calendar: a month of 400", reverse("calendar:events"), window)
    yield get("Team week", reverse("calendar:team_week"))
    yield get("Hours: week", reverse("calendar:hours"))


def _queue_cases() -> Iterator[Case]:
    yield get("Feedback: queue", reverse("feedback:list"))
    yield get("Leads", reverse("leads:list"))
    yield get("NPS", reverse("feedback:nps"))
    yield get("Inbox", reverse("mail:inbox"))


def _offer_cases() -> Iterator[Case]:
    url, pipeline = reverse("offers:list"), reverse("sales:pipeline")
    yield get("Start", reverse("crm:start"))
    yield get("Offers: first page", url)
    yield get("Offers: open, by value", url, {"status": ["open", "sent"], "sort": "-net"}, **FRAGMENT)
    yield get("Offers: word", url, {"q": "esihenkilö"}, **FRAGMENT)
    yield get("Offer: page", reverse("offers:detail", args=[large_offer().pk]))
    yield get("Offer: PDF of 40 lines", reverse("offers:preview", args=[large_offer().pk]))
    yield get("Pipeline: board", pipeline)
    yield get("Pipeline: table", reverse("sales:pipeline_table"))
    yield get("Offers: report", reverse("sales:reports"))
    yield get("Orders: first page", reverse("orders:list"))
    yield get("Targets", reverse("sales:targets"))
    yield get("Products", reverse("products:list"))


def log_call(client: Client, customer: int) -> Any:
    """Log a call to a customer of one's own, as the form sends it."""
    data = {
        "customer": customer,
        "title": "Soitto: aikataulu",
        "memo": "Sovittiin aloitus.",
        "start": timezone.localtime(clock.now()).strftime("%Y-%m-%dT%H:%M"),
        "channel": "phone",
    }
    return client.post(f"{reverse('activities:create')}?type=call&customer={customer}", data)


def _api_cases() -> Iterator[Case]:
    yield get("API: customers", "/api/v1/customers/")
    yield get("API: contacts", "/api/v1/contacts/")
    yield get("API: activities", "/api/v1/activities/")
    yield get("API: offers", "/api/v1/offers/")
    yield get("API: sums of offers", "/api/v1/offers/summary/")
