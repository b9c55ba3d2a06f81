from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from customers.enums import BranchPurpose, BranchTarget, Channel
from customers.models import ClassificationBranch, ClassificationNode, Consent, Contact, Position
from customers.selectors.contacts import consents_in_force, decision_structure, positions_of, possible_duplicates
from customers.services import contacts as services
from customers.services.contacts import Point
from customers.services.customers import customer_set_active, customer_set_passive
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, NodeFactory, PositionFactory

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


def refused(code: str, field: str | None):
    return pytest.raises(BusinessRuleError, check=lambda error: (error.code, error.field) == (code, field))


def points(contact: Contact) -> list[tuple[str, str, bool]]:
    return [(row.value, row.label, row.is_primary) for row in contact.points.all()]


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


@pytest.fixture
def contact_role():
    return NodeFactory(branch=BranchFactory(purpose=BranchPurpose.CONTACT_ROLE, target=BranchTarget.CONTACTS))


def test_contact_is_added_with_phones_and_a_position(contact_role):
    customer = CustomerFactory()
    contact = services.contact_create(
        contact=Contact(first_name="Tiina", last_name="Salo"),
        points=[Point("040 123 4567", "work"), Point("Tiina.Salo@Example.fi")],
        position={"customer": customer, "title": "Tehtaanjohtaja", "role": contact_role},
    )
    assert points(contact) == [("tiina.salo@example.fi", "", True), ("+358401234567", "work", True)]
    assert (contact.positions.get().customer, contact.positions.get().role) == (customer, contact_role)


def test_nothing_is_added_when_a_phone_cannot_be_read():
    with pytest.raises(ValidationError):
        services.contact_create(contact=Contact(last_name="Salo"), points=[Point("puhelin")])
    assert not Contact.objects.exists()


def test_phones_and_emails_are_replaced_and_kept_once():
    contact = ContactFactory(phone="+358401234567", email="old@example.fi")
    services.points_set(
        contact=contact, points=[Point("0401234567", "mobile"), Point("+358 40 123 4567"), Point("09 123 4567")]
    )
    assert points(contact) == [("+358401234567", "mobile", True), ("+35891234567", "", False)]


def test_the_one_marked_is_used_first():
    contact = ContactFactory(email="a@example.fi")
    services.points_set(contact=contact, points=[Point("a@example.fi"), Point("b@example.fi", is_primary=True)])
    assert points(contact) == [("b@example.fi", "", True), ("a@example.fi", "", False)]


def test_changing_a_contact_counts_its_version_up():
    contact = ContactFactory()
    contact.last_name = "Uusi"
    assert services.contact_change(contact=contact).version == 2


def test_rule_2_passive_customer_takes_no_new_position():
    with refused("customer_passive", "customer"):
        services.position_add(contact=ContactFactory(), customer=CustomerFactory(passive=True))
    assert not Position.objects.exists()


def test_rule_2_position_at_a_passive_customer_is_not_changed():
    position = PositionFactory(customer=CustomerFactory(passive=True))
    with refused("customer_passive", None):
        services.position_end(position=position, end=TODAY)


def test_role_is_one_of_the_contact_roles_in_use(contact_role):
    contact, customer = ContactFactory(), CustomerFactory()
    with refused("wrong_role", "role"):
        services.position_add(contact=contact, customer=customer, role=NodeFactory())
    contact_role.retired_at = timezone.now()
    contact_role.save()
    with refused("role_retired", "role"):
        services.position_add(contact=contact, customer=customer, role=contact_role)


def test_retired_role_is_kept_when_the_position_is_changed(contact_role):
    position = PositionFactory(role=contact_role)
    contact_role.retired_at = timezone.now()
    contact_role.save()
    assert services.position_change(position=position, title="x", role=contact_role).role == contact_role


def test_contact_works_for_a_customer_once_at_a_time():
    position = PositionFactory()
    with pytest.raises(ValidationError, match="already works"):
        services.position_add(contact=position.contact, customer=position.customer)
    services.position_end(position=position, end=TODAY)
    services.position_add(contact=position.contact, customer=position.customer)
    assert Position.objects.count() == 2


def test_position_does_not_end_before_it_starts():
    position = PositionFactory(start=TODAY)
    with pytest.raises(ValidationError):
        services.position_end(position=position, end=TODAY - dt.timedelta(days=1))
    assert Position.objects.get().end is None


