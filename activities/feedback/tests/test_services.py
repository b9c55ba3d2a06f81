"""Services of feedback: assignment, answering, resolving, escalation of late answers."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback
from activities.feedback.services.feedback import (
    feedback_answer,
    feedback_assign,
    feedback_escalate_late,
    feedback_needs_no_answer,
    feedback_resolve,
)
from activities.log.enums import ActivityStatus, FollowKind
from activities.log.services.activities import activity_log
from activities.log.services.status import activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from core.exceptions import BusinessRuleError, StaleVersionError
from core.working_days import answer_due
from customers.enums import ResponsibilityRole
from customers.models import Customer
from customers.tests.factories import CustomerFactory, ResponsibilityFactory

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


def manager(**given):
    """Return a user who may be responsible for feedback."""
    return UserFactory(role="account_manager", **given)


def hear(*words, user=None, **kwargs):
    """Log feedback by its service."""
    given = {"title": "Trainer was late", "keywords": [keyword(code) for code in words], **kwargs}
    if "customer" not in given:
        given["customer"] = CustomerFactory(owner=manager())
    return activity_log(user=user or manager(), type=activity_type("feedback"), **given)


def late(customer=None, **kwargs):
    activity = hear("negative", customer=customer or CustomerFactory(owner=manager()), **kwargs)
    Feedback.objects.update(answer_due=timezone.now() - HOUR)
    return activity


def told(kind):
    return set(Notification.objects.filter(kind=kind).values_list("user__username", flat=True))


def test_the_owner_answers_when_nobody_is_named():
    owner = manager()
    activity = hear("negative", customer=CustomerFactory(owner=owner))
    assert activity.feedback.responsible == owner


def test_the_deputy_answers_for_a_customer_without_an_owner():
    deputy, customer = manager(), CustomerFactory()
    ResponsibilityFactory(customer=customer, user=deputy, role=ResponsibilityRole.DEPUTY)
    assert hear(customer=customer).feedback.responsible == deputy


def test_who_logged_it_answers_for_a_customer_without_anybody():
    user = manager()
    assert hear(customer=CustomerFactory(), user=user).feedback.responsible == user


def test_the_answer_is_due_in_two_working_days():
    start = timezone.now() - HOUR
    assert hear("negative", start=start).feedback.answer_due == answer_due(start)


def test_what_is_told_is_kept():
    responsible, due = manager(), timezone.now() + HOUR
    feedback = hear(details={"responsible": responsible, "answer_due": due, "about": "person"}).feedback
    assert (feedback.responsible, feedback.answer_due, feedback.about) == (responsible, due, "person")


def test_thanks_need_no_answer():
    assert hear("positive").feedback.answer_due is None


def test_an_enquiry_is_owed_an_answer():
    assert hear().feedback.answer_due is not None


def test_the_responsible_is_told():
    responsible = manager()
    hear("negative", details={"responsible": responsible})
    assert told("feedback_given") == {responsible.username}


def test_one_is_not_told_of_what_one_logs_oneself():
    owner = manager()
    hear("negative", customer=CustomerFactory(owner=owner), user=owner)
    assert told("feedback_given") == set()


def test_feedback_heard_on_a_visit_is_linked_to_it():
    call = ActivityFactory()
    activity = hear(customer=call.customer, follows=call, follow_kind=FollowKind.HEARD_ON)
    assert list(call.follow_ups.all()) == [activity]


def test_an_answer_tells_who_when_and_how():
    activity, user = hear("negative"), manager()
    feedback_answer(activity=activity, user=user, answer="A new trainer comes", channel="phone")
    feedback = Feedback.objects.get()
    assert (feedback.answer, feedback.answered_by, feedback.answer_channel) == ("A new trainer comes", user, "phone")
    assert feedback.answered_at is not None


def test_rule_12_answered_negative_feedback_stays_open_until_it_is_resolved():
    activity, user = hear("negative"), manager()
    assert feedback_answer(activity=activity, user=user, answer="Sorry").status == ActivityStatus.OPEN
    resolved = feedback_resolve(activity=activity, user=user, settlement="Trainer changed")
    assert (resolved.status, resolved.settlement) == (ActivityStatus.DONE, "Trainer changed")


def test_rule_12_negative_feedback_is_not_resolved_without_a_word():
    activity = hear("negative")
    with pytest.raises(BusinessRuleError) as error:
        feedback_resolve(activity=activity, user=manager(), settlement="  ")
    assert (error.value.code, error.value.field) == ("settlement_required", "settlement")
    activity.refresh_from_db()
    assert activity.status == ActivityStatus.OPEN


def test_other_feedback_is_done_when_it_is_answered():
    activity = hear(status=ActivityStatus.OPEN)
    assert feedback_answer(activity=activity, user=manager(), answer="On Monday").status == ActivityStatus.DONE


def test_who_answers_takes_part():
    activity, user = hear("negative"), manager()
    feedback_answer(activity=activity, user=user, answer="Sorry")
    assert user in activity.users.all()


def test_an_empty_answer_is_refused():
    activity = hear("negative")
    with pytest.raises(BusinessRuleError) as error:
        feedback_answer(activity=activity, user=manager(), answer=" ")
    assert error.value.field == "answer"
    assert Feedback.objects.get().answered_at is None


def test_of_two_who_answer_the_second_is_told():
    activity, first = hear("negative"), UserFactory(first_name="Maija", last_name="Salo")
    feedback_answer(activity=activity, user=first, answer="Sorry")
    with pytest.raises(BusinessRuleError, match="Maija Salo"):
        feedback_answer(activity=activity, user=manager(), answer="We are sorry")
    assert Feedback.objects.get().answer == "Sorry"


def test_the_same_answer_twice_is_one():
    activity, user = hear("negative"), manager()
    feedback_answer(activity=activity, user=user, answer="Sorry")
    answered_at = Feedback.objects.get().answered_at
    feedback_answer(activity=activity, user=user, answer="Sorry")
    assert Feedback.objects.get().answered_at == answered_at


def test_an_answer_to_an_older_version_is_refused():
    activity = hear("negative")
    with pytest.raises(StaleVersionError):
        feedback_answer(activity=activity, user=manager(), answer="Sorry", version=activity.version - 1)


def test_who_is_given_it_takes_part_and_is_told():
    activity, colleague = hear("negative"), manager()
    feedback_assign(activity=activity, user=manager(), responsible=colleague)
    assert Feedback.objects.get().responsible == colleague
    assert colleague in activity.users.all()
    assert colleague.username in told("feedback_given")


def test_it_is_not_given_to_one_who_has_left():
    activity = hear("negative")
    with pytest.raises(BusinessRuleError) as error:
        feedback_assign(activity=activity, user=manager(), responsible=UserFactory(is_active=False))
    assert (error.value.code, error.value.field) == ("user_inactive", "responsible")


def test_what_is_answered_is_not_given_to_anybody():
    activity = hear("negative")
    feedback_answer(activity=activity, user=manager(), answer="Sorry")
    with pytest.raises(BusinessRuleError) as error:
        feedback_assign(activity=activity, user=manager(), responsible=manager())
    assert error.value.code == "already_answered"


def test_what_needs_no_answer_leaves_the_queue():
    activity = hear("negative")
    feedback_needs_no_answer(activity=activity)
    assert Feedback.objects.get().answer_due is None


@pytest.mark.parametrize("step", ["answer", "settle", "assign"])
def test_rule_2_feedback_of_a_passive_customer_rests(step):
    activity, user = hear("negative"), manager()
    Customer.objects.update(state="passive", passive_reason="closed", passive_since=timezone.localdate())
    steps = {
        "answer": lambda: feedback_answer(activity=activity, user=user, answer="Sorry"),
        "settle": lambda: feedback_resolve(activity=activity, user=user, settlement="Done"),
        "assign": lambda: feedback_assign(activity=activity, user=user, responsible=user),
    }
    with pytest.raises(BusinessRuleError) as error:
        steps[step]()
    assert error.value.code == "customer_passive"


def test_late_feedback_is_told_to_deputy_managers_and_the_responsible():
    boss, owner_boss = UserFactory(username="boss"), UserFactory(username="owner_boss")
    owner, responsible = manager(manager=owner_boss), manager(username="responsible", manager=boss)
    customer = CustomerFactory(owner=owner)
    ResponsibilityFactory(customer=customer, user=UserFactory(username="deputy"), role=ResponsibilityRole.DEPUTY)
    late(customer, details={"responsible": responsible})
    assert feedback_escalate_late() == 1
    assert told("feedback_late") == {"boss", "owner_boss", "responsible", "deputy"}


def test_late_feedback_is_told_once():
    late()
    assert (feedback_escalate_late(), feedback_escalate_late()) == (1, 0)
    assert Feedback.objects.get().escalated_at is not None


def test_what_is_given_more_time_and_goes_late_again_is_told_again():
    activity = late()
    feedback_escalate_late()
    now = timezone.now()
    owner = activity.feedback.responsible
    feedback_assign(activity=activity, user=owner, responsible=owner, due=now + HOUR)
    assert feedback_escalate_late(now + 2 * HOUR) == 1


def test_answered_and_coming_feedback_is_not_told():
    hear("negative")
    feedback_answer(activity=late(), user=manager(), answer="Sorry")
    Feedback.objects.filter(answered_at__isnull=True).update(answer_due=timezone.now() + HOUR)
    assert feedback_escalate_late() == 0


def test_late_feedback_of_a_passive_customer_is_not_told():
    late()
    Customer.objects.update(state="passive", passive_reason="closed", passive_since=timezone.localdate())
    assert feedback_escalate_late() == 0


def test_telling_many_costs_few_queries(django_assert_max_num_queries):
    for _n in range(3):
        late()
    with django_assert_max_num_queries(24):
        feedback_escalate_late()


def test_marked_done_by_the_common_button_is_resolved():
    activity = hear("negative")
    done = activity_set_status(
        activity=activity,
        status=ActivityStatus.DONE,
        user=manager(),
        settlement="Trainer changed",
    )
    assert feedback_resolve(activity=done, user=manager(), settlement="Again").settlement == "Trainer changed"
