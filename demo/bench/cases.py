"""What people do all day, as requests, and what each may take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activities.log.models import Activity
from core import clock, registry
from core.paging import keyset_page
from customers.models import ContactPoint, Customer, Municipality
from demo.bench.busy import CUSTOMER, large_offer, month
from demo.bench.client import Case
from demo.bench.measure import Aim
from demo.bench.selections import selection_aims, selection_cases
from segmentation.schemes.models import Segment

DEEP = 50_000  # rows before the deep page
PART = {"HX-Request": "true"}
FRAGMENT = {**PART, "HX-Target": "list"}
TAB = {**PART, "HX-Target": "tab"}

_CUSTOMERS = Aim(bare=3, rate=1 / 3, queries=8)
_LIST, _SEARCH, _WORD = Aim(bare=3), Aim(ms=100), Aim(ms=250)
PANEL = Aim(ms=100)
#: The aims at a million customers, by the name of the case.
AIMS = {
    "Customers: first page": _CUSTOMERS,
    "Customers: deep page": _CUSTOMERS,
    "Customers: by last contact": _CUSTOMERS,
    "Customers: own": _CUSTOMERS,
    "Customers: segment B in Espoo": _CUSTOMERS,
    "Customers: no contact in 180 days": _CUSTOMERS,
    "Quick search: a word": _SEARCH,
    "Quick search: a name": _SEARCH,
    "Quick search: a rare word": _SEARCH,
    "Quick search: misspelt": _SEARCH,
    "Quick search: a phone number": _SEARCH,
    "Quick search: no hit": _SEARCH,
    "Search everything (Ctrl-K)": Aim(ms=150),
    "Contacts: first page": _LIST,
    "Contacts: by name": _SEARCH,
    "Contacts: by first name and surname": _SEARCH,
    "Customer: page": Aim(bare=2.5),
    "Activities: first page": _LIST,
    "Activities: word in title": _WORD,
    "Activities: word in memo": _WORD,
    "Calendar: a month of 400": Aim(ms=100, kilobytes=100),
    "Offers: first page": _LIST,
    "Start": Aim(ms=100),
    "Team week": Aim(ms=300),
    "Hours: week": Aim(ms=150),
    "Pipeline: board": Aim(ms=150),
    "Segments: sizes and flow of a year": Aim(ms=1_000),
    "Adherence: this year by segment": Aim(ms=300),
    "Adherence: this year by who has it": Aim(ms=300),
    "Occurrences: missed this year": _LIST,
    "Contact by care plan: own, overdue": _LIST,
    **selection_aims(),
}


def cases(user: User) -> Iterator[Case]:
    """Yield the cases for the account manager ``user`` in a database with demo data."""
    yield from _list_cases()
    yield from _search_cases()
    yield from _contact_cases()
    yield from selection_cases(user)
    yield from _customer_cases(user)
    yield from _activity_cases()
    yield from _calendar_cases()
    yield from _queue_cases()
    yield from _offer_cases(user)
    yield from _care_cases()
    yield from _api_cases()


def _care_cases() -> Iterator[Case]:
    adherence, occurrences = reverse("carefollow:adherence"), reverse("carefollow:occurrences")
    yield get("Adherence: this year by segment", adherence)
    yield get("Adherence: this year by who has it", adherence, {"by": "owner"})
    year = clock.today().replace(month=1, day=1).isoformat()
    yield get("Occurrences: missed this year", occurrences, {"state": "missed", "last_from": year}, FRAGMENT)
    customers = reverse("carefollow:customers")
    yield get("Contact by care plan: own, overdue", customers, {"mine": "true", "overdue": "true"}, FRAGMENT)


def get(name: str, url: str, data: dict[str, Any] | None = None, headers: dict[str, str] | None = None) -> Case:
    return Case(name, f"{url}?{urlencode(data, doseq=True)}" if data else url, headers or {})


def _list_cases() -> Iterator[Case]:
    url = reverse("customers:list")
    segment = Segment.objects.primary().get(code="B").pk
    espoo = Municipality.objects.get(name_fi="Espoo").pk
    yield get("Customers: first page", url)
    yield get("Customers: deep page", url, {"after": deep_token()})
    yield get("Customers: by last contact", url, {"sort": "-last_contact"}, FRAGMENT)
    yield get("Customers: own", url, {"mine": "true"}, FRAGMENT)
    yield get("Customers: segment B in Espoo", url, {"segment": segment, "municipality": espoo}, FRAGMENT)
    some = {"segment": segment, "municipality": espoo}
    yield get("Customers: numbers of a filter's values", url, {"counts": "owner", **some})
    yield get("Customers: groups by owner", url, {"group_by": "owner", "heads": "1", **some}, PART)
    yield get("Activities: hours of one's own", reverse("activities:list"), {"sums": "1", "mine": "true"}, PART)
    yield get("Segments: sizes and flow of a year", reverse("portfolio:segments"))
    yield get("Customers: no contact in 180 days", url, {"last_contact": "180", "sort": "-last_contact"}, FRAGMENT)


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
        "a rare word": "maistraattipalvelut",
        "misspelt": "nokain konepja",
        "a phone number": f"{national[:3]} {national[3:6]} {national[6:]}",
        "no hit": "qwzxqwzx",
    }
    for what, text in questions.items():
        yield get(f"Quick search: {what}", url, {"q": text}, FRAGMENT)
    yield get("Search everything (Ctrl-K)", "/search/", {"q": "konepaja"}, PART)


def _contact_cases() -> Iterator[Case]:
    url = reverse("customers:contacts")
    yield get("Contacts: first page", url)
    yield get("Contacts: by name", url, {"q": "virtanen"}, FRAGMENT)
    yield get("Contacts: by first name and surname", url, {"q": "anneli korhonen"}, FRAGMENT)
    yield get("Contacts: a phone number", url, {"q": "0400012345"}, FRAGMENT)


def _customer_cases(user: User) -> Iterator[Case]:
    customer = Customer.objects.get(name=CUSTOMER)  # 5,000 activities: demo.bench.busy
    yield get("Customer: page", reverse("customers:detail", args=[customer.pk]))
    for tab in registry.tabs.allowed("customer", user, customer):
        yield get(f"Customer: tab {tab.name}", reverse(tab.url_name, args=[customer.pk]), headers=TAB)
    for panel in registry.panels.allowed("customer", user, customer):
        yield get(f"Customer: panel {panel.name}", reverse(panel.url_name, args=[customer.pk]), headers=PART)


def _activity_cases() -> Iterator[Case]:
    url = reverse("activities:list")
    yield get("Activities: first page", url)
    yield get("Activities: word in title", url, {"q": "puitesopimus"}, FRAGMENT)
    yield get("Activities: word in memo", url, {"q": "referenssit"}, FRAGMENT)
    yield get("My open activities", reverse("activities:mine"))
    customer = Customer.objects.get(name=CUSTOMER).pk
    activity = Activity.objects.filter(customer=customer).latest("start").pk
    yield get("Activity: page", reverse("activities:detail", args=[activity]))
    yield log_call(customer)


def log_call(customer: int) -> Case:
    """Return the form of a call to a customer of one's own."""
    form = {
        "customer": customer,
        "title": "Soitto: aikataulu",
        "memo": "Sovittiin aloitus.",
        "start": timezone.localtime(clock.now()).strftime("%Y-%m-%dT%H:%M"),
        "channel": "phone",
    }
    url = f"{reverse('activities:create')}?type=call&customer={customer}"
    return Case("Log a call (POST)", url, form=form, status=302)


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


