"""The conditions on contacts, and on a contact person at a customer."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy

from core.conditions.fields import Asked, ConditionField, Relation, Said
from core.conditions.kinds import (
    EMPTY,
    FILLED,
    IS,
    IS_NOT,
    choice_field,
    date_field,
    operator,
    operator_words,
    text_field,
    yes_field,
)
from core.conditions.operands import Choice, Rows, Text
from core.filters import LONGEST_SEARCH
from customers.enums import CONSENT_CHANNELS, BranchPurpose, BranchTarget, Channel, ContactPointKind, CustomerLanguage
from customers.models import (
    ClassificationNode,
    Consent,
    Contact,
    ContactClassification,
    ContactPoint,
    Customer,
    Municipality,
    Position,
)
from customers.selections.enums import SelectionOf
from customers.selections.membership import selection_field
from customers.selections.registrations.customers import subtree_ids, with_branch

YES, NO, UNKNOWN = "yes", "no", "unknown"
PERSON, ROLE = gettext_lazy("Person"), gettext_lazy("Position and role")


def roles() -> Any:
    return ClassificationNode.objects.filter(branch__purpose=BranchPurpose.CONTACT_ROLE).select_related("branch")


def _nodes() -> Any:
    return ClassificationNode.objects.exclude(branch__target=BranchTarget.CUSTOMERS).select_related("branch")


def _role_rows() -> Rows:
    return Rows(
        name="rows", label=gettext_lazy("Role in decisions"), model=ClassificationNode, rows=roles,
        shown_if=("op", (IS, IS_NOT)),
    )  # fmt: skip


def _in_role(asked: Asked, positions: Any) -> Q:
    """Return whether one of the contact's ``positions`` has the role (or none: EMPTY, or any: FILLED)."""
    if asked["op"] in (EMPTY, FILLED):
        found = Q(Exists(positions.filter(role__isnull=False)))
        return found if asked["op"] == FILLED else ~found
    found = Q(Exists(positions.filter(role__in=subtree_ids(asked["rows"]))))
    return found if asked["op"] == IS else ~found


def _contact_role(asked: Asked) -> Q:
    return _in_role(asked, Position.objects.current().filter(contact=asked.outer))


def _person_role(asked: Asked) -> Q:
    if asked["op"] in (EMPTY, FILLED):
        return Q(role__isnull=asked["op"] == EMPTY)
    found = Q(role__in=subtree_ids(asked["rows"]))
    return found if asked["op"] == IS else ~found


def _consent(asked: Asked) -> Q:
    """Match by the newest answer about the channel."""
    answers = Consent.objects.filter(contact=asked.outer, channel=asked["channel"])
    if asked["answer"] == UNKNOWN:
        return ~Q(Exists(answers))
    given = _is_given(answers)
    return given if asked["answer"] == YES else Q(Exists(answers)) & ~given


def _is_given(answers: Any) -> Q:
    """Return whether there is a yes among the ``answers`` and nothing later; never NULL, which has no opposite."""
    later = answers.model.objects.filter(contact=OuterRef("contact"), channel=OuterRef("channel"))
    is_later = Q(given_on__gt=OuterRef("given_on")) | Q(given_on=OuterRef("given_on"), pk__gt=OuterRef("pk"))
    return Q(Exists(answers.filter(~Exists(later.filter(is_later)), is_given=True)))


def _consent_words(said: Said) -> str:
    return f"{said.texts['channel']}: {said.texts['answer']}"


def _class(asked: Asked) -> Q:
    rows = ContactClassification.objects.filter(contact=asked.outer, node__in=subtree_ids(asked["rows"]))
    found = Q(Exists(rows))
    return found if asked["op"] == IS else ~found


def _has_point(kind: str) -> Any:
    return lambda asked: Q(Exists(ContactPoint.objects.filter(contact=asked.outer, kind=kind)))


def _search(asked: Asked) -> Q:
    return asked.q(pk__in=Contact.objects.search(asked["text"]).order_by().values("pk"))


