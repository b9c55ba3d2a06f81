"""The pages and endpoints of feedback, leads and NPS, as owner, colleague, outsider and anonymous."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback, NpsQuestion
from activities.feedback.services.feedback import feedback_answer
from activities.leads.enums import LeadState
from activities.leads.models import Lead, LeadCloseReason
from activities.leads.services import lead_set_state
from activities.log.enums import ActivityStatus, FollowKind
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from core import clock
from core.tests.bulk import bulk, outcome, undo
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def user(client):
    """An account manager who has signed in."""
    user = manager()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def manager(**given):
    """Return a user who may be responsible for feedback."""
    return UserFactory(role="account_manager", **given)


def hear(title="Trainer was late", words=("negative",), due=None, **kwargs):
    given = {
        "customer": CustomerFactory(owner=manager()),
        "user": manager(),
        **kwargs,
    }
    activity = activity_log(
        type=activity_type("feedback"), title=title, keywords=[keyword(code) for code in words], **given
    )
    if due:
        Feedback.objects.filter(pk=activity.pk).update(answer_due=due)
    return activity


def open_lead(title="Needs training", **kwargs):
    given = {"customer": CustomerFactory(), "user": manager(), **kwargs}
    return activity_log(type=activity_type("lead"), title=title, **given)


def page(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("tab", "titles"),
    [
        ("", ["Late one", "Coming one", "My own"]),
        ("late", ["Late one"]),
        ("mine", ["My own"]),
        ("unsettled", ["Late one", "Coming one", "My own", "Answered one"]),
        ("answered", ["Answered one"]),
        ("all", ["Late one", "Coming one", "My own", "Answered one", "Thanks"]),
    ],
)
def test_each_tab_of_the_queue_has_its_own(client, user, tab, titles):
    now = timezone.now()
    hear("Late one", due=now - HOUR)
    hear("Coming one", due=now + 90 * HOUR)
    hear("My own", details={"responsible": user}, due=now + 90 * HOUR)
    feedback_answer(activity=hear("Answered one"), user=manager(), answer="Sorry")
    hear("Thanks", words=("positive",))
    found = page(client, "feedback:list", tab=tab)
    every = ("Late one", "Coming one", "My own", "Answered one", "Thanks")
    assert {title for title in every if f">{title}<" in found} == set(titles)


def test_the_queue_begins_with_what_is_due_first(client, user):
    now = timezone.now()
    hear("Second", due=now + HOUR)
    hear("First", due=now - HOUR)
    found = page(client, "feedback:list")
    assert found.index("First") < found.index("Second")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ({"tone": "negative"}, "Bad"),
        ({"tone": "enquiry"}, "Question"),
        ({"about": "person"}, "Bad"),
        ({"q": "question"}, "Question"),
    ],
)
def test_the_queue_is_filtered(client, user, query, title):
    hear("Bad", details={"about": "person"})
    hear("Question", words=())
    found = page(client, "feedback:list", **query)
    assert [word for word in ("Bad", "Question") if f">{word}<" in found] == [title]


@pytest.mark.parametrize("query", ["tone=x", "group=x", "group=999999", "start_from=x", "about=x", "responsible=\x00"])
def test_a_filter_that_cannot_be_read_shows_nothing_and_says_so(client, user, query):
    hear("Bad")
    response = client.get(f"/feedback/?{query}")
    assert response.status_code == 400
    assert ">Bad<" not in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", ["feedback:list", "leads:list"])
def test_lists_cost_the_same_for_any_number_of_rows(client, user, count, name, django_assert_max_num_queries):
    for _n in range(count):
        hear()
        open_lead()
    with django_assert_max_num_queries(34):
        page(client, name)


def test_feedback_is_exported_as_filtered(client, user):
    hear("Bad")
    hear("Thanks", words=("positive",))
    response = client.get("/feedback/?tab=waiting&export=csv")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert b"Bad" in content
    assert b"Thanks" not in content


def test_an_answer_is_written_on_the_page(client, user):
    activity = hear()
    url = reverse("feedback:answer", args=[activity.pk])
    content = {"answer": "Sorry <script>alert(1)</script> 😀", "channel": "phone", "version": activity.version}
    assert client.post(url, content).status_code == 302
    feedback = Feedback.objects.get()
    assert (feedback.answered_by, feedback.answer) == (user, "Sorry <script>alert(1)</script> 😀")
    assert "&lt;script&gt;" in page(client, "feedback:panel", activity.pk)


def test_the_head_of_unanswered_feedback_offers_the_answer_first(client, user):
    activity = hear(user=user, due=clock.now() + HOUR)
    steps = client.get(activity.get_absolute_url()).context["steps"]
    assert [step.url for step in steps if step.is_main] == [reverse("feedback:answer", args=[activity.pk])]
    feedback_answer(activity=activity, user=user, answer="Sorry")
    steps = client.get(activity.get_absolute_url()).context["steps"]
    assert reverse("feedback:answer", args=[activity.pk]) not in [step.url for step in steps]


def test_an_answer_from_another_page_leads_back_to_it(client, user):
    activity = hear()
    url = f"{reverse('feedback:answer', args=[activity.pk])}?next=/feedback/"
    assert client.post(url, {"answer": "Sorry", "version": activity.version}).headers["Location"] == "/feedback/"


@pytest.mark.parametrize(("field", "value"), [("answer", ""), ("answer", "a" * 5_001), ("channel", "smoke")])
def test_a_wrong_answer_shows_its_message_and_changes_nothing(client, user, field, value):
    activity = hear()
    url = reverse("feedback:answer", args=[activity.pk])
    response = client.post(url, {"answer": "Sorry", field: value})
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert Feedback.objects.get().answered_at is None


def test_an_answer_over_somebody_elses_change_is_told(client, user):
    activity = hear()
    url = reverse("feedback:answer", args=[activity.pk])
    response = client.post(url, {"answer": "Sorry", "version": activity.version - 1})
    assert response.status_code == 422
    assert Feedback.objects.get().answered_at is None


def test_resolving_on_the_page(client, user):
    activity = hear()
    client.post(reverse("feedback:settle", args=[activity.pk]), {"settlement": "Trainer changed"})
    assert Activity.objects.get().status == ActivityStatus.DONE


def test_feedback_is_assigned_to_one_person_and_back_by_undo(client, user):
    rows, colleague = [hear(), hear()], manager()
    answered = hear()
    feedback_answer(activity=answered, user=colleague, answer="Sorry")
    offered = [item.name for item in client.get(reverse("feedback:list")).context["bulk_actions"]]
    assert offered == ["feedback.assign", "feedback.export"]
    before = list(Feedback.objects.order_by("pk").values_list("responsible", flat=True))
    run = bulk(user, "feedback.assign", [*rows, answered], responsible=colleague.pk)
    assert outcome(run, answered) == ("refused", "answered")
    assert Feedback.objects.filter(responsible=colleague, answered_at__isnull=True).count() == 2
    assert rows[0].participations.filter(user=colleague).exists()
    assert list(Notification.objects.filter(user=colleague, kind="bulk_operation").values_list("data__count")) == [(2,)]
    undo(run)
    assert list(Feedback.objects.order_by("pk").values_list("responsible", flat=True)) == before
    assert not rows[0].participations.filter(user=colleague).exists()


def test_feedback_received_on_a_visit_is_logged_from_its_page(client, user):
    call = ActivityFactory(contacts=[ContactFactory()])
    url = f"{reverse('activities:create')}?type=feedback&heard={call.pk}"
    assert url.replace("&", "&amp;") in page(client, "feedback:heard", call.pk)
    content = {
        "title": "Trainer was late", "customer": call.customer_id, "start": "2026-11-20 10:00",
        "keywords": [keyword("negative").pk], "memo": "He told",
    }  # fmt: skip
    assert client.post(url, content).status_code == 302
    heard = Activity.objects.get(type__code="feedback")
    assert (heard.follows, heard.follow_kind) == (call, FollowKind.HEARD_ON)
    assert heard.feedback.answer_due is not None
    assert "Trainer was late" in page(client, "feedback:heard", call.pk)


@pytest.mark.parametrize("name", ["feedback:panel", "feedback:answer", "leads:panel", "leads:take"])
def test_other_activities_are_no_feedback_and_no_leads(client, user, name):
    assert client.get(reverse(name, args=[ActivityFactory().pk])).status_code == 404


@pytest.mark.parametrize("place", ["customer", "contact"])
def test_customers_and_contacts_have_their_feedback_on_a_tab(client, user, place):
    contact = ContactFactory()
    activity = hear("Bad", contacts=[contact])
    hear("Other")
    found = page(client, f"feedback:{place}_tab", activity.customer_id if place == "customer" else contact.pk)
    assert ">Bad<" in found
    assert ">Other<" not in found


@pytest.mark.parametrize(
    ("tab", "titles"),
    [("", ["Free"]), ("mine", ["My own"]), ("taken", ["My own", "Theirs"]), ("all", ["Free", "My own", "Theirs"])],
)
def test_each_tab_of_leads_has_its_own(client, user, tab, titles):
    open_lead("Free")
    lead_set_state(activity=open_lead("My own"), state=LeadState.CLAIMED, user=user)
    lead_set_state(activity=open_lead("Theirs"), state=LeadState.CLAIMED, user=manager())
    found = page(client, "leads:list", tab=tab)
    assert {title for title in ("Free", "My own", "Theirs") if f">{title}<" in found} == set(titles)


def test_the_list_of_leads_says_what_they_are_worth(client, user):
    open_lead(details={"value": 4500})
    open_lead(details={"value": 500})
    foot = client.get(reverse("leads:list"), {"sums": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "5,000" in foot


def test_a_lead_is_taken_and_closed_on_its_page(client, user):
    activity = open_lead()
    reason = LeadCloseReason.objects.create(code="x", name_fi="Ei", name_en="No need")
    client.post(reverse("leads:take", args=[activity.pk]))
    assert Lead.objects.get().taken_by == user
    client.post(reverse("leads:close", args=[activity.pk]), {"close_reason": reason.pk})
    assert (Lead.objects.get().state, Activity.objects.get().status) == (LeadState.CLOSED, ActivityStatus.DONE)


def test_the_head_of_a_lead_offers_its_next_step_first(client, user):
    activity = open_lead()
    main = [step.url for step in client.get(activity.get_absolute_url()).context["steps"] if step.is_main]
    assert main == [reverse("leads:take", args=[activity.pk])]
    client.post(main[0])
    main = [step.url for step in client.get(activity.get_absolute_url()).context["steps"] if step.is_main]
    assert main == [reverse("leads:customer", args=[activity.pk])]


def test_closing_without_a_reason_shows_its_message(client, user):
    activity = open_lead(user=user)
    response = client.post(reverse("leads:close", args=[activity.pk]), {})
    assert response.status_code == 422
    assert "close_reason" in response.context["form"].errors
    assert Lead.objects.get().state == LeadState.UNASSIGNED


def test_the_first_contact_is_told_when_the_lead_becomes_a_customer(client, user):
    activity = open_lead(user=user)
    lead_set_state(activity=activity, state=LeadState.CLAIMED, user=user)
    content = {"type": activity_type("call").pk, "title": "Agreed on a meeting"}
    assert client.post(reverse("leads:customer", args=[activity.pk]), content).status_code == 302
    assert Lead.objects.get().state == LeadState.CUSTOMER
    assert Activity.objects.get(title="Agreed on a meeting").follows == activity


def test_who_neither_opened_nor_took_a_lead_does_not_close_it(client, user):
    assert client.get(reverse("leads:close", args=[open_lead().pk])).status_code == 403


def test_a_contact_is_asked_on_the_page(client, user, django_capture_on_commit_callbacks):
    cache.clear()
    contact = ContactFactory(customer=CustomerFactory(), email="a@example.fi")
    silent = ContactFactory(customer=contact.positions.get().customer)
    response = client.get(reverse("feedback:nps_ask_contact", args=[contact.pk]), follow=True)
    assert str(contact) in response.content.decode()
    url = reverse("feedback:nps_ask", args=[contact.positions.get().customer_id])
    assert f"{silent} has no e-mail address." in client.get(url).content.decode()
    assert client.post(url, {"contacts": [contact.pk]}).status_code == 302
    assert NpsQuestion.objects.get().contact == contact


def test_asking_twice_with_one_form_asks_once(client, user):
    contact = ContactFactory(customer=CustomerFactory(), email="a@example.fi")
    url = reverse("feedback:nps_ask", args=[contact.positions.get().customer_id])
    key = "0b7c3f0e-9d5c-4d9b-8f2e-1c2d3e4f5a6b"
    for _n in range(2):
        assert client.post(url, {"contacts": [contact.pk], "submission_key": key}).status_code == 302
    assert NpsQuestion.objects.count() == 1


def test_a_contact_of_another_customer_is_not_asked(client, user):
    other = ContactFactory(customer=CustomerFactory(), email="a@example.fi")
    url = reverse("feedback:nps_ask", args=[CustomerFactory().pk])
    assert client.post(url, {"contacts": [other.pk]}).status_code == 422
    assert not NpsQuestion.objects.exists()


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 200), ("first=2026-01-01&last=2026-03-31", 200), ("first=x", 400), ("first=2026-03-31&last=2026-01-01", 400)],
)
def test_the_figures_open_for_any_period_that_can_be(client, user, query, status):
    assert client.get(f"/nps/?{query}").status_code == status


@pytest.mark.parametrize("name", ["feedback:list", "leads:list", "feedback:nps"])
def test_strangers_sign_in_first(client, name):
    assert client.get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["feedback:answer", "feedback:assign", "feedback:settle", "feedback:no_answer"])
def test_a_viewer_answers_nothing(client, name):
    viewer = UserFactory(role="read_only")
    client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
    activity = hear()
    assert client.post(reverse(name, args=[activity.pk]), {"answer": "x"}).status_code == 403
    assert Feedback.objects.get().answered_at is None


def call(client, url, **content):
    return client.post(url, content, content_type="application/json")


def test_the_api_has_the_queue_and_its_steps(client, user):
    activity = hear()
    listed = client.get("/api/v1/feedback/?state=waiting").json()["results"]
    assert [(row["id"], row["tone"]) for row in listed] == [(activity.pk, ["negative"])]
    answered = call(client, f"/api/v1/feedback/{activity.pk}/answer/", answer="Sorry", version=activity.version)
    assert answered.json()["feedback"]["answered_by"] == user.pk
    again = call(client, f"/api/v1/feedback/{activity.pk}/answer/", answer="Once more")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "already_answered")
    resolved = call(client, f"/api/v1/feedback/{activity.pk}/settle/", settlement="Trainer changed")
    assert resolved.json()["status"] == "done"


def test_the_api_moves_leads(client, user):
    activity = open_lead()
    LeadCloseReason.objects.create(code="no_need_x", name_fi="Ei", name_en="No need")
    taken = call(client, f"/api/v1/leads/{activity.pk}/take/")
    assert taken.json()["lead"]["taken_by"] == user.pk
    assert call(client, f"/api/v1/leads/{activity.pk}/return/", reason="").status_code == 400
    closed = call(client, f"/api/v1/leads/{activity.pk}/close/", close_reason="no_need_x")
    assert (closed.json()["lead"]["state"], closed.json()["status"]) == ("closed", "done")


def test_the_api_asks_and_counts(client, user):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer, email="a@example.fi")
    asked = call(client, "/api/v1/nps/", customer=customer.pk, contacts=[contact.pk])
    assert (asked.status_code, "digest" in asked.json()[0]) == (201, False)
    assert call(client, "/api/v1/nps/", customer=customer.pk, contacts=[contact.pk]).status_code == 409
    assert client.get("/api/v1/nps/").json()["overall"]["n"] == 0
    assert client.get("/api/v1/nps/?first=x").status_code == 400


def test_the_api_knows_no_passive_customer(client, user):
    passive = CustomerFactory(passive=True)
    assert call(client, "/api/v1/nps/", customer=passive.pk, contacts=[1]).status_code == 400
