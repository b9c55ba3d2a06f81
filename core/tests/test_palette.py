"""The Ctrl-K palette: records, commands and recent records ranked together; records opened lately; the menu."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory
from core import clock, registry
from core.context_processors import layout
from core.models import RecentRecord
from core.navigation import MOST_OPEN, SECTIONS
from core.palette import rank
from core.recent import KEPT, recent_records, record_seen
from core.registry import NavItem
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return UserFactory(role="account_manager", language="fi")


@pytest.fixture
def page(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def groups(page: Client, text: str, path: str = "/") -> dict[str, list[str]]:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{path}"}
    found = page.get("/search/", {"q": text}, headers=headers).context_data["groups"]  # type: ignore[attr-defined]
    return {group.label: [hit.label for hit in group.items] for group in found}


def first(page: Client, text: str, path: str = "/") -> str:
    return next(iter(groups(page, text, path).values()))[0]


@pytest.mark.parametrize(
    ("text", "label", "keywords", "points"),
    [
        ("asiakkaat", "Asiakkaat", "", 100),
        ("aanekoski", "Äänekoski", "", 100),
        ("customers", "Asiakkaat", "customers", 90),
        ("asia", "Asiakkaat", "", 80),
        ("kieli", "Vaihda kieli", "", 65),
        ("tee", "Tumma", "teema", 60),
        ("akka", "Asiakkaat", "", 40),
        ("xyz", "Asiakkaat", "customers", 0),
    ],
)
def test_a_text_names_something_more_or_less(text: str, label: str, keywords: str, points: int) -> None:
    assert rank(text, label, keywords) == points


def test_the_name_of_a_list_opens_it_and_not_a_record(page: Client) -> None:
    CustomerFactory(name="Asiakkaat ja ystävät Oy")
    ActivityFactory(title="Asiakkaat koolle")
    assert first(page, "asiakkaat") == "Asiakkaat"


def test_the_beginning_of_a_name_opens_the_record(page: Client) -> None:
    CustomerFactory(name="Nokian Konepaja Oy")
    assert first(page, "nokia") == "Nokian Konepaja Oy"


def test_of_two_that_begin_alike_the_one_opened_lately_is_first(page: Client, user: User) -> None:
    CustomerFactory(name="Nokian Aamu Oy")
    later = CustomerFactory(name="Nokian Ilta Oy")
    record_seen(user, later)
    assert next(iter(groups(page, "nokian").values())) == ["Nokian Ilta Oy", "Nokian Aamu Oy"]


def test_nothing_is_shown_twice(page: Client, user: User) -> None:
    record_seen(user, CustomerFactory(name="Nokian Konepaja Oy"))
    labels = [label for found in groups(page, "nokian").values() for label in found]
    assert labels.count("Nokian Konepaja Oy") == 1


def test_without_a_text_the_records_opened_lately_come_first(page: Client, user: User) -> None:
    record_seen(user, CustomerFactory(name="Ensin Oy"))
    record_seen(user, CustomerFactory(name="Sitten Oy"))
    found = groups(page, "")
    assert next(iter(found)) == "Viimeksi avatut"
    assert found["Viimeksi avatut"] == ["Sitten Oy", "Ensin Oy"]
    assert "Asiakkaat" in found["Komennot"]


def test_the_page_of_a_customer_has_its_commands(page: Client, user: User) -> None:
    customer = CustomerFactory(name="Nokian Konepaja Oy", owner=user)
    found = groups(page, "", customer.get_absolute_url())["Tällä sivulla"]
    assert {"Vaihda vastuuhenkilö: Nokian Konepaja Oy", "Kirjaa soitto: Nokian Konepaja Oy"} <= set(found)
    assert first(page, "vaihda", customer.get_absolute_url()) == "Vaihda vastuuhenkilö: Nokian Konepaja Oy"


def test_the_page_of_a_contact_logs_a_call_with_it(page: Client) -> None:
    contact = ContactFactory()
    assert first(page, "kirjaa soitto", contact.get_absolute_url()).startswith("Kirjaa soitto")
    assert f"Kirjaa soitto: {contact}" in groups(page, "", contact.get_absolute_url())["Tällä sivulla"]


def test_commands_that_the_rights_do_not_allow_are_not_offered() -> None:
    reader = Client()
    reader.force_login(UserFactory(role="read_only", language="fi"))
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    assert "Tällä sivulla" not in groups(reader, "", customer.get_absolute_url())
    assert not any(
        "Kirjaa soitto" in label for found in groups(reader, "kirjaa soitto nokian").values() for label in found
    )


def test_the_page_of_a_customer_that_the_user_does_not_see_has_no_commands(page: Client) -> None:
    customer = CustomerFactory(passive=True)
    assert "Tällä sivulla" not in groups(page, "", customer.get_absolute_url())
    assert "Tällä sivulla" not in groups(page, "", "/customers/999999/")
    assert "Tällä sivulla" not in groups(page, "", "/no/such/page/")


def test_a_command_takes_the_name_after_it(page: Client) -> None:
    CustomerFactory(name="Nokian Konepaja Oy")
    assert first(page, "kirjaa soitto nokian") == "Kirjaa soitto: Nokian Konepaja Oy"


@pytest.mark.parametrize("text", ["soita nokian", "call nokian", "Soitto nokian", "käynti nokian"])
def test_a_word_of_a_command_takes_the_name_after_it_too(page: Client, text: str) -> None:
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    contact = ContactFactory(first_name="Mari", last_name="Soittaja", customer=customer)
    words = "Kirjaa käynti" if text.startswith("k") else "Kirjaa soitto"
    assert next(iter(groups(page, text).values())) == [f"{words}: {customer}", f"{words}: {contact}"]


def test_a_call_is_offered_with_a_contact_by_name(page: Client) -> None:
    contact = ContactFactory(first_name="Mari", last_name="Soittaja")
    assert first(page, "soita mari soittaja") == f"Kirjaa soitto: {contact}"


def test_a_record_that_begins_with_the_whole_text_comes_before_a_command_with_a_name(page: Client) -> None:
    CustomerFactory(name="Nokian Konepaja Oy")
    CustomerFactory(name="Call Nokian Oy")
    assert first(page, "call nokian") == "Call Nokian Oy"


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("kind", ["customer", "contact", "offer", "activity"])
def test_pages_of_records_have_their_commands_in_both_languages(user: User, kind: str, language: str) -> None:
    from offers.offers.tests.factories import OfferFactory

    User.objects.filter(pk=user.pk).update(language=language)
    page = Client()
    page.force_login(User.objects.get(pk=user.pk))
    customer = CustomerFactory(owner=user)
    rows = {
        "customer": lambda: customer,
        "contact": lambda: ContactFactory(customer=customer),
        "offer": lambda: OfferFactory(customer=customer, owner=user, contact=None),
        "activity": lambda: ActivityFactory(customer=customer, created_by=user),
    }
    row = rows[kind]()
    path = row.get_absolute_url()
    call, owner, edit = ("Kirjaa soitto", "Vaihda vastuuhenkilö", "Muokkaa")
    dark, tongue = ("Tumma teema", "kieli")
    if language == "en":
        call, owner, edit, dark, tongue = "Log a call", "Change owner", "Edit", "Dark theme", "language"
    subject = row if kind == "contact" else customer
    assert first(page, call, path) == f"{call}: {subject}"
    here = " ".join(hit for found in groups(page, "", path).values() for hit in found)
    assert f"{edit}: {row}" in here
    if kind != "contact":
        assert first(page, owner, path).startswith(owner)
    assert first(page, dark, path) == dark
    assert len(next(iter(groups(page, tongue, path).values()))) >= 2
    for other in ("dark theme", "language"):
        assert groups(page, other, path)


def test_the_theme_and_the_language_change_from_the_palette(page: Client, user: User) -> None:
    text = page.get("/search/", {"q": "tumma"}, headers={"HX-Request": "true"}).content.decode()
    assert 'name="theme" value="dark"' in text
    page.post(reverse("accounts:preferences"), {"theme": "dark", "next": "/customers/"})
    user.refresh_from_db()
    assert user.theme == "dark"


def test_opening_a_record_remembers_it_once_and_the_newest_first(page: Client, user: User) -> None:
    customer, contact = CustomerFactory(), ContactFactory()
    for url in (customer.get_absolute_url(), contact.get_absolute_url(), customer.get_absolute_url()):
        page.get(url)
    assert [hit.label for hit in recent_records(user)] == [str(customer), str(contact)]
    assert RecentRecord.objects.filter(user=user).count() == 2


def test_a_bounded_number_of_records_is_remembered(user: User) -> None:
    other = UserFactory()
    record_seen(other, CustomerFactory())
    start = clock.now()
    for number, customer in enumerate(CustomerFactory.create_batch(KEPT + 2)):
        with clock.frozen(start + dt.timedelta(minutes=number)):
            record_seen(user, customer)
    assert RecentRecord.objects.filter(user=user).count() == KEPT
    assert RecentRecord.objects.filter(user=other).count() == 1


def test_what_the_user_may_not_see_any_more_is_not_recent(page: Client, user: User) -> None:
    customer = CustomerFactory()
    page.get(customer.get_absolute_url())
    type(customer).objects.filter(pk=customer.pk).update(state="passive", passive_reason="bankruptcy")
    assert recent_records(user) == []


def test_the_menu_reads_its_recent_records_by_its_own_request(page: Client, user: User) -> None:
    record_seen(user, CustomerFactory(name="Nokian Konepaja Oy"))
    assert 'hx-get="/recent/"' in page.get("/notifications/").content.decode()
    lines = page.get("/recent/", headers={"HX-Request": "true"}).content.decode()
    assert lines.lstrip().startswith("<li>")
    assert "Nokian Konepaja Oy" in lines
    assert "<h1>" in page.get("/recent/").content.decode()


def menu(page: Client, url: str = "/notifications/") -> dict[str, Any]:
    return {group["name"]: group for group in page.get(url).context["nav_groups"]}


ROLES = ("administrator", "management", "key_account_manager", "account_manager", "sales_assistant", "read_only")


def open_pages(groups: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    opened = [group for group in groups if group["is_open"]]
    return [item for group in opened for item in (*group["items"], *open_pages(group["parts"]))]


@pytest.mark.parametrize("code", ROLES)
def test_at_most_nine_pages_are_open_in_the_menu_at_first_on_every_page(rf: RequestFactory, code: str) -> None:
    user = UserFactory(role=code)
    for entry in registry.nav.allowed("main", user):
        request = rf.get(reverse(entry.url_name))
        request.user = user
        groups = layout(request)["nav_groups"]
        names = [group["name"] for group in groups]
        assert names == [name for name in SECTIONS if name in names]
        opened = open_pages(groups)
        assert 0 < len(opened) <= MOST_OPEN, entry.name
        assert [item["name"] for item in opened if item["active"]] in ([entry.name], []), entry.name


def test_the_page_of_a_folded_part_opens_it(page: Client) -> None:
    [care] = [part for part in menu(page)["customers"]["parts"] if part["name"] == "customers-care"]
    assert not care["is_open"]
    [care] = [part for part in menu(page, "/care-plans/")["customers"]["parts"] if part["name"] == "customers-care"]
    assert care["is_open"]
    assert [item["name"] for item in care["items"] if item["active"]] == ["care_plans"]


def test_the_group_of_the_open_page_is_open(page: Client) -> None:
    assert not menu(page)["sales"]["is_open"]
    found = menu(page, "/offers/")
    assert found["sales"]["is_open"]
    assert [item["name"] for item in found["sales"]["items"] if item["active"]] == ["offers"]


def test_the_groups_stay_as_the_user_leaves_them(page: Client) -> None:
    page.cookies["menu"] = "management.nonsense"
    found = menu(page)
    assert [name for name, group in found.items() if group["is_open"]] == ["management"]


def test_a_group_that_has_only_parts_stays_open(
    rf: RequestFactory, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = NavItem(name="plans", label="Plans", url_name="careplans:list", section="customers", part="care")
    monkeypatch.setattr(registry.nav, "allowed", lambda place, user: [part])
    request = rf.get("/notifications/")
    request.user = user
    request.COOKIES["menu"] = "customers"
    [group] = layout(request)["nav_groups"]
    assert (group["name"], group["items"], group["is_open"]) == ("customers", [], True)
    assert [one["is_open"] for one in group["parts"]] == [False]


def test_a_folded_group_shows_the_sum_of_its_numbers(page: Client, user: User) -> None:
    from offers.offers.tests.factories import OfferFactory

    today = clock.today()
    OfferFactory.create_batch(
        2, owner=user, date=today - dt.timedelta(days=9), valid_until=today - dt.timedelta(days=1)
    )
    sales = menu(page)["sales"]
    assert sales["count"] == 2
    assert {item["name"]: item["count"] for item in sales["items"]}["offers"] == 2


def test_reports_have_a_place_in_the_menu(page: Client) -> None:
    assert "/offers/reports/" in [item["url"] for item in menu(page)["management"]["items"]]
