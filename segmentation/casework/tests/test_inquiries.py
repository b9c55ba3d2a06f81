"""Asking a former owner: the task, the answers, and deciding about them as suggestions."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from core import clock
from core.bulk.operations import operation_of
from core.bulk.services import run_choose, run_execute, run_preview, run_start
from customers.models import Customer, Responsibility
from customers.tests.factories import CustomerFactory
from segmentation.casework.models import Inquiry, Override
from segmentation.casework.selectors import own_work
from segmentation.casework.tests.conftest import held
from segmentation.membership.models import Membership
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def former(db: None) -> Any:
    return UserFactory(role="account_manager", language="en", first_name="Former", last_name="Owner")


def once_of(former: Any, customer: Any) -> Any:
    year = dt.timedelta(days=365)
    Responsibility.objects.filter(customer=customer).update(start=clock.today() - year)
    Responsibility.objects.create(
        customer=customer, user=former, role="other", start=clock.today() - 2 * year, end=clock.today() - year
    )
    return customer


def ask(owner: Any, former: Any) -> Any:
    run = run_choose(operation=operation_of("customers.ask_former_owner"), user=owner, rows=Customer.objects.all())
    run = run_start(run=run_preview(run=run, params={"person": former.pk, "text": "What was it before?"}))
    run_execute(run, lambda done, total: None)
    run.refresh_from_db()
    return run


def test_the_question_is_a_task_with_the_list(owner: Any, former: Any) -> None:
    known = [once_of(former, CustomerFactory(owner=owner)) for _number in range(2)]
    CustomerFactory(owner=owner, name="Never the former owner's")
    run = ask(owner, former)
    assert (run.changed, run.refused) == (2, 1)
    inquiry = Inquiry.objects.get()
    assert {line.customer for line in inquiry.lines.all()} == set(known)
    task = Activity.objects.get()
    assert (task, [row.user for row in task.participations.all()]) == (inquiry.activity, [former])
    assert inquiry.get_absolute_url() in task.memo
    assert task.title == "Which segment? 2 former customers"


def test_answers_are_suggestions_with_who_said_it(client: Any, owner: Any, former: Any, suggest: Any) -> None:
    against, unknown = once_of(former, suggest("B")), once_of(former, CustomerFactory(owner=owner))
    ask(owner, former)
    inquiry = Inquiry.objects.get()
    lines = {line.customer: line for line in inquiry.lines.all()}
    client.force_login(former)
    page = client.get(inquiry.get_absolute_url())
    assert page.context["form"] is not None
    url = f"{inquiry.get_absolute_url()}answer/"
    assert client.post(url, {}).status_code == 422
    pk = lines[against].pk
    first = {f"segment_{pk}": segment("P").pk, f"text_{pk}": "A new shop opens."}
    assert client.post(url, first).status_code == 302
    inquiry.refresh_from_db()
    assert inquiry.closed_at is None
    assert client.post(url, {f"segment_{lines[unknown].pk}": "unknown"}).status_code == 302
    inquiry.refresh_from_db()
    assert inquiry.closed_at is not None
    assert inquiry.activity.status == "done"
    assert Notification.objects.get(kind="inquiry_answered").user == owner
    assert own_work(owner, "heard").get() == against
    client.force_login(owner)
    listed = client.get("/segmentation-work/?tab=heard").content.decode()
    assert "Former Owner" in listed
    assert "A new shop opens." in listed


def test_accepting_an_answer_keeps_who_said_it_and_settles_it(
    client: Any, owner: Any, former: Any, suggest: Any
) -> None:
    customer = once_of(former, suggest("B"))
    ask(owner, former)
    line = Inquiry.objects.get().lines.get()
    client.force_login(former)
    said = {f"segment_{line.pk}": segment("P").pk, f"text_{line.pk}": "A new shop opens."}
    client.post(f"{line.inquiry.get_absolute_url()}answer/", said)
    run = run_choose(operation=operation_of("customers.accept_suggestion"), user=owner, rows=Customer.objects.all())
    run_execute(run_start(run=run_preview(run=run, params={"whose": "former"})), lambda done, total: None)
    assert held(customer) == "P"
    row = Membership.objects.present().get(customer=customer)
    assert "Former Owner: A new shop opens." in row.text
    assert Override.objects.in_force().get().segment == segment("P")  # the criteria said B
    assert not own_work(owner, "heard").exists()


def test_others_neither_see_nor_answer_a_question(client: Any, owner: Any, former: Any, keeper: Any) -> None:
    once_of(former, CustomerFactory(owner=owner))
    ask(owner, former)
    url = Inquiry.objects.get().get_absolute_url()
    client.force_login(UserFactory(role="account_manager"))
    assert client.get(url).status_code == 404
    client.force_login(keeper)
    assert client.get(url).status_code == 200
    assert client.post(f"{url}answer/", {}).status_code == 404