def test_change_of_employer_keeps_the_history(user):
    old = PositionFactory(title="Myyjä")
    services.position_end(position=old, end=TODAY - dt.timedelta(days=1))
    new = services.position_add(contact=old.contact, customer=CustomerFactory(), title="Johtaja", start=TODAY)
    assert [row.pk for row in positions_of(old.contact, user)] == [new.pk, old.pk]
    assert [row.pk for row in old.contact.positions.current()] == [new.pk]


def test_contact_of_passive_customers_only_is_hidden_until_one_is_active(user):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer)
    customer_set_passive(customer=customer, reason="bankruptcy")
    assert not Contact.objects.visible_to(user).exists()
    services.position_add(contact=contact, customer=CustomerFactory())
    assert Contact.objects.visible_to(user).get() == contact
    assert [row.customer_id for row in positions_of(contact, user)] != [customer.pk]


def test_contact_shows_again_when_the_customer_is_active_again(user):
    customer = CustomerFactory()
    ContactFactory(customer=customer)
    customer_set_passive(customer=customer, reason="bankruptcy")
    customer_set_active(customer=customer)
    assert Contact.objects.visible_to(user).count() == 1


def test_newest_consent_of_a_channel_is_in_force(user):
    contact = ContactFactory()
    for day, given in ((3, True), (1, False), (2, True)):
        services.consent_record(
            contact=contact,
            channel=Channel.EMAIL,
            is_given=given,
            source="Fair",
            given_on=TODAY - dt.timedelta(days=day),
            user=user,
        )
    in_force = dict(consents_in_force(contact))
    assert (in_force[Channel.EMAIL].is_given, in_force[Channel.EMAIL].recorded_by) == (False, user)
    assert in_force[Channel.PHONE] is None
    assert contact.consents.count() == 3


def test_of_two_consents_of_one_day_the_later_recorded_is_in_force():
    contact = ContactFactory()
    for given in (True, False):
        services.consent_record(contact=contact, channel=Channel.SMS, is_given=given, source="Call")
    assert dict(consents_in_force(contact))[Channel.SMS].is_given is False


def test_consent_is_not_given_in_the_future():
    with refused("future_consent", "given_on"):
        services.consent_record(
            contact=ContactFactory(),
            channel=Channel.EMAIL,
            is_given=True,
            source="x",
            given_on=TODAY + dt.timedelta(days=1),
        )
    assert not Consent.objects.exists()


def test_consent_tells_its_source():
    with refused("source_missing", "source"):
        services.consent_record(contact=ContactFactory(), channel=Channel.EMAIL, is_given=True, source=" ")


def test_consent_is_for_marketing_channels():
    with pytest.raises(ValidationError):
        services.consent_record(contact=ContactFactory(), channel=Channel.VISIT, is_given=True, source="x")


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("", ("email", "tiina@example.fi")),
        ("", ("phone", "+358401234567")),
        ("Tiina Makela", None),
        ("Mäkelä Tiina", None),
        ("Tina Mäkelä", None),
    ],
)
def test_likely_same_person_is_found(user, name, point):
    contact = ContactFactory(first_name="Tiina", last_name="Mäkelä", phone="+358401234567", email="tiina@example.fi")
    ContactFactory(first_name="Pekka", last_name="Virtanen")
    found = possible_duplicates(user, name=name, points=[point] if point else [])
    assert [match.contact for match in found] == [contact]


def test_hidden_contact_is_no_likely_same(user):
    customer = CustomerFactory()
    ContactFactory(customer=customer, email="a@example.fi")
    customer_set_passive(customer=customer, reason="bankruptcy")
    assert possible_duplicates(user, points=[("email", "a@example.fi")]) == []


def test_decision_structure_is_in_the_order_of_the_roles(contact_role, django_assert_num_queries):
    customer = CustomerFactory()
    influencer = NodeFactory(branch=contact_role.branch)
    last = ContactFactory(customer=customer)
    second = ContactFactory(customer=customer, customer__role=influencer)
    first = ContactFactory(customer=customer, customer__role=contact_role)
    PositionFactory(customer=customer, end=TODAY - dt.timedelta(days=1))
    with django_assert_num_queries(2):
        groups = decision_structure(customer)
    assert [(group.role, [row.contact for row in group.positions]) for group in groups] == [
        (contact_role, [first]),
        (influencer, [second]),
        (None, [last]),
    ]
