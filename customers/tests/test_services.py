"""What services of customers do and refuse."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from customers.enums import CUSTOMER_TRANSITIONS, BranchTarget, CustomerState
from customers.models import (
    Address,
    ClassificationBranch,
    ClassificationNode,
    Customer,
    CustomerNumber,
    CustomerSearch,
    CustomerSummary,
    Responsibility,
)
from customers.selectors.people import possible_owners
from customers.services.customers import (
    addresses_set,
    customer_change,
    customer_create,
    customer_set_active,
    customer_set_passive,
    numbers_set,
)
from customers.services.responsibilities import (
    Handover,
    customers_hand_over,
    owner_change,
    owners_change,
    responsibility_add,
    responsibility_end,
)
from customers.tests.factories import (
    AddressFactory,
    BranchFactory,
    ContactFactory,
    CustomerFactory,
    NodeFactory,
    PositionFactory,
    ResponsibilityFactory,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


def refused(code: str, field: str | None, call, *args, **kwargs) -> None:
    with pytest.raises(BusinessRuleError) as caught:
        call(*args, **kwargs)
    assert (caught.value.code, caught.value.field) == (code, field)


# Adding and changing


def test_a_new_customer_gets_owner_classes_and_a_fresh_summary():
    user, node = manager(), NodeFactory(branch=BranchFactory(purpose="group", is_required=True))
    customer = customer_create(customer=Customer(name="Uusi Oy"), user=user, owner=user, nodes=[node])
    summary = CustomerSummary.objects.get(customer=customer)
    assert (summary.owner, summary.group, customer.search_row.text.strip()) == (user, node, "uusi oy")
    assert Responsibility.objects.get().start == TODAY()


def test_a_new_customer_needs_its_required_classes():
    branch = BranchFactory(code="group", is_required=True)
    refused("required", "group", customer_create, customer=Customer(name="X"), user=UserFactory())
    assert branch.nodes.count() == 0


def test_a_contact_class_cannot_be_given_to_a_new_customer_rule_11():
    node = NodeFactory(branch=BranchFactory(code="role", target=BranchTarget.CONTACTS))
    user = UserFactory()
    refused("wrong_target", "role", customer_create, customer=Customer(name="X"), user=user, nodes=[node])


def test_an_import_may_leave_required_classes_out():
    BranchFactory(is_required=True)
    assert customer_create(customer=Customer(name="X"), user=None).pk


@pytest.mark.parametrize(
    ("field", "value"), [("business_id", "1234567-8"), ("phone", "12"), ("email", "x"), ("name", ""), ("founded", 12)]
)
def test_a_wrong_value_is_refused_at_its_field(field, value):
    customer = Customer(**{"name": "X", field: value})
    with pytest.raises(ValidationError) as caught:
        customer_create(customer=customer, user=None)
    assert list(caught.value.message_dict) == [field]
    assert not Customer.objects.exists()


def test_a_business_id_belongs_to_one_customer():
    CustomerFactory(business_id="2345678-0")
    with pytest.raises(ValidationError, match="Another customer has this business ID"):
        customer_create(customer=Customer(name="X", business_id="23456780"), user=None)


def test_a_change_raises_the_version_and_refreshes_the_summary():
    customer = CustomerFactory()
    customer.name = "Uusi nimi"
    customer_change(customer=customer)
    customer.refresh_from_db()
    assert customer.version == 2
    assert "uusi nimi" in customer.search_row.text


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_loop_of_parents_is_refused_at_any_depth(depth):
    top = below = CustomerFactory()
    for _step in range(depth):
        below = CustomerFactory(parent=below)
    top.parent = below
    refused("parent_loop", "parent", customer_change, customer=top)


def test_a_passive_parent_is_refused_but_one_that_became_passive_stays():
    customer, passive = CustomerFactory(), CustomerFactory(passive=True)
    customer.parent = passive
    refused("parent_passive", "parent", customer_change, customer=customer)
    Customer.objects.filter(pk=customer.pk).update(parent=passive)
    customer.name = "Uusi nimi"
    assert customer_change(customer=customer).version == 2


def test_a_passive_customer_is_not_changed_rule_2():
    refused("customer_passive", None, customer_change, customer=CustomerFactory(passive=True))


# Passive and active


@pytest.mark.parametrize("state", CustomerState)
@pytest.mark.parametrize("target", CustomerState)
def test_every_pair_of_states(state, target):
    customer = CustomerFactory(state=state)
    change = {
        CustomerState.PASSIVE: lambda: customer_set_passive(customer=customer, reason="closed"),
        CustomerState.ACTIVE: lambda: customer_set_active(customer=customer),
    }[target]
    if target in CUSTOMER_TRANSITIONS[state]:
        assert change().state == target
    else:
        refused("transition", None, change)


def test_a_passive_customer_keeps_reason_note_and_day():
    day = TODAY() - DAY
    customer = customer_set_passive(customer=CustomerFactory(), reason="other", note=" Muutti ", day=day)
    assert (customer.passive_reason, customer.passive_note, customer.passive_since) == ("other", "Muutti", day)
    assert customer_set_active(customer=customer).passive_since is None


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"reason": "whim"}, "reason_unknown", "reason"),
        ({"reason": "other", "note": " "}, "note_missing", "note"),
        ({"reason": "closed", "day": dt.date(2999, 1, 1)}, "day_future", "day"),
    ],
)
def test_a_bad_reason_or_day_changes_nothing(values, code, field):
    customer = CustomerFactory()
    refused(code, field, customer_set_passive, customer=customer, **values)
    assert Customer.objects.get().state == CustomerState.ACTIVE


def test_contacts_of_passive_customers_only_are_hidden_until_one_is_active_rule_2():
    customer = CustomerFactory()
    only, also = ContactFactory(customer=customer), ContactFactory(customer=customer)
    PositionFactory(contact=also)
    customer_set_passive(customer=customer, reason="closed")
    only.refresh_from_db()
    also.refresh_from_db()
    assert (only.is_hidden, also.is_hidden) == (True, False)
    customer_set_active(customer=customer)
    only.refresh_from_db()
    assert not only.is_hidden


# Responsible persons


def manager(**given):
    """Return a user who may own customers."""
    return UserFactory(role="account_manager", **given)


def owners(customer) -> list[tuple]:
    rows = Responsibility.objects.filter(customer=customer, role="owner").order_by("start")
    return [(row.user_id, row.start, row.end) for row in rows]


def test_a_new_owner_begins_the_day_after_the_old_one_ends():
    old, new = manager(), manager()
    customer = CustomerFactory(owner=old)
    owner_change(customer=customer, user=new)
    today = TODAY()
    assert owners(customer) == [(old.pk, dt.date(2020, 1, 1), today - DAY), (new.pk, today, None)]
    assert customer.summary.__class__.objects.get(pk=customer.pk).owner == new


def test_an_owner_changed_twice_a_day_is_replaced():
    customer, first, second = CustomerFactory(), manager(), manager()
    owner_change(customer=customer, user=first)
    owner_change(customer=customer, user=second)
    assert owners(customer) == [(second.pk, TODAY(), None)]


def test_a_future_owner_waits_and_the_old_one_stays_until_then():
    old, new = manager(), manager()
    customer = CustomerFactory(owner=old)
    owner_change(customer=customer, user=new, day=TODAY() + 10 * DAY)
    assert CustomerSummary.objects.get().owner == old
    assert owners(customer)[1] == (new.pk, TODAY() + 10 * DAY, None)


@pytest.fixture
def handed_over():
    """A customer with an owner, and another one in ten days: customer, owner, follower."""
    owner, planned = manager(), manager()
    customer = CustomerFactory(owner=owner)
    owner_change(customer=customer, user=planned, day=TODAY() + 10 * DAY)
    return customer, owner, planned


def test_a_planned_hand_over_is_not_dropped_without_a_word(handed_over):
    customer, _owner, planned = handed_over
    before, new = owners(customer), manager()
    with pytest.raises(BusinessRuleError) as caught:
        owner_change(customer=customer, user=new)
    assert (caught.value.code, caught.value.field) == ("handover_planned", "drop_planned")
    assert str(planned) in str(caught.value)
    assert owners(customer) == before


def test_a_planned_hand_over_is_dropped_when_that_is_confirmed_and_those_concerned_are_told(handed_over):
    customer, owner, planned = handed_over
    new, writer = manager(), manager()
    owner_change(customer=customer, user=new, drop_planned=True, by=writer)
    assert owners(customer) == [(owner.pk, dt.date(2020, 1, 1), TODAY() - DAY), (new.pk, TODAY(), None)]
    told = Notification.objects.filter(kind="handover_dropped")
    assert set(told.values_list("user", flat=True)) == {owner.pk, planned.pk}
    assert customer.name in told.first().text
    assert str(planned) in told.first().text
    events = Responsibility.pgh_event_model.objects.filter(user=planned).values_list("pgh_label", flat=True)
    assert "delete" in set(events)  # the history says it


def test_many_customers_keep_their_planned_hand_overs(handed_over):
    customer, owner, planned = handed_over
    other, new, start = CustomerFactory(owner=owner), manager(), TODAY() + 10 * DAY
    result = owners_change(customer_ids=[customer.pk, other.pk], user=new)
    assert result == Handover(changed=2, unchanged=0, refused=0, planned=1)
    assert owners(customer)[1:] == [(new.pk, TODAY(), start - DAY), (planned.pk, start, None)]
    assert owners(other)[1:] == [(new.pk, TODAY(), None)]
    assert owners_change(customer_ids=[customer.pk], user=new).unchanged == 1
    assert owners_change(customer_ids=[customer.pk], user=owner, day=start).refused == 1


def test_what_a_person_was_to_take_over_is_handed_over_too(handed_over):
    customer, owner, planned = handed_over
    new, start = manager(), TODAY() + 10 * DAY
    customers_hand_over(from_user=planned, to_user=new)
    assert owners(customer) == [(owner.pk, dt.date(2020, 1, 1), start - DAY), (new.pk, start, None)]


def test_only_people_who_may_edit_customers_become_owners():
    customer, reader = CustomerFactory(), UserFactory(role="read_only")
    refused("may_not_own", "user", owner_change, customer=customer, user=reader)
    refused("may_not_own", "owner", customer_create, customer=Customer(name="Uusi Oy"), user=None, owner=reader)
    row = Responsibility(customer=customer, user=reader, role="owner", start=TODAY())
    refused("may_not_own", "user", responsibility_add, responsibility=row)
    row = Responsibility(customer=customer, user=reader, role="deputy", start=TODAY())
    assert responsibility_add(responsibility=row).pk
    assert not set(possible_owners()) & {reader, UserFactory(), UserFactory(role="account_manager", is_active=False)}
    assert {manager(), UserFactory(grants=["customers.change_own_customer"])} <= set(possible_owners())


def test_the_past_of_an_owner_is_not_written_over():
    customer = CustomerFactory(owner=manager())
    before = owners(customer)
    refused("owner_later", "day", owner_change, customer=customer, user=manager(), day=dt.date(2019, 1, 1))
    assert owners(customer) == before


def test_the_same_owner_again_changes_nothing():
    user = manager()
    customer = CustomerFactory(owner=user)
    owner_change(customer=customer, user=user)
    assert owners(customer) == [(user.pk, dt.date(2020, 1, 1), None)]


def test_who_has_left_becomes_no_owner():
    customer = CustomerFactory()
    refused("user_inactive", "user", owner_change, customer=customer, user=UserFactory(is_active=False))


def test_two_owners_at_a_time_are_refused_with_a_sentence():
    customer = CustomerFactory(owner=manager())
    row = Responsibility(customer=customer, user=manager(), role="owner", start=TODAY(), end=TODAY() + DAY)
    with pytest.raises(ValidationError, match="another owner at that time"):
        responsibility_add(responsibility=row)


def test_a_deputy_is_added_and_ended():
    customer = CustomerFactory()
    row = Responsibility(customer=customer, user=manager(), role="deputy", start=TODAY())
    responsibility_add(responsibility=row)
    responsibility_end(responsibility=row)
    assert Responsibility.objects.get().end == TODAY()


def test_a_responsibility_that_has_not_begun_is_removed_when_ended():
    row = ResponsibilityFactory(role="deputy", start=TODAY() + 5 * DAY)
    responsibility_end(responsibility=row)
    assert not Responsibility.objects.exists()


def test_all_customers_of_a_person_are_handed_over_and_the_history_stays(django_assert_max_num_queries):
    old, new, other = manager(), manager(), manager()
    customers = [CustomerFactory(owner=old) for _step in range(3)]
    passive, foreign = CustomerFactory(owner=old, passive=True), CustomerFactory(owner=other)
    ResponsibilityFactory(customer=foreign, user=old, role="deputy")
    with django_assert_max_num_queries(20):
        result = customers_hand_over(from_user=old, to_user=new)
    assert result == Handover(changed=3, unchanged=0, refused=0)
    assert all(owners(customer)[0][0] == old.pk and owners(customer)[1][0] == new.pk for customer in customers)
    assert len(owners(passive)) == len(owners(foreign)) == 1
    assert Responsibility.objects.get(role="deputy").end == TODAY() - DAY


def test_handing_over_to_oneself_is_refused():
    user = manager()
    refused("same_person", "user", customers_hand_over, from_user=user, to_user=user)


# Addresses and numbers


def test_addresses_are_given_as_a_whole():
    customer = CustomerFactory()
    AddressFactory(customer=customer, kind="visiting")
    AddressFactory(customer=customer, kind="billing")
    kept = {"kind": "visiting", "street": "Uusikatu 2", "postal_code": "02100", "city": "Espoo", "country": ""}
    addresses_set(customer=customer, addresses=[kept, {"kind": "postal", "street": "", "city": ""}])
    assert [(row.kind, row.street) for row in Address.objects.all()] == [("visiting", "Uusikatu 2")]
    assert "espoo" in CustomerSearch.objects.get().text


def test_one_kind_of_address_twice_is_refused():
    rows = [{"kind": "postal", "street": "A"}, {"kind": "postal", "street": "B"}]
    with pytest.raises(ValidationError):
        addresses_set(customer=CustomerFactory(), addresses=rows)
    assert not Address.objects.exists()


def test_numbers_are_given_as_a_whole_and_are_unique_in_their_system():
    customer = CustomerFactory(numbers={"TOP": "1", "Profi": "2"})
    numbers_set(customer=customer, numbers=[("TOP", "1"), ("SAP", "3")])
    assert sorted(map(str, CustomerNumber.objects.all())) == ["SAP 3", "TOP 1"]
    with pytest.raises(ValidationError, match="Another customer has this number"):
        numbers_set(customer=CustomerFactory(), numbers=[("top", "1")])
