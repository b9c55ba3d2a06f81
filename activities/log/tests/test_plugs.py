"""What subjects declare for layers below them: details of types, outboxes, handlers of messages, sources of text."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db.models import Q

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType, Encounter
from activities.log.plugs import PLAIN, GoingOn, TextSource, TypeDetails, type_details
from activities.log.selectors import add_snippets
from activities.log.services.activities import activity_log
from activities.log.services.status import activities_close, activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail.enums import MessageState
from activities.mail.plugs import MessageHandler
from activities.mail.senders import reason_texts
from activities.mail.tasks import sweep_emails
from activities.mail.tests.letters import letter, receive
from core.exceptions import BusinessRuleError
from crm import registrations
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


@pytest.fixture
def declare(monkeypatch):
    """Declare something the way an app does."""
    return lambda name, *items: monkeypatch.setattr(registrations, name, items, raising=False)


def audit_type(**options):
    """Return a type with details that nobody declares yet."""
    return ActivityType.objects.create(code="audit", name_fi="Auditointi", name_en="Audit", details="audit", **options)


def test_every_type_of_the_default_data_has_its_details_declared():
    activity_type("call")
    codes = set(ActivityType.objects.exclude(details="").values_list("details", flat=True))
    assert codes == {details.code for details in type_details()}


def test_details_that_nobody_declares_are_those_of_a_plain_type():
    assert audit_type().own_details == PLAIN


def test_a_declared_filler_completes_a_new_row(user, declare):
    def fill(encounter):
        encounter.matters = "Filled in"

    declare("TYPE_DETAILS", TypeDetails(code="audit", label="audit", model=Encounter, fill=fill))
    activity = activity_log(user=user, type=audit_type(), title="Yearly audit", customer=CustomerFactory())
    assert Encounter.objects.get(activity=activity).matters == "Filled in"


def test_a_declared_check_refuses_a_status(user, declare):
    def refuse(activity):
        if activity.status == ActivityStatus.DONE:
            raise BusinessRuleError("audit_open", "The audit goes on.")

    declare("TYPE_DETAILS", TypeDetails(code="audit", label="audit", check=refuse))
    activity = ActivityFactory(type=audit_type(), status=ActivityStatus.OPEN, participants=[user])
    with pytest.raises(BusinessRuleError, match="The audit goes on"):
        activity_set_status(activity=activity, status=ActivityStatus.DONE, user=user)
    activity.refresh_from_db()
    assert activity.status == ActivityStatus.OPEN


def test_closing_many_leaves_open_what_is_declared_as_going_on(user, declare):
    audits = GoingOn(name="audits", condition=Q(type__details="audit"))
    declare("TYPE_DETAILS", TypeDetails(code="audit", label="audit", going_on=audits))
    audit = ActivityFactory(type=audit_type(), status=ActivityStatus.OPEN, participants=[user])
    call = ActivityFactory(status=ActivityStatus.OPEN, participants=[user])
    result = activities_close(user=user, ids=[audit.pk, call.pk], reason="Not needed any more")
    assert (result.closed, result.going_on["audits"]) == (1, [audit.pk])


def test_the_sweeper_sweeps_every_declared_outbox(declare):
    swept = []
    outboxes = [SimpleNamespace(sweep=lambda name=name: swept.append(name)) for name in ("first", "second")]
    declare("OUTBOXES", *outboxes)
    sweep_emails()
    assert swept == ["first", "second"]


@pytest.mark.parametrize(
    ("handles", "is_concerned", "state"),
    [
        (True, True, MessageState.IGNORED),
        (True, False, MessageState.INBOX),
        (False, True, MessageState.INBOX),
    ],
)
def test_a_message_that_a_declared_handler_has_read_becomes_no_activity(declare, handles, is_concerned, state):
    senders = []

    def handle(parsed, sender):
        senders.append(sender)
        return is_concerned

    handler = MessageHandler(reason="order", words="An order.", handles=lambda parsed: handles, handle=handle)
    declare("MESSAGE_HANDLERS", handler)
    message = receive(letter(sender="shop@supplier.fi")).message
    assert (message.state, message.activity) == (state, None)
    assert senders == (["shop@supplier.fi"] if handles else [])
    assert reason_texts("order") == ["An order."]
    if state == MessageState.IGNORED:
        assert message.error == "order"


def test_the_search_finds_words_in_declared_texts_and_shows_them(declare):
    audit, other = ActivityFactory(title="Visit"), ActivityFactory(title="Visit")
    source = TextSource(
        activity_ids=lambda query: Activity.objects.filter(pk=audit.pk).values("pk"),
        texts=lambda rows: {audit.pk: "<p>Ventilation works</p>"},
    )
    declare("TEXT_SOURCES", source)
    rows = list(Activity.objects.search("ventilation"))
    assert (audit in rows, other in rows) == (True, False)
    add_snippets(rows, "ventilation")
    assert "<mark>Ventilation</mark> works" in rows[0].snippet
