"""Bulk operations on customers: what they leave out and why, what they write, what an undo puts back."""

from __future__ import annotations

import datetime as dt

import pgtrigger
import pytest
from django.urls import reverse

from accounts.models import Notification
from accounts.tests.factories import UserFactory, role
from core import clock
from core.bulk.models import BulkRun
from core.bulk.services import run_preview, run_start
from core.exceptions import BusinessRuleError
from core.history import history_of
from core.tests.bulk import bulk, by, draft, finished, outcome, undo, undo_of
from customers.enums import BranchPurpose, CustomerState
from customers.models import (
    ClassificationNode,
    Customer,
    CustomerClassification,
    CustomerSummary,
    Responsibility,
)
from customers.services.assignments import classifications_set
from customers.services.customers import customer_change
from customers.services.responsibilities import owner_change
from customers.tests.factories import (
    AddressFactory,
    BranchFactory,
    ContactFactory,
    CustomerFactory,
    NodeFactory,
    ResponsibilityFactory,
)
from segmentation.membership.models import Membership
from segmentation.membership.tests.factories import MembershipFactory, SegmentFactory

pytestmark = pytest.mark.django_db

CLASS, PEOPLE = "customers.class", "customers.people"


@pytest.fixture
def user():
    return UserFactory(grants=["customers.change_any_customer"])


@pytest.fixture
def many():
    """A branch of which a customer may have several classes."""
    return BranchFactory(is_multiple=True)


def classes(customer: Customer) -> set[str]:
    return set(customer.classifications.values_list("node__code", flat=True))


def owner_of(customer: Customer):
    return CustomerSummary.objects.get(customer=customer).owner


# Classes


def test_a_class_is_added_and_undone_again(user, many):
    node, other = NodeFactory(branch=many), NodeFactory(branch=many)
    new, has = CustomerFactory(group=other), CustomerFactory(group=node)
    run = bulk(user, CLASS, [new, has], how="add", node=node.pk)
    assert (run.changed, run.unchanged, run.refused) == (1, 1, 0)
    assert classes(new) == {node.code, other.code}
    run = undo(run)
    assert (run.state, run.undone, run.kept) == ("undone", 1, 0)
    assert classes(new) == {other.code}
    assert classes(has) == {node.code}


def test_customers_that_one_may_not_change_and_inactive_ones_are_left_out(many):
    user = UserFactory(grants=["customers.change_own_customer", "customers.manage_passive"])
    own, foreign, inactive = CustomerFactory(owner=user), CustomerFactory(), CustomerFactory(owner=user, passive=True)
    run = bulk(user, CLASS, [own, foreign, inactive], how="add", node=NodeFactory(branch=many).pk)
    assert outcome(run, own) == ("changed", "")
    assert outcome(run, foreign) == ("refused", "forbidden")
    assert outcome(run, inactive) == ("refused", "inactive")
    assert not foreign.classifications.exists()
    assert not inactive.classifications.exists()


def test_what_the_preview_promises_is_refused_again_where_the_rules_have_changed_since(user, many):
    from core.bulk.services import run_start
    from core.tests.bulk import finished

    customer = CustomerFactory()
    run = draft(user, CLASS, [customer], how="add", node=NodeFactory(branch=many).pk)
    assert outcome(run, customer) == ("waiting", "")
    Customer.objects.update(state=CustomerState.PASSIVE)
    run = finished(run_start(run=run))
    assert outcome(run, customer)[0] == "refused"
    assert not customer.classifications.exists()


def test_a_branch_for_one_class_refuses_a_second_one_and_replaces_it(user):
    branch = BranchFactory(is_multiple=False)
    old, new = NodeFactory(branch=branch), NodeFactory(branch=branch)
    customer = CustomerFactory(group=old)
    assert outcome(draft(user, CLASS, [customer], how="add", node=new.pk), customer) == ("refused", "one_only")
    run = bulk(user, CLASS, [customer], how="replace", node=new.pk)
    assert classes(customer) == {new.code}
    undo(run)
    assert classes(customer) == {old.code}


def test_a_group_that_many_customers_get_shows_in_lists_until_it_is_undone(user):
    old, new = ClassificationNode.objects.filter(branch__purpose=BranchPurpose.GROUP)[:2]
    customer = CustomerFactory(group=old)
    run = bulk(user, CLASS, [customer], how="replace", node=new.pk)
    assert CustomerSummary.objects.get(customer=customer).group == new
    undo(run)
    assert CustomerSummary.objects.get(customer=customer).group == old