def of_contacts(subject: str, prefix: str) -> tuple[ConditionField, ...]:
    """Return the conditions on a contact with its columns at ``prefix``."""
    person: dict[str, Any] = {"subject": subject, "prefix": prefix, "section": PERSON, "order": 60}
    age = {**person, "section": gettext_lazy("Age of data"), "order": 80}
    answers = (
        (YES, gettext_lazy("given")),
        (NO, gettext_lazy("refused")),
        (UNKNOWN, gettext_lazy("not asked")),
    )
    return (
        ConditionField(
            name="consent",
            label=gettext_lazy("Marketing consent"),
            operands=(
                Choice(
                    name="channel", label=gettext_lazy("Channel"), default=Channel.EMAIL.value,
                    choices=tuple((channel.value, channel.label) for channel in CONSENT_CHANNELS),
                ),
                Choice(name="answer", label=gettext_lazy("Answer"), choices=answers, default=YES),
            ),
            condition=_consent,
            words=_consent_words,
            **{**person, "order": 40},
        ),
        yes_field(
            name="has_email", label=gettext_lazy("Has an e-mail address"), yes=_has_point(ContactPointKind.EMAIL),
            **person,
        ),
        yes_field(
            name="has_phone", label=gettext_lazy("Has a phone number"), yes=_has_point(ContactPointKind.PHONE),
            **person,
        ),
        text_field(name="last_name", label=gettext_lazy("Last name"), path="last_name", is_blank=False, **person),
        text_field(name="first_name", label=gettext_lazy("First name"), path="first_name", **person),
        choice_field(
            name="language", label=gettext_lazy("Language"), path="language", choices=CustomerLanguage.choices, **person
        ),
        choice_field(
            name="preferred_channel", label=gettext_lazy("Preferred channel"), path="preferred_channel",
            choices=Channel.choices, is_blank=True, **person,
        ),
        ConditionField(
            name="class",
            label=gettext_lazy("Class"),
            operands=(
                operator(IS, IS_NOT),
                Rows(
                    name="rows", label=gettext_lazy("Classes"), model=ClassificationNode, rows=_nodes,
                    label_of=with_branch,
                ),
            ),
            condition=_class,
            words=operator_words,
            **{**person, "order": 50},
        ),
        date_field(
            name="created", label=gettext_lazy("Added"), path="created_at", is_moment=True, is_null=False, **age
        ),
        date_field(
            name="updated", label=gettext_lazy("Data last changed"), path="updated_at", is_moment=True, is_null=False,
            **age,
        ),
        selection_field(
            SelectionOf.CONTACTS, **{**person, "section": gettext_lazy("Other"), "order": 90}
        ),
    )  # fmt: skip


def _title(asked: Asked) -> Q:
    rows = Position.objects.current().filter(contact=asked.outer, title__icontains=asked["text"])
    return Q(Exists(rows))


TITLE = Text(name="text", label=gettext_lazy("Text"))
#: What a position has, seen from the contact (any current position) and from the customer (this very position).
ROLE_FIELDS = (
    ConditionField(
        subject="contact", name="role", label=gettext_lazy("Role in decisions"), section=ROLE, order=10,
        operands=(operator(IS, IS_NOT, EMPTY, FILLED), _role_rows()), condition=_contact_role, words=operator_words,
    ),
    ConditionField(
        subject="person", name="role", label=gettext_lazy("Role in decisions"), section=ROLE, order=10,
        operands=(operator(IS, IS_NOT, EMPTY, FILLED), _role_rows()), condition=_person_role, words=operator_words,
    ),
    ConditionField(
        subject="contact", name="title", label=gettext_lazy("Job title contains"), section=ROLE, order=11,
        operands=(TITLE,), condition=_title, words=lambda said: said.texts["text"],
    ),
    ConditionField(
        subject="person", name="title", label=gettext_lazy("Job title contains"), section=ROLE, order=11,
        operands=(TITLE,), condition=lambda asked: Q(title__icontains=asked["text"]),
        words=lambda said: said.texts["text"],
    ),
)  # fmt: skip


def _at_customer(asked: Asked) -> Q:
    rows = Position.objects.current().filter(contact=asked.outer, customer__in=asked["rows"])
    return Q(Exists(rows.filter(customer__in=Customer.objects.visible_to(asked.user))))


def _from_municipality(asked: Asked) -> Q:
    at = {"customer__municipality__in": asked["rows"], "customer__state": "active"}
    return Q(Exists(Position.objects.current().filter(contact=asked.outer, **at)))


CONTACT_FIELDS = (
    ConditionField(
        subject="contact", name="customer", label=gettext_lazy("Works for"), section=ROLE, order=12,
        operands=(
            Rows(
                name="rows", label=gettext_lazy("Customers"), model=Customer, rows=Customer.objects.all,
                search_url="customers:options",
            ),
        ),
        condition=_at_customer, words=operator_words,
    ),
    ConditionField(
        subject="contact", name="municipality", label=gettext_lazy("Customer's municipality"), section=ROLE, order=13,
        operands=(
            Rows(
                name="rows", label=gettext_lazy("Municipality"), model=Municipality, rows=Municipality.objects.all
            ),
        ),
        condition=_from_municipality, words=operator_words,
    ),
    yes_field(
        subject="contact", name="inactive", label=gettext_lazy("Works for inactive customers only"), section=PERSON,
        order=60, permission="customers.manage_passive", yes=lambda asked: asked.q(is_hidden=True),
    ),
    ConditionField(
        subject="contact", name="search", label=gettext_lazy("Quick search finds"), section=PERSON, order=60,
        operands=(Text(name="text", label=gettext_lazy("Text"), longest=LONGEST_SEARCH),), condition=_search,
        words=lambda said: said.texts["text"],
    ),
)  # fmt: skip

CONDITION_FIELDS = (*of_contacts("contact", ""), *of_contacts("person", "contact__"), *ROLE_FIELDS, *CONTACT_FIELDS)


def _employers(asked: Asked) -> Any:
    positions = Position.objects.current().filter(contact=OuterRef(asked.outer))  # not the customer's key
    customers = Customer.objects.visible_to(asked.user).active()
    return customers.filter(pk__in=positions.values("customer"))


CONDITION_RELATIONS = (
    Relation(
        subject="contact",
        name="customer",
        target="customer",
        label=gettext_lazy("Conditions on the customer …"),
        heading=gettext_lazy("Works for a customer"),
        rows=_employers,
        section=gettext_lazy("Customer"),
        order=5,
    ),
)
