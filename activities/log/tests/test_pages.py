"""Lists, the activity's page, logging, changing and closing in the browser's terms."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log import selectors
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.activity_pages import DAY, client_of, content, local, text
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
#: What a browser says when it opens an address.
OPENED = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def colleague():
    return client_of(UserFactory(role="account_manager"))


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


# Lists


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_three(page, rows, django_assert_num_queries):
    for _ in range(rows):
        ActivityFactory(participants=[UserFactory(), UserFactory()], type=activity_type("memo"))
    page.get(reverse("activities:list"))
    with django_assert_num_queries(11):
        page.get(reverse("activities:list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_my_open_costs_the_same_for_one_row_and_three(page, owner, rows, django_assert_num_queries):
    for _ in range(rows):
        ActivityFactory(participants=[owner, UserFactory()], status=ActivityStatus.OPEN)
    page.get(reverse("activities:mine"))
    with django_assert_num_queries(11):
        page.get(reverse("activities:mine"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_timeline_costs_the_same_for_one_row_and_three(page, rows, django_assert_num_queries):
    customer = CustomerFactory()
    ActivityFactory.create_batch(rows, customer=customer)
    ActivityFactory(customer=customer, start=timezone.now() + DAY, status=ActivityStatus.OPEN)
    url = reverse("activities:timeline", args=[customer.pk])
    with django_assert_num_queries(15):
        page.get(url)


@pytest.mark.parametrize("name", ["list", "mine"])
def test_everyone_opens_the_lists_but_anonymous(page, colleague, reader, name):
    url = reverse(f"activities:{name}")
    assert [client.get(url).status_code for client in (page, colleague, reader, Client())] == [200, 200, 200, 302]


def test_who_only_reads_is_not_offered_to_log(page, reader):
    url = reverse("activities:list")
    assert reverse("activities:create") in text(page.get(url))
    assert reverse("activities:create") not in text(reader.get(url))


def test_the_list_shows_no_work_of_passive_customers(page):
    ActivityFactory(title="Kept away", customer=CustomerFactory(passive=True))
    assert "Kept away" not in text(page.get(reverse("activities:list")))


@pytest.mark.parametrize(
    "query",
    ["q=koulutuksen", "q=aanekoski", "type={type}", "status=open", "mine=true", "overdue=true", "channel=video",
     "customer={customer}", "participant={user}", "keyword={word}", "start_from=2026-01-05&start_to=5.1.2026"],
)  # fmt: skip
def test_each_filter_finds_its_activity_only(page, owner, query):
    found = ActivityFactory(
        title="Hitsauskoulutus",
        type=activity_type("visit"),
        customer=CustomerFactory(name="Äänekosken Sähkö Oy"),
        participants=[owner],
        status=ActivityStatus.OPEN,
        channel="video",
        words=["national"],
        start=local(2026, 1, 5, 12),
    )
    ActivityFactory(title="Another", start=local(2026, 1, 6, 0))
    ids = {"type": found.type_id, "customer": found.customer_id, "user": owner.pk, "word": keyword("national").pk}
    body = text(page.get(f"{reverse('activities:list')}?{query.format(**ids)}"))
    assert "Hitsauskoulutus" in body
    assert "Another" not in body


@pytest.mark.parametrize("query", ["start_from=0001-01-01", "start_to=9999-12-31", "q=%25_%27"])
def test_a_list_takes_any_address(page, query):
    ActivityFactory()
    assert page.get(f"{reverse('activities:list')}?{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["q=" + "x" * 300, "q=%00", "type=x", "customer=x", "sort=x", "start_from=x", "after=x"]
)
def test_a_list_refuses_what_it_cannot_read(page, query):
    ActivityFactory(title="Not shown")
    response = page.get(f"{reverse('activities:list')}?{query}")
    assert response.status_code == 400
    assert "Not shown" not in response.content.decode()


def test_the_export_has_what_is_filtered(page):
    ActivityFactory(title="=SUM(A1)", start=local(2026, 1, 5, 12))
    ActivityFactory(title="Another", start=local(2026, 2, 5, 12))
    response = page.get(reverse("activities:list"), {"start_to": "2026-01-31", "export": "csv"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("When;Title;Type")
    assert [("'=SUM(A1)" in line, "2026-01-05 12:00" in line) for line in lines[1:]] == [(True, True)]


def test_my_open_begins_with_today_then_what_is_late_and_the_coming_two_weeks(page, owner):
    now = timezone.now()
    days = {"Coming": 12, "Late": -20, "Late since the other day": -3, "Now": 0, "An old lead": -75, "Next year": 300}
    for title, number in days.items():
        ActivityFactory(title=title, participants=[owner], status=ActivityStatus.OPEN, start=now + number * DAY)
    ActivityFactory(title="Finished", participants=[owner])
    ActivityFactory(title="Somebody else's", status=ActivityStatus.OPEN)
    response = page.get(reverse("activities:mine"))
    groups = [(group.name, [row.activity.title for row in group.rows]) for group in response.context["groups"]]
    assert groups == [
        ("today", ["Now"]),
        ("overdue", ["Late since the other day", "Late"]),
        ("later", ["Coming"]),
    ]
    assert "3 days ago" in text(response)


@pytest.mark.parametrize(("days", "name"), [((0, 1, 4, 9), "fortnight"), ((-1, -2, -9, -20), "late")])
def test_my_open_that_is_cut_says_so_and_leads_to_all(page, owner, monkeypatch, days, name):
    for number in days:
        start = timezone.now() + number * DAY
        ActivityFactory(participants=[owner], status=ActivityStatus.OPEN, start=start)
    monkeypatch.setattr(selectors, "MINE", 4)
    assert page.get(reverse("activities:mine")).context["cut"] == []
    monkeypatch.setattr(selectors, "MINE", 3)
    response = page.get(reverse("activities:mine"))
    [link] = response.context["cut"]
    assert (response.context["count"], link.url) == (3, f"{reverse('activities:list')}?my_due={name}")
    assert link.url in text(response)
    assert len(page.get(link.url).context["table"].rows) == 4


def test_all_my_activities_are_those_of_any_day(page, owner):
    for number in (-1, 30):
        ActivityFactory(participants=[owner], start=timezone.now() + number * DAY)
    url = f"{reverse('activities:list')}?mine=true"
    assert f'href="{url}"' in text(page.get(reverse("activities:mine")))
    assert len(page.get(url).context["table"].rows) == 2


def test_the_lines_for_old_and_far_work_lead_to_as_many_rows(page, owner):
    for number in (-75, -200, 300):
        start = timezone.now() + number * DAY
        ActivityFactory(participants=[owner], status=ActivityStatus.OPEN, start=start)
    lines = page.get(reverse("activities:mine")).context["folded"]
    assert [line.text for line in lines] == ["1", "2"]
    assert [len(page.get(line.url).context["table"].rows) for line in lines] == [1, 2]


def test_the_list_opens_until_today_and_what_is_coming_has_the_first_first(page):
    starts = {"Next year": 300, "Tomorrow": 1, "Now": 0, "Before": -1}
    for title, number in starts.items():
        ActivityFactory(title=title, status=ActivityStatus.OPEN, start=timezone.now() + number * DAY)
    url = reverse("activities:list")
    opened = page.get(url, headers=OPENED)
    assert opened.url == f"{url}?when=until_today"
    expected = {
        "when=until_today": ["Now", "Before"],
        "when=coming": ["Tomorrow", "Next year"],
        "when=later": ["Next year"],
        "status=open": ["Before", "Now", "Tomorrow", "Next year"],
        "status=open&sort=-start": ["Next year", "Tomorrow", "Now", "Before"],
        "": ["Next year", "Tomorrow", "Now", "Before"],
    }
    for query, titles in expected.items():
        rows = page.get(f"{url}?{query}").context["table"].rows
        assert [row.object.title for row in rows] == titles, query


def test_open_work_is_counted_by_the_day_when_it_is_due(page):
    today = timezone.localdate()
    for number in (-30, 0, 7, 8):
        ActivityFactory(title=str(number), status=ActivityStatus.OPEN, start=timezone.now() + number * DAY)
    ActivityFactory(title="Finished")
    rows = page.get(reverse("activities:list"), {"open_by": today + 7 * DAY}).context["table"].rows
    assert [row.object.title for row in rows] == ["-30", "0", "7"]


def test_rule_16_every_participant_sees_an_open_activity_as_own(owner):
    other = UserFactory(role="account_manager")
    ActivityFactory(title="Ours", participants=[owner, other], status=ActivityStatus.OPEN)
    for user in (owner, other):
        assert "Ours" in text(client_of(user).get(reverse("activities:mine")))


def nav_items(response):
    return [item for group in response.context["nav_groups"] for item in group["items"]]


def test_the_navigation_counts_what_is_due_by_tonight(page, owner):
    ActivityFactory(participants=[owner], status=ActivityStatus.OPEN, start=timezone.now() - DAY)
    ActivityFactory(participants=[owner], status=ActivityStatus.OPEN, start=timezone.now() + 2 * DAY)
    items = nav_items(page.get(reverse("activities:list")))
    assert [item["count"] for item in items if item["url"] == reverse("activities:list")] == [1]


def test_all_figures_of_the_frame_come_in_one_query(owner):
    user = UserFactory(role="administrator")
    ActivityFactory(participants=[user], status=ActivityStatus.OPEN, start=timezone.now() - DAY)
    client = client_of(user)
    with CaptureQueriesContext(connection) as captured:
        items = nav_items(client.get(reverse("activities:list")))
    assert sum(item["count"] or 0 for item in items) == 1
    [figures] = [query["sql"] for query in captured if "SELECT count(*)" in query["sql"]]
    assert figures.count(") counted)") > 5


def test_the_figure_in_the_navigation_stops_at_99(page, owner):
    ActivityFactory.create_batch(100, participants=[owner], status=ActivityStatus.OPEN, start=timezone.now() - DAY)
    [item] = [item for item in nav_items(page.get(reverse("activities:list"))) if item["name"] == "activities"]
    assert item["count"] == "99+"


# The activity's page


def test_the_page_shows_all_and_whatever_was_written_stays_inert(page):
    title = "<script>alert(1)</script> {{ 7*7 }} \u202eabc 😀"
    activity = ActivityFactory(
        title=title, memo="<b>memo</b><script>memo</script>", contacts=[ContactFactory(last_name="Salo")]
    )
    body = text(page.get(activity.get_absolute_url()))
    assert "<script>alert" not in body
    assert "<script>memo" not in body
    assert "<b>memo</b>" in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} abc 😀" in body
    assert "Salo" in body


@pytest.mark.parametrize("name", ["detail", "documents", "history"])
def test_everyone_opens_an_activity_but_anonymous(page, colleague, reader, name):
    url = reverse(f"activities:{name}", args=[ActivityFactory().pk])
    assert [client.get(url).status_code for client in (page, colleague, reader, Client())] == [200, 200, 200, 302]


@pytest.mark.parametrize("name", ["detail", "documents", "history", "change", "finish", "documents_add"])
def test_an_activity_of_a_passive_customer_does_not_exist(page, owner, name):
    activity = ActivityFactory(customer=CustomerFactory(passive=True), created_by=owner)
    assert page.get(reverse(f"activities:{name}", args=[activity.pk])).status_code == 404
    assert page.get(reverse(f"activities:{name}", args=[99999])).status_code == 404


def test_an_administrator_sees_work_of_a_passive_customer_and_changes_nothing():
    admin, activity = (
        client_of(UserFactory(role="administrator")),
        ActivityFactory(customer=CustomerFactory(passive=True)),
    )
    response = admin.get(activity.get_absolute_url())
    assert (response.status_code, response.context["steps"], response.context["may_follow"]) == (200, [], False)
    assert admin.post(reverse("activities:status", args=[activity.pk]), {"status": "open"}).status_code == 403


def test_the_buttons_are_the_statuses_that_may_follow(page, owner):
    activity = ActivityFactory(created_by=owner, status=ActivityStatus.IN_PROGRESS)
    steps = page.get(activity.get_absolute_url()).context["steps"]
    assert [(step.values.get("status"), step.asks) for step in steps] == [("done", False), (None, True)]


def test_a_tab_comes_alone_when_htmx_asks(page):
    activity = ActivityFactory()
    body = text(page.get(reverse("activities:documents", args=[activity.pk]), headers={"HX-Target": "tab"}))
    assert "<html" not in body
    assert "No documents yet." in body


def test_the_history_tells_who_changed_what(page, owner):
    activity = ActivityFactory(created_by=owner, title="Before")
    page.post(reverse("activities:change", args=[activity.pk]), content(title="After", place="Elsewhere", version=1))
    body = text(page.get(reverse("activities:history", args=[activity.pk])))
    assert ("Before" in body, "After" in body, str(owner) in body) == (True, True, True)
    assert Activity.objects.get().ical_sequence > 0
    assert "sequence" not in body


def test_a_customers_tab_opens_until_today_too_and_shows_all_when_it_is_cleared(page):
    customer = CustomerFactory()
    for title, number in (("Next month", 30), ("Before", -1)):
        ActivityFactory(title=title, customer=customer, start=timezone.now() + number * DAY)
    url = reverse("activities:customer_tab", args=[customer.pk])
    shown = page.get(url)
    assert [row.object.title for row in shown.context["table"].rows] == ["Before"]
    [chip] = shown.context["active_filters"]
    for whole in (shown.context["clear_url"], url + chip.remove_url):
        assert len(page.get(whole).context["table"].rows) == 2
    assert shown.context["way_out"].label == "Coming 1"
    assert [row.object.title for row in page.get(shown.context["way_out"].url).context["table"].rows] == ["Next month"]


@pytest.fixture
def tab():
    """The tab of a customer with one activity until today and one that is coming."""
    customer = CustomerFactory()
    for number in (-1, 30):
        ActivityFactory(customer=customer, start=timezone.now() + number * DAY, type=activity_type("memo"))
    return reverse("activities:customer_tab", args=[customer.pk])


def test_a_customers_tab_shows_all_when_its_last_filter_is_taken_off(page, tab):
    shown = page.get(tab, headers={"HX-Request": "true", "HX-Target": "list"})
    assert len(shown.context["table"].rows) == 2
    assert 'data-whole="when"' in text(shown)
    assert shown.context["bulk_query"] == "when="  # "all matching" means all of them too


def test_the_menus_of_a_tab_count_what_it_lists(page, tab):
    assert 'data-query="when=until_today"' in text(page.get(tab))
    counts = page.get(f"{tab}?when=until_today&counts=type").json()["counts"]
    assert list(counts.values()) == [1]


def test_a_new_customers_tab_says_what_to_do_first(page):
    customer = CustomerFactory()
    url = reverse("activities:customer_tab", args=[customer.pk])
    shown = text(page.get(url))
    assert "No activities yet." in shown
    assert f'{reverse("activities:create")}?customer={customer.pk}"' in shown
    ActivityFactory(customer=customer, start=timezone.now() + 30 * DAY)
    assert "Nothing matches these filters." in text(page.get(url))
    assert "No activities yet." not in text(page.get(url))


@pytest.mark.parametrize(("subject", "tab"), [("customer", "customer_tab"), ("contact", "contact_tab")])
def test_all_beside_a_timeline_are_all_of_the_tab(page, subject, tab):
    about = {"customer": CustomerFactory(), "contact": ContactFactory()}
    for number in (-1, 30):
        start = timezone.now() + number * DAY
        ActivityFactory(customer=about["customer"], contacts=[about["contact"]], start=start)
    names = {"customer": "timeline", "contact": "contact_timeline"}
    timeline = page.get(reverse(f"activities:{names[subject]}", args=[about[subject].pk]))
    url = f"{reverse(f'activities:{tab}', args=[about[subject].pk])}?when="
    assert f'href="{url}"' in text(timeline)
    assert len(page.get(url).context["table"].rows) == 2