def test_only_customers_with_a_class_get_the_one_that_replaces_it(user, many):
    old, new, third = NodeFactory(branch=many), NodeFactory(branch=many), NodeFactory(branch=many)
    has, has_not = CustomerFactory(group=old), CustomerFactory(group=third)
    CustomerClassification.objects.create(customer=has, node=third)
    run = bulk(user, CLASS, [has, has_not], how="replace", node=new.pk, instead_of=old.pk)
    assert classes(has) == {new.code, third.code}
    assert outcome(run, has_not) == ("unchanged", "has_not")


def test_the_only_class_of_a_required_branch_is_not_removed(user):
    branch = BranchFactory(is_required=True, is_multiple=True)
    one, two = NodeFactory(branch=branch), NodeFactory(branch=branch)
    alone, both = CustomerFactory(group=one), CustomerFactory(group=one)
    CustomerClassification.objects.create(customer=both, node=two)
    run = bulk(user, CLASS, [alone, both], how="remove", node=one.pk)
    assert outcome(run, alone) == ("refused", "required")
    assert classes(both) == {two.code}
    undo(run)
    assert classes(both) == {one.code, two.code}


def test_a_class_that_ones_group_may_not_assign_is_neither_offered_nor_replaced(user):
    branch = BranchFactory(is_multiple=False)
    guarded, free = NodeFactory(branch=branch), NodeFactory(branch=branch)
    guarded.assigners.add(role("administrator"))
    customer = CustomerFactory(group=guarded)
    with pytest.raises(BusinessRuleError):
        draft(user, CLASS, [customer], how="add", node=guarded.pk)
    run = draft(user, CLASS, [customer], how="replace", node=free.pk)
    assert outcome(run, customer) == ("refused", "not_assigner")


def test_an_undo_leaves_a_class_that_somebody_has_changed_since_and_says_who(user, many):
    node, other = NodeFactory(branch=many), NodeFactory(branch=many)
    touched, same = CustomerFactory(), CustomerFactory()
    run = bulk(user, CLASS, [touched, same], how="add", node=node.pk)
    with by(user):
        classifications_set(target=touched, branch=many, nodes=[other], user=user)
    run = undo(run)
    assert undo_of(run, touched) == ("kept", ["removed_since"])
    assert undo_of(run, same) == ("undone", [])
    assert classes(touched) == {other.code}


def test_an_undo_leaves_a_required_branch_with_a_class(user):
    branch = BranchFactory(is_required=True, is_multiple=True)
    old, new = NodeFactory(branch=branch), NodeFactory(branch=branch)
    customer = CustomerFactory(group=old)
    run = bulk(user, CLASS, [customer], how="add", node=new.pk)
    with by(user):
        classifications_set(target=customer, branch=branch, nodes=[new], user=user)
    assert undo_of(undo(run), customer) == ("kept", ["required"])


def test_the_history_names_the_bulk_operation_and_who_did_it(user, many):
    customer = CustomerFactory()
    run = bulk(user, CLASS, [customer], how="add", node=NodeFactory(branch=many).pk)
    [entry] = [found for found in history_of(customer, [CustomerClassification], viewer=user) if found.by]
    assert (entry.who, entry.by) == (str(user), f"bulk operation no. {run.pk}")
    assert entry.by_url == run.get_absolute_url()
    others = history_of(customer, [CustomerClassification], viewer=UserFactory())
    assert [found.by_url for found in others if found.by] == [""]


# Responsible persons


def test_many_customers_get_an_owner_and_the_people_one_notification_each(user):
    old, new = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    customers = [CustomerFactory(owner=old) for _number in range(3)]
    run = bulk(user, PEOPLE, customers, how="owner", user=new.pk, day=clock.today().isoformat())
    assert {owner_of(customer) for customer in customers} == {new}
    assert sorted(Notification.objects.values_list("user", "data__count")) == sorted([(old.pk, 3), (new.pk, 3)])
    undo(run)
    assert {owner_of(customer) for customer in customers} == {old}
    assert Responsibility.objects.count() == 3
    assert Notification.objects.filter(data__undone=True).count() == 2


def test_only_a_person_who_may_edit_customers_becomes_an_owner(user):
    reader = UserFactory(role="read_only")
    with pytest.raises(BusinessRuleError, match="may not edit customers"):
        draft(user, PEOPLE, [CustomerFactory()], how="owner", user=reader.pk, day=clock.today().isoformat())