def _offer_cases(user: User) -> Iterator[Case]:
    url = reverse("offers:list")
    yield get("Start", reverse("crm:start"))
    yield from _panel_cases(user, "Start")
    yield get("Offers: first page", url)
    yield get("Offers: open, by value", url, {"status": ["open", "sent"], "sort": "-net"}, FRAGMENT)
    yield get("Offers: word", url, {"q": "esihenkilö"}, FRAGMENT)
    yield get("Offer: page", reverse("offers:detail", args=[large_offer().pk]))
    yield get("Offer: PDF of 40 lines", reverse("offers:preview", args=[large_offer().pk]))
    yield get("Pipeline: board", reverse("sales:pipeline"))
    yield get("Pipeline: board of everyone", reverse("sales:pipeline"), {"tab": "everyone"})
    yield get("Pipeline: table", reverse("sales:pipeline_table"))
    yield get("Offers: report", reverse("sales:reports"))
    yield get("Orders: first page", reverse("orders:list"))
    yield get("Targets", reverse("sales:targets"))
    yield get("Products", reverse("products:list"))


def start_cases(user: User, username: str, seen: set[str]) -> Iterator[Case]:
    """Yield the panels of the start page of another user: those of the role that nobody before has shown."""
    for case in _panel_cases(user, f"Start of {username}"):
        panel = case.name.rpartition(" ")[2]
        if panel not in seen:
            seen.add(panel)
            yield case


def _panel_cases(user: User, name: str) -> Iterator[Case]:
    for panel in registry.panels.allowed("start", user):
        yield get(f"{name}: panel {panel.name}", reverse(panel.url_name), headers=PART)


def aim_of(name: str) -> Aim | None:
    """Return the aim of a case by its name; each panel of a start page has the same."""
    return AIMS.get(name) or (PANEL if name.startswith("Start") and ": panel " in name else None)


def _api_cases() -> Iterator[Case]:
    yield get("API: customers", "/api/v1/customers/")
    yield get("API: contacts", "/api/v1/contacts/")
    yield get("API: activities", "/api/v1/activities/")
    yield get("API: offers", "/api/v1/offers/")
    yield get("API: sums of offers", "/api/v1/offers/summary/")
