"""Lists, the activity's page, logging, changing and closing in the browser's terms."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
STATUSES = {"color": "teal", "status_if_future": "open", "status_if_past": "done"}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


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


def create_url(code="call", **query):
    activity_type(code)
    return reverse("activities:create", query={"type": code, **query})


def content(**changes):
    return {"title": "Offer discussed", "start": "2026-03-02T09:00", "customer": CustomerFactory().pk, **changes}


def text(response):
    return response.content.decode()


def local(year, month, day, hour, minute=0):
    return timezone.make_aware(dt.datetime(year, month, day, hour, minute))


# Lists


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_three(page, rows, django_assert_num_queries):
    for _ in range(rows):
        ActivityFactory(participants=[UserFactory(), UserFactory()], type=activity_type("memo"))
    page.get(reverse("activities:list"))
    with django_assert_num_queries(18):
        page.get(reverse("activities:list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_my_open_costs_the_same_for_one_row_and_three(page, owner, rows, django_assert_num_queries):
    for _ in range(rows):
        ActivityFactory(participants=[owner, UserFactory()], status=ActivityStatus.OPEN)
    page.get(reverse("activities:mine"))
    with django_assert_num_queries(15):
        page.get(reverse("activities:mine"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_timeline_costs_the_same_for_one_row_and_three(page, rows, django_assert_num_queries):
    customer = CustomerFactory()
    ActivityFactory.create_batch(rows, customer=customer)
    ActivityFactory(customer=customer, start=timezone.now() + DAY, status=ActivityStatus.OPEN)
    url = reverse("activities:timeline", args=[customer.pk])
    with django_assert_num_queries(19):
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


@pytest.mark.parametrize("query", ["q=" + "x" * 300, "q=%00", "type=x", "start_from=0001-01-01", "start_to=9999-12-31",
                                   "customer=x", "after=x", "sort=x", "q=%25_%27"])  # fmt: skip
def test_a_list_takes_any_address(page, query):
    ActivityFactory()
    assert page.get(f"{reverse('activities:list')}?{query}").status_code == 200


def test_the_export_has_what_is_filtered(page):
    ActivityFactory(title="=SUM(A1)", start=local(2026, 1, 5, 12))
    ActivityFactory(title="Another", start=local(2026, 2, 5, 12))
    response = page.get(reverse("activities:list"), {"start_to": "2026-01-31", "export": "csv"})
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("When;Title;Type")
    assert [("'=SUM(A1)" in line, "2026-01-05 12:00" in line) for line in lines[1:]] == [(True, True)]


def test_my_open_groups_by_due_date_overdue_first(page, owner):
    now = timezone.now()
    for title, start in (("Later", now + 30 * DAY), ("Late", now - 3 * DAY)):
        ActivityFactory(title=title, participants=[owner], status=ActivityStatus.OPEN, start=start)
    ActivityFactory(title="Finished", participants=[owner])
    ActivityFactory(title="Somebody else's", status=ActivityStatus.OPEN)
    response = page.get(reverse("activities:mine"))
    groups = [(group.name, [row.activity.title for row in group.rows]) for group in response.context["groups"]]
    assert groups == [("overdue", ["Late"]), ("later", ["Later"])]
    assert "3 days ago" in text(response)


def test_rule_16_every_participant_sees_an_open_activity_as_own(owner):
    other = UserFactory(role="account_manager")
    ActivityFactory(title="Ours", participants=[owner, other], status=ActivityStatus.OPEN)
    for user in (owner, other):
        assert "Ours" in text(client_of(user).get(reverse("activities:mine")))


def test_the_navigation_counts_what_is_due_by_tonight(page, owner):
    ActivityFactory(participants=[owner], status=ActivityStatus.OPEN, start=timezone.now() - DAY)
    ActivityFactory(participants=[owner], status=ActivityStatus.OPEN, start=timezone.now() + 2 * DAY)
    items = page.get(reverse("activities:list")).context["nav_items"]
    assert [item["count"] for item in items if item["url"] == reverse("activities:list")] == [1]


def test_the_figure_in_the_navigation_stops_at_99(page, owner):
    ActivityFactory.create_batch(100, participants=[owner], status=ActivityStatus.OPEN, start=timezone.now() - DAY)
    assert '<span class="n">99+</span>' in text(page.get(reverse("activities:list")))


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
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} \u202eabc 😀" in body
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
    assert (response.status_code, response.context["statuses"], response.context["may_follow"]) == (200, [], False)
    assert admin.post(reverse("activities:status", args=[activity.pk]), {"status": "open"}).status_code == 403


def test_the_buttons_are_the_statuses_that_may_follow(page, owner):
    activity = ActivityFactory(created_by=owner, status=ActivityStatus.IN_PROGRESS)
    buttons = page.get(activity.get_absolute_url()).context["statuses"]
    assert [button.status for button in buttons] == ["done", "open"]


def test_a_tab_comes_alone_when_htmx_asks(page):
    activity = ActivityFactory()
    body = text(page.get(reverse("activities:documents", args=[activity.pk]), headers={"HX-Target": "tab"}))
    assert "<html" not in body
    assert "No documents yet." in body


def test_the_history_tells_who_changed_what(page, owner):
    activity = ActivityFactory(created_by=owner, title="Before")
    page.post(reverse("activities:change", args=[activity.pk]), content(title="After", version=1))
    body = text(page.get(reverse("activities:history", args=[activity.pk])))
    assert ("Before" in body, "After" in body, str(owner) in body) == (True, True, True)


# Logging


def test_logging_begins_with_the_types_frequent_ones_first(page):
    activity_type("call")
    body = text(page.get(reverse("activities:create"), {"customer": 7}))
    assert body.index("type=call&amp;customer=7") < body.index("type=visit") < body.index("type=planning")


def test_a_retired_type_is_not_offered(page):
    kind = activity_type("seminar")
    kind.retired_at = timezone.now()
    kind.save()
    assert "Seminar" not in text(page.get(reverse("activities:create")))
    assert "form" not in page.get(create_url("seminar")).context
    assert page.post(create_url("seminar"), content()).status_code == 404


def test_who_only_reads_and_anonymous_do_not_log(reader):
    assert reader.get(create_url()).status_code == 403
    assert reader.post(create_url(), content()).status_code == 403
    assert Client().post(create_url(), content()).status_code == 302
    assert not Activity.objects.exists()


def test_the_form_knows_the_customer_its_contacts_and_the_time(page):
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    ContactFactory(last_name="Salo", customer=customer)
    ContactFactory(last_name="Elsewhere", customer=CustomerFactory())
    body = text(page.get(create_url(customer=customer.pk)))
    assert ("Nokian Konepaja Oy" in body, "Salo" in body, "Elsewhere" in body) == (True, True, False)
    assert f'value="{timezone.localtime():%d/%m/%Y %H:}' in body


def test_from_a_contact_the_form_knows_both(page):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer)
    form = page.get(create_url(contact=contact.pk)).context["form"]
    assert (form.initial["customer"], form.initial["contacts"]) == (customer.pk, [contact.pk])


def test_a_visit_begins_with_the_next_hour_and_headings(page):
    form = page.get(create_url("visit")).context["form"]
    assert form.initial["start"] > timezone.now()
    assert "What was agreed" in form.initial["memo"]


def test_a_call_is_logged_and_leads_back_to_the_customer(page, owner):
    data = content()
    response = page.post(create_url(customer=data["customer"]), data)
    activity = Activity.objects.get()
    assert response["Location"] == reverse("customers:detail", args=[data["customer"]])
    assert (activity.status, activity.channel, list(activity.users.all())) == ("done", "phone", [owner])


def test_everything_that_the_form_asks_is_written(page, owner):
    customer, other = CustomerFactory(), UserFactory()
    activity_type("visit").keywords.add(keyword("national"))
    contact = ContactFactory(customer=customer)
    data = content(
        customer=customer.pk, goal="The year", memo="Agreed", contacts=[contact.pk], participants=[owner.pk, other.pk],
        end="2.3.2026 10.30", hours="1,5", place="Espoo", channel="video", keywords=[keyword("national").pk],
        status="in_progress",
    )  # fmt: skip
    page.post(create_url("visit"), data)
    row = Activity.objects.get()
    assert (row.goal, row.memo, row.place, row.channel, row.status) == (
        "The year",
        "<p>Agreed</p>",
        "Espoo",
        "video",
        "in_progress",
    )
    assert (str(row.hours), row.end) == ("1.50", local(2026, 3, 2, 10, 30))
    assert (set(row.users.all()), list(row.contacts.all()), row.keywords.count()) == ({owner, other}, [contact], 1)


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("fi", "2026-03-02T09:00"),
        ("fi", "2.3.2026 9.00"),
        ("fi", "02.03.2026 09:00"),
        ("en", "2026-03-02T09:00"),
        ("en", "02/03/2026 09:00"),
        ("en", "2.3.2026 9.00"),
    ],
)
def test_times_are_read_in_finnish_and_english_form(language, start):
    client_of(UserFactory(role="account_manager", language=language)).post(create_url(), content(start=start))
    assert Activity.objects.get().start == local(2026, 3, 2, 9)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "required"),
        ("title", "x" * 201, "at most 200"),
        ("title", "a\x00b", "Null characters"),
        ("memo", "x" * 20_001, "at most 20000"),
        ("start", "", "required"),
        ("start", "yesterday", "Enter the date and the time"),
        ("start", "2026-03-29T03:30", "may not exist"),
        ("start", "2026-10-25T03:30", "ambiguous"),
        ("start", "0001-01-01T00:00", "between 1900 and 2200"),
        ("end", "2026-03-02T08:00", "before the start"),
        ("hours", "many", "number"),
        ("hours", "501", "500"),
        ("customer", "", "Choose the customer"),
        ("customer", "99999", "from the list"),
        ("customer", "x", "from the list"),
        ("contacts", ["99999"], "Select a valid choice"),
        ("participants", ["99999"], "Select a valid choice"),
        ("channel", "pigeon", "Select a valid choice"),
        ("status", "lost", "Select a valid choice"),
    ],
)
def test_bad_input_shows_its_message_and_writes_nothing(page, field, value, message):
    response = page.post(create_url(), content(**{field: value}))
    assert response.status_code == 422
    assert any(message in error for error in response.context["form"].errors[field]), response.context["form"].errors
    assert not Activity.objects.exists()


def test_rule_13_a_visit_without_goal_shows_the_message_at_the_goal(page):
    response = page.post(create_url("visit"), content(goal=" "))
    assert (response.status_code, response.context["form"].errors["goal"]) == (422, ["Enter the goal of the visit."])


def test_rule_2_a_passive_customer_does_not_exist_for_those_who_do_not_see_it(page):
    customer = CustomerFactory(passive=True, name="Entinen Oy")
    hidden, missing = (page.post(create_url(), content(customer=pk)) for pk in (customer.pk, customer.pk + 1000))
    assert (hidden.status_code, missing.status_code, "Entinen Oy" in text(hidden)) == (422, 422, False)
    assert hidden.context["form"].errors == missing.context["form"].errors
    assert hidden.context["form"].errors["customer"] == ["Choose the customer from the list."]
    assert not Activity.objects.exists()


def test_rule_2_who_sees_a_passive_customer_is_told_why_it_takes_no_activity():
    customer = CustomerFactory(passive=True)
    administrator = client_of(UserFactory(role="administrator"))
    response = administrator.post(create_url(), content(customer=customer.pk))
    assert (response.status_code, "is inactive" in text(response)) == (422, True)
    assert not Activity.objects.exists()


def test_a_contact_that_one_does_not_see_is_refused(page):
    hidden = ContactFactory(is_hidden=True, last_name="Piilossa")
    response = page.post(create_url(), content(contacts=[hidden.pk]))
    assert (response.status_code, "Piilossa" in text(response)) == (422, False)


def test_a_form_sent_twice_logs_once(page):
    data = content(submission_key=str(uuid.uuid4()))
    first, second = (page.post(create_url(), data) for _ in range(2))
    assert (first["Location"], Activity.objects.count()) == (second["Location"], 1)


def test_without_javascript_the_customer_is_found_by_typing(page):
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    page.post(create_url(), content(customer="", customer_search="nokian konepaja"))
    assert Activity.objects.get().customer == customer


def test_without_javascript_several_customers_are_offered(page):
    CustomerFactory(name="Nokian Konepaja Oy")
    CustomerFactory(name="Nokian Leipomo Oy")
    response = page.post(create_url(), content(customer="", customer_search="nokian"))
    assert response.status_code == 422
    assert "Several customers match" in text(response)
    assert all(name in text(response) for name in ("Nokian Konepaja Oy", "Nokian Leipomo Oy"))


def test_in_the_dialog_success_moves_the_whole_page(page):
    data = content()
    response = page.post(
        create_url(customer=data["customer"]), data, headers={"HX-Request": "true", "HX-Target": "dialog"}
    )
    assert (response.status_code, response["HX-Redirect"]) == (
        204,
        reverse("customers:detail", args=[data["customer"]]),
    )


def test_a_follow_up_knows_what_it_follows(page, owner):
    first = ActivityFactory(created_by=owner, contacts=[ContactFactory()])
    url = create_url(follow=first.pk)
    form = page.get(url).context["form"]
    assert (form.initial["customer"], form.initial["contacts"]) == (first.customer_id, [first.contacts.get().pk])
    page.post(url, content(customer=first.customer_id))
    assert first.follow_ups.count() == 1


def test_another_customer_brings_its_contacts(page):
    customer = CustomerFactory()
    ContactFactory(last_name="Salo", customer=customer)
    activity_type("call")
    body = text(page.get(reverse("activities:contacts_field"), {"customer": customer.pk}))
    assert ("Salo" in body, "<html" in body) == (True, False)


# Changing and closing


def test_a_change_is_written_and_the_type_stays(page, owner):
    activity = ActivityFactory(created_by=owner)
    response = page.post(
        reverse("activities:change", args=[activity.pk]), content(title="New", version=1, type="visit")
    )
    activity.refresh_from_db()
    assert (response.status_code, activity.title, activity.type.code, activity.version) == (302, "New", "call", 2)


def test_a_form_that_is_saved_as_it_came_changes_nothing_but_the_version(page, owner):
    activity = ActivityFactory(
        created_by=owner, type=activity_type("visit"), goal="The year", words=["national"],
        contacts=[ContactFactory()], participants=[UserFactory(is_active=False), owner], end=timezone.now() + DAY,
    )  # fmt: skip
    url = reverse("activities:change", args=[activity.pk])
    form = page.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    data |= {name: data[name].isoformat() for name in ("start", "end")}
    before = (set(activity.users.all()), set(activity.contacts.all()), set(activity.keywords.all()), activity.start)
    response = page.post(url, data)
    assert response.status_code == 302, response.context["form"].errors
    row = Activity.objects.get()
    assert (set(row.users.all()), set(row.contacts.all()), set(row.keywords.all()), row.start) == before


def test_of_two_who_change_at_the_same_time_the_second_is_told(page, owner):
    activity = ActivityFactory(created_by=owner, version=2)
    response = page.post(reverse("activities:change", args=[activity.pk]), content(title="Mine", version=1))
    activity.refresh_from_db()
    assert (response.status_code, "Someone else changed this" in text(response)) == (422, True)
    assert ("Mine" in text(response), activity.title != "Mine") == (True, True)


@pytest.mark.parametrize("name", ["change", "finish"])
def test_only_participants_and_those_who_may_change_all_change(page, colleague, reader, owner, name):
    url = reverse(f"activities:{name}", args=[ActivityFactory(created_by=owner).pk])
    management = client_of(UserFactory(role="management"))
    codes = [client.get(url).status_code for client in (page, management, colleague, reader, Client())]
    assert codes == [200, 200, 403, 403, 302]


def test_one_click_closes_and_answers_the_row_with_undo(page, owner):
    activity = ActivityFactory(participants=[owner], status=ActivityStatus.OPEN)
    url = reverse("activities:status", args=[activity.pk])
    headers = {"HX-Request": "true", "HX-Target": f"mine-{activity.pk}"}
    response = page.post(url, {"status": "done"}, headers=headers)
    assert f'id="mine-{activity.pk}"' in text(response)
    assert reverse("activities:undo", args=[activity.pk]) in response["HX-Trigger"]
    activity.refresh_from_db()
    assert activity.status == ActivityStatus.DONE


def test_undo_opens_it_again_and_returns_to_the_list(page, owner):
    activity = ActivityFactory(participants=[owner], status=ActivityStatus.OPEN)
    page.post(reverse("activities:status", args=[activity.pk]), {"status": "done"})
    response = page.post(f"{reverse('activities:undo', args=[activity.pk])}?next=/activities/mine/")
    activity.refresh_from_db()
    assert (response["Location"], activity.status) == ("/activities/mine/", ActivityStatus.OPEN)


def test_what_a_colleague_closed_is_not_undone_without_a_reason(page, owner):
    activity = ActivityFactory(participants=[owner], status=ActivityStatus.OPEN)
    page.post(reverse("activities:status", args=[activity.pk]), {"status": "done"})
    manager = client_of(UserFactory(role="management"))
    response = manager.post(reverse("activities:undo", args=[activity.pk]), follow=True)
    activity.refresh_from_db()
    assert ("can no longer be undone" in text(response), activity.status) == (True, ActivityStatus.DONE)


def test_reopening_asks_the_reason(page, owner):
    activity = ActivityFactory(participants=[owner])
    reopen = reverse("activities:reopen", args=[activity.pk])
    response = page.post(reverse("activities:status", args=[activity.pk]), {"status": "open"})
    assert response["Location"].startswith(reopen)
    response = page.post(reopen, {"reason": "x", "version": 1})
    assert (response.status_code, "at least 3" in text(response)) == (422, True)
    assert page.post(reopen, {"reason": "Closed by mistake", "version": 1}).status_code == 302
    activity.refresh_from_db()
    assert (activity.status, activity.status_changes.get().reason) == ("open", "Closed by mistake")


@pytest.mark.parametrize("url", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_no_status_change_leads_away_from_here(page, owner, url):
    activity = ActivityFactory(participants=[owner], status=ActivityStatus.OPEN)
    response = page.post(reverse("activities:status", args=[activity.pk]), {"status": "done", "next": url})
    assert response["Location"] == activity.get_absolute_url()


def test_an_unknown_status_does_not_exist(page, owner):
    activity = ActivityFactory(participants=[owner])
    assert page.post(reverse("activities:status", args=[activity.pk]), {"status": "lost"}).status_code == 404


def test_a_status_that_may_not_follow_is_told(page, owner):
    activity = ActivityFactory(participants=[owner])
    url = reverse("activities:status", args=[activity.pk])
    assert page.post(url, {"status": "in_progress"})["Location"].startswith(
        reverse("activities:reopen", args=[activity.pk])
    )


def test_closing_a_visit_asks_for_its_report(page, owner):
    kind = activity_type("visit")
    activity = ActivityFactory(
        type=kind, goal="The year", memo=kind.memo_template_fi, participants=[owner], status=ActivityStatus.OPEN
    )
    finish = reverse("activities:finish", args=[activity.pk])
    response = page.post(reverse("activities:status", args=[activity.pk]), {"status": "done"})
    assert response["Location"].startswith(finish)
    assert page.post(finish, {"memo": "Agreed on three trainings", "version": 1}).status_code == 302
    activity.refresh_from_db()
    assert (activity.status, activity.memo) == (ActivityStatus.DONE, "<p>Agreed on three trainings</p>")


def test_rule_12_closing_negative_feedback_asks_how_it_was_settled(page, owner):
    activity = ActivityFactory(
        type=activity_type("feedback"), words=["negative"], participants=[owner], status=ActivityStatus.OPEN
    )
    finish = reverse("activities:finish", args=[activity.pk])
    assert page.post(finish, {"memo": "", "settlement": " ", "version": 1}).status_code == 422
    activity.refresh_from_db()
    assert activity.status == ActivityStatus.OPEN
    page.post(finish, {"memo": "", "settlement": "A new trainer", "version": 1})
    activity.refresh_from_db()
    assert (activity.status, activity.settlement) == (ActivityStatus.DONE, "A new trainer")


def test_who_may_not_change_does_not_close(colleague, reader):
    activity = ActivityFactory(status=ActivityStatus.OPEN)
    url = reverse("activities:status", args=[activity.pk])
    assert [client.post(url, {"status": "done"}).status_code for client in (colleague, reader, Client())] == [
        403,
        403,
        302,
    ]


# On other pages


def test_the_customers_page_has_the_tab_and_the_timeline(page):
    activity = ActivityFactory(title="Ours")
    ActivityFactory(title="Another's")
    for name in ("customer_tab", "timeline"):
        body = text(page.get(reverse(f"activities:{name}", args=[activity.customer_id])))
        assert ("Ours" in body, "Another's" in body) == (True, False)
    body = text(page.get(reverse("customers:detail", args=[activity.customer_id])))
    assert reverse("activities:timeline", args=[activity.customer_id]) in body


def test_the_contacts_page_has_the_tab(page):
    contact = ContactFactory(customer=CustomerFactory())
    ActivityFactory(title="Ours", contacts=[contact])
    ActivityFactory(title="Another's")
    body = text(page.get(reverse("activities:contact_tab", args=[contact.pk])))
    assert ("Ours" in body, "Another's" in body) == (True, False)


@pytest.mark.parametrize("target", ["tab", "list"])
def test_a_tab_answers_fragments_and_exports(page, target):
    activity = ActivityFactory(title="Ours")
    url = reverse("activities:customer_tab", args=[activity.customer_id])
    body = text(page.get(url, headers={"HX-Target": target, "HX-Request": "true"}))
    assert ("<html" in body, "Ours" in body) == (False, True)
    assert b"Ours" in b"".join(page.get(url, {"export": "csv"}).streaming_content)


@pytest.mark.parametrize("name", ["customer_tab", "timeline"])
def test_activities_of_a_passive_customer_do_not_exist(page, name):
    url = reverse(f"activities:{name}", args=[ActivityFactory(customer=CustomerFactory(passive=True)).customer_id])
    assert page.get(url).status_code == 404


def test_the_log_button_knows_whose_page_is_open(page):
    customer = CustomerFactory()
    response = page.get(reverse("customers:detail", args=[customer.pk]))
    assert response.context["log_url"] == f"{reverse('activities:create')}?customer={customer.pk}"


def test_the_top_search_finds_activities_and_commands(page):
    ActivityFactory(title="Hitsauskoulutus")
    body = text(page.get(reverse("core:search"), {"q": "hitsauskoulutuksen"}))
    assert "Hitsauskoulutus" in body
    assert reverse("activities:log_call") in text(page.get(reverse("core:search"), {"q": "call"}))


def test_the_command_log_a_call_opens_the_form(page):
    activity_type("call")
    assert page.get(reverse("activities:log_call"), follow=True).context["form"].type.code == "call"


# Documents


def test_a_document_is_attached_and_removed(page, colleague, reader):
    from django.core.files.uploadedfile import SimpleUploadedFile

    activity = ActivityFactory()
    add = reverse("activities:documents_add", args=[activity.pk])
    assert reader.get(add).status_code == 403
    page.post(add, {"file": SimpleUploadedFile("minutes.txt", b"Agreed"), "description": "Minutes"})
    body = text(reader.get(reverse("activities:documents", args=[activity.pk])))
    assert ("minutes.txt" in body, "Minutes" in body) == (True, True)
    from core.documents import documents_of

    [document] = documents_of(activity)
    colleague.post(reverse("activities:documents_remove", args=[activity.pk, document.pk]))
    assert not documents_of(activity)


# Types and keywords


@pytest.mark.parametrize("name", ["types", "type_add", "keyword_add"])
def test_only_administrators_keep_types(page, reader, name):
    url, admin = reverse(f"activities:{name}"), client_of(UserFactory(role="administrator"))
    assert [client.get(url).status_code for client in (admin, page, reader, Client())] == [200, 403, 403, 302]


def test_an_administrator_changes_a_type_but_not_its_code():
    admin, kind = client_of(UserFactory(role="administrator")), activity_type("visit")
    data = {
        "name_fi": "Vierailu",
        "name_en": "Call on",
        "code": "other",
        "icon": "door-enter",
        "duration": 90,
        "order": 20,
        **STATUSES,
    }
    assert admin.post(reverse("activities:type_change", args=[kind.pk]), data).status_code == 302
    kind.refresh_from_db()
    assert (kind.name_en, kind.code, kind.duration, kind.keywords.count()) == ("Call on", "visit", 90, 0)


def test_a_new_type_is_offered():
    admin = client_of(UserFactory(role="administrator"))
    data = {
        "name_fi": "Messut",
        "name_en": "Fair",
        "code": "fair",
        "icon": "flag",
        "duration": 480,
        "order": 200,
    } | STATUSES
    admin.post(reverse("activities:type_add"), data)
    assert "Fair" in text(admin.get(reverse("activities:create")))
    response = admin.post(reverse("activities:type_add"), data)
    assert (response.status_code, "code" in str(response.context["form"].errors).lower()) == (422, True)


def test_a_type_is_retired_and_restored():
    admin, kind = client_of(UserFactory(role="administrator")), activity_type("seminar")
    url = reverse("activities:type_retire", args=[kind.pk])
    for retired in (True, False):
        assert admin.get(url).status_code == 200
        admin.post(url)
        kind.refresh_from_db()
        assert kind.is_retired == retired