def test_a_customer_with_a_later_owner_is_left_out(user):
    new, later = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    customer = CustomerFactory()
    ResponsibilityFactory(customer=customer, user=later, start=clock.today() - dt.timedelta(days=2))
    day = clock.today() - dt.timedelta(days=5)
    run = draft(user, PEOPLE, [customer], how="owner", user=new.pk, day=day.isoformat())
    assert outcome(run, customer) == ("refused", "owner_later")


def test_an_undo_leaves_an_owner_who_has_been_replaced_since(user):
    new, third = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    customer = CustomerFactory(owner=UserFactory())
    run = bulk(user, PEOPLE, [customer], how="owner", user=new.pk, day=clock.today().isoformat())
    with by(user):
        owner_change(customer=customer, user=third, by=user)
    assert undo_of(undo(run), customer)[0] == "kept"
    assert owner_of(customer) == third


def test_deputies_are_added_once_and_ended(user):
    deputy, customer = UserFactory(role="account_manager"), CustomerFactory()
    values = {"how": "deputy", "user": deputy.pk, "day": clock.today().isoformat()}
    assert bulk(user, PEOPLE, [customer], **values).changed == 1
    assert draft(user, PEOPLE, [customer], **values).unchanged == 1
    with by(user):
        Responsibility.objects.update(start=dt.date(2020, 1, 1))
    run = bulk(user, PEOPLE, [customer], **{**values, "how": "end"})
    assert not Responsibility.objects.current().exists()
    undo(run)
    assert Responsibility.objects.current().get().role == "deputy"


def test_deputy_who_has_left_is_ended_but_not_added(client, user):
    deputy, customer = UserFactory(role="account_manager", first_name="Left", last_name="Long ago"), CustomerFactory()
    responsibility = ResponsibilityFactory(customer=customer, user=deputy, role="deputy", start=dt.date(2020, 1, 1))
    type(deputy).objects.filter(pk=deputy.pk).update(is_active=False)
    values = {"user": deputy.pk, "day": clock.today().isoformat()}
    with pytest.raises(BusinessRuleError, match="has been deactivated"):
        draft(user, PEOPLE, [customer], how="deputy", **values)
    client.force_login(user)
    page = client.get(reverse("core:bulk_form", args=[BulkRun.objects.latest("pk").pk]))
    assert "Left Long ago (deactivated)" in page.content.decode()
    bulk(user, PEOPLE, [customer], how="end", **values)
    responsibility.refresh_from_db()
    assert responsibility.end == clock.today() - dt.timedelta(days=1)


# Deactivate and activate


def test_deactivated_customers_hide_their_contacts_and_come_back_by_undo(user):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer)
    values = {"reason": "other", "note": "Left the field", "day": clock.today().isoformat()}
    run = bulk(user, "customers.deactivate", [customer], **values)
    customer.refresh_from_db()
    contact.refresh_from_db()
    assert (customer.state, customer.passive_note, contact.is_hidden) == ("passive", "Left the field", True)
    undo(run)
    customer.refresh_from_db()
    contact.refresh_from_db()
    assert (customer.state, customer.passive_reason, contact.is_hidden) == ("active", "", False)


def test_other_reason_needs_an_explanation(user):
    with pytest.raises(BusinessRuleError, match="Explain the reason"):
        draft(user, "customers.deactivate", [CustomerFactory()], reason="other", day=clock.today().isoformat())


def test_an_undo_puts_back_the_state_and_keeps_what_others_have_changed_beside_it():
    user = UserFactory(grants=["customers.change_any_customer", "customers.manage_passive"])
    customer = CustomerFactory(passive=True)
    run = bulk(user, "customers.activate", [customer])
    customer.refresh_from_db()
    customer.phone = "+358401234567"
    with by(user):
        customer_change(customer=customer)
    undo(run)
    customer.refresh_from_db()
    assert (customer.state, customer.passive_reason, customer.phone) == ("passive", "bankruptcy", "+358401234567")


def test_a_customer_that_was_deactivated_today_has_its_segment_again(user):
    held = MembershipFactory(segment=SegmentFactory(), customer=CustomerFactory())
    bulk(user, "customers.deactivate", [held.customer], reason="closed", day=clock.today().isoformat())
    assert not Membership.objects.present().filter(customer=held.customer).exists()
    manager = UserFactory(grants=["customers.change_any_customer", "customers.manage_passive"])
    run = bulk(manager, "customers.activate", [held.customer])
    assert Membership.objects.present().get(customer=held.customer) == held
    undo(run)
    assert not Membership.objects.present().filter(customer=held.customer).exists()


def test_a_row_that_was_loaded_without_a_history_can_be_undone_too(user):
    customer = CustomerFactory()
    with pgtrigger.ignore():
        Customer.pgh_event_model.objects.all().delete()
    run = bulk(user, "customers.deactivate", [customer], reason="closed", day=clock.today().isoformat())
    assert undo(run).undone == 1
    customer.refresh_from_db()
    assert customer.state == "active"
    assert "snapshot" not in [entry.what for entry in history_of(customer, [])]


# Files


def test_labels_have_the_postal_address_before_the_visiting_one(user, monkeypatch):
    from customers.bulk import labels

    pages = []
    monkeypatch.setattr(labels, "render", lambda html, css: pages.append(html) or b"%PDF-1.7")
    customer, without_address = CustomerFactory(name="Acme Oy"), CustomerFactory()
    AddressFactory(customer=customer, kind="visiting", street="Tehtaankatu 1")
    AddressFactory(customer=customer, kind="postal", street="PL 12", postal_code="00101", city="Helsinki")
    run = bulk(user, "customers.labels", [customer, without_address], sheet="l7160", first=3)
    assert outcome(run, without_address) == ("refused", "no_address")
    [html] = pages
    assert html.index("Acme Oy") < html.index("PL 12") < html.index("00101 Helsinki")
    assert "Tehtaankatu" not in html
    assert html.count('<div class="label"></div>') == 2
    assert run.job.result_name.endswith(".pdf")


@pytest.mark.parametrize(("name", "places"), [("l7160", 21), ("2x8", 16)])
def test_sheets_of_labels_fill_one_page_each(name, places):
    import weasyprint
    from django.template.loader import render_to_string

    from customers.bulk.labels import SHEETS

    sheet = SHEETS[name]
    assert sheet.count == places
    html = render_to_string("customers/labels.html", {"sheets": [[["Acme Oy"]] * places, [["Beta Oy"]]]})
    document = weasyprint.HTML(string=html).render(stylesheets=[weasyprint.CSS(string=sheet.css)])
    assert len(document.pages) == 2


def test_the_chosen_rows_are_exported(user):
    chosen, other = CustomerFactory(name="Acme Oy"), CustomerFactory(name="Beta Oy")
    run = bulk(user, "customers.export", [chosen], kind="csv")
    with run.job.result.open() as file:
        content = file.read().decode("utf-8-sig")
    assert chosen.name in content
    assert other.name not in content


def test_the_file_of_ticked_rows_has_the_columns_and_the_order_of_the_list(user, client):
    client.force_login(user)
    chosen = [CustomerFactory(name=name, email=f"{name.lower()}@example.fi") for name in ("Acme", "Beta")]
    client.get("/customers/?columns=name&columns=email")  # they are kept for the session
    assert b'name="query" value="columns=name&amp;columns=email"' in client.get("/customers/").content
    query = "columns=name&columns=email&sort=-name"
    ids = [row.pk for row in chosen]
    client.post(reverse("core:bulk_choose", args=["customers.export"]), {"ids": ids, "query": query})
    run = finished(run_start(run=run_preview(run=BulkRun.objects.get(), params={"kind": "csv"})))
    with run.job.result.open() as file:
        lines = file.read().decode("utf-8-sig").split()
    assert lines == ["Customer;E-mail", "Beta;beta@example.fi", "Acme;acme@example.fi"]


def test_the_export_of_a_list_that_is_gone_says_so(user):
    run = draft(user, "customers.export", [CustomerFactory()], kind="csv")
    BulkRun.objects.update(path="/no-such-list/")
    job = finished(run_start(run=run)).job
    assert (job.state, job.message) == ("failed", "You no longer have access to this list.")


def test_labels_are_for_active_customers_and_begin_on_the_sheet(user):
    keeper = UserFactory(grants=["customers.manage_passive"])
    inactive = CustomerFactory(passive=True)
    AddressFactory(customer=inactive, kind="postal", city="Helsinki")
    run = draft(keeper, "customers.labels", [inactive], sheet="2x8", first=16)
    assert outcome(run, inactive) == ("refused", "inactive")
    with pytest.raises(BusinessRuleError, match="16 labels"):
        draft(keeper, "customers.labels", [inactive], sheet="2x8", first=17)


def test_nobody_without_rights_is_offered_a_change():
    from core.bulk.operations import offered

    names = {operation.name for operation in offered("customers", UserFactory(role="read_only"))}
    assert not names & {CLASS, PEOPLE, "customers.deactivate", "customers.activate", "activities.each"}
