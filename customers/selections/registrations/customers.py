"""The conditions on customers that this app knows."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from core.conditions.fields import Asked, ConditionField, Relation, Said
from core.conditions.kinds import (
    EMPTY,
    IS,
    IS_NOT,
    OPERATORS,
    choice_field,
    date_field,
    in_period,
    number_field,
    operator,
    operator_words,
    period,
    rows_field,
    text_field,
    when_words,
    yes_field,
)
from core.conditions.operands import Choice, Choices, Rows, Text
from core.filters import LONGEST_SEARCH
from customers.enums import (
    BranchPurpose,
    BranchTarget,
    Channel,
    ChargingMethod,
    CustomerKind,
    CustomerLanguage,
    CustomerState,
    Directness,
    OrganisationForm,
    ResponsibilityRole,
)
from customers.filters import regions
from customers.models import (
    ClassificationNode,
    Customer,
    CustomerClassification,
    Municipality,
    Position,
    Responsibility,
)
from customers.selections.enums import SelectionOf
from customers.selections.membership import selection_field

ABOUT: dict[str, Any] = {"subject": "customer"}
BASICS: dict[str, Any] = {**ABOUT, "section": gettext_lazy("Basic data"), "order": 12}
CLASSES: dict[str, Any] = {**ABOUT, "section": gettext_lazy("Classification"), "order": 10}
PEOPLE: dict[str, Any] = {**ABOUT, "section": gettext_lazy("Responsible persons"), "order": 20}
CONTACT: dict[str, Any] = {**ABOUT, "section": gettext_lazy("Contact with the customer"), "order": 30}
AGE: dict[str, Any] = {**ABOUT, "section": gettext_lazy("Age of data"), "order": 80}
OTHER: dict[str, Any] = {**ABOUT, "section": gettext_lazy("Other"), "order": 90}
ME = "me"


def with_branch(node: ClassificationNode) -> str:
    return f"{node.branch.name} › {node.name}" if not node.branch.purpose else node.name


def nodes_of(purpose: str = "") -> QuerySet[Any]:
    nodes = ClassificationNode.objects.exclude(branch__target=BranchTarget.CONTACTS).select_related("branch")
    return nodes.filter(branch__purpose=purpose) if purpose else nodes


def subtree_ids(ids: list[int]) -> list[int]:
    """Return the classes and all below them."""
    paths = ClassificationNode.objects.filter(pk__in=ids).order_by().values_list("path", flat=True)
    below = Q(pk__in=[])
    for path in paths:
        below |= Q(path__startswith=path)
    return list(ClassificationNode.objects.filter(below).order_by().values_list("pk", flat=True))


def in_classes(asked: Asked, ids: list[int]) -> Q:
    nodes = subtree_ids(ids)
    one = {"node": nodes[0]} if len(nodes) == 1 else {"node__in": nodes}
    return Q(Exists(CustomerClassification.objects.filter(customer=asked.outer, **one)))


def class_field(purpose: str, name: str, label: Any) -> ConditionField:
    """Return the condition on the class of a branch that the program itself uses."""

    def condition(asked: Asked) -> Q:
        if asked["op"] == EMPTY:
            rows = CustomerClassification.objects.filter(customer=asked.outer, node__branch__purpose=purpose)
            return ~Q(Exists(rows))
        found = in_classes(asked, asked["rows"])
        return found if asked["op"] == IS else ~found

    nodes = Rows(
        name="rows", label=label, model=ClassificationNode, rows=lambda: nodes_of(purpose),
        shown_if=("op", (IS, IS_NOT)),
    )  # fmt: skip
    operands = (operator(IS, IS_NOT, EMPTY), nodes)
    return ConditionField(
        name=name, label=label, operands=operands, condition=condition, words=operator_words, **CLASSES
    )


def _any_class(asked: Asked) -> Q:
    found = in_classes(asked, asked["rows"])
    return found if asked["op"] == IS else ~found


ENTERED, LEFT = "entered", "left"


def _class_change(asked: Asked) -> Q:
    """Match customers that have a class which was given in the period, or lost one in it and do not have it now."""
    nodes = subtree_ids(asked["rows"])
    if asked["change"] == ENTERED:
        given = CustomerClassification.objects.filter(customer=asked.outer, node__in=nodes)
        return Q(Exists(given.filter(in_period(asked.values, "assigned_at", is_moment=True))))
    events: Any = CustomerClassification.pgh_event_model  # type: ignore[attr-defined]
    lost = events.objects.filter(customer=asked.outer, node__in=nodes, pgh_label="delete")
    lost = lost.filter(in_period(asked.values, "pgh_created_at", is_moment=True))
    now = CustomerClassification.objects.filter(customer=asked.outer, node__in=nodes)
    return Q(Exists(lost)) & ~Q(Exists(now))


def _class_change_words(said: Said) -> str:
    return f"{said.texts['change']} {said.texts.get('rows', '')}, {when_words(said)}"


#: Periods in which something can have changed.
PAST_WHENS = ("last", "older", "between", "this_month", "last_month", "this_year", "last_year")
CHANGES = ((ENTERED, pgettext_lazy("class", "was given")), (LEFT, pgettext_lazy("class", "was removed")))

CLASS_FIELDS = (
    class_field(BranchPurpose.GROUP, "group", gettext_lazy("Customer group")),
    class_field(BranchPurpose.INDUSTRY, "industry", gettext_lazy("Industry")),
    class_field(BranchPurpose.SIZE, "size", gettext_lazy("Size class")),
    ConditionField(
        name="class",
        label=gettext_lazy("Class"),
        operands=(
            operator(IS, IS_NOT),
            Rows(
                name="rows", label=gettext_lazy("Classes"), model=ClassificationNode, rows=nodes_of,
                label_of=with_branch,
            ),
        ),
        condition=_any_class,
        words=operator_words,
        **CLASSES,
    ),
    ConditionField(
        name="class_change",
        label=gettext_lazy("Class given or removed"),
        operands=(
            Choice(name="change", label=gettext_lazy("Change"), choices=CHANGES, default=ENTERED),
            Rows(
                name="rows", label=gettext_lazy("Classes"), model=ClassificationNode, rows=nodes_of,
                label_of=with_branch,
            ),
            *period(*PAST_WHENS),
        ),
        condition=_class_change,
        words=_class_change_words,
        **CLASSES,
    ),
)  # fmt: skip


def _owner(asked: Asked) -> Q:
    if asked["op"] == EMPTY:
        return asked.q(summary__owner__isnull=True)
    if asked["op"] == ME:
        return asked.q(summary__owner=asked.user.pk)
    found = asked.q(summary__owner__in=asked["rows"])
    return found if asked["op"] == IS else ~found


def users() -> QuerySet[Any]:
    return User.objects.order_by("-is_active", "sort_key")


OWNER_CHOICES = (
    (IS, OPERATORS[IS]),
    (ME, gettext_lazy("is the current user")),
    (IS_NOT, OPERATORS[IS_NOT]),
    (EMPTY, gettext_lazy("nobody")),
)


def _owner_words(said: Said) -> str:
    return said.texts["op"] if said["op"] in (ME, EMPTY) else operator_words(said)


def _responsible(asked: Asked) -> Q:
    rows = Responsibility.objects.current().filter(customer=asked.outer)
    if asked["roles"]:
        rows = rows.filter(role__in=asked["roles"])
    if asked["op"] == EMPTY:
        return ~Q(Exists(rows))
    who = [asked.user.pk] if asked["op"] == ME else asked["rows"]
    found = Q(Exists(rows.filter(user__in=who)))
    return ~found if asked["op"] == IS_NOT else found


def _responsible_words(said: Said) -> str:
    return ", ".join(part for part in (_owner_words(said), said.texts.get("roles", "")) if part)


WHO = Rows(
    name="rows", label=gettext_lazy("Users"), model=User, rows=users, shown_if=("op", (IS, IS_NOT))
)  # fmt: skip
OWNER_OP = Choice(name="op", label=gettext_lazy("Comparison"), choices=OWNER_CHOICES, default=IS)

PEOPLE_FIELDS = (
    ConditionField(
        name="owner", label=gettext_lazy("Owner"), operands=(OWNER_OP, WHO), condition=_owner, words=_owner_words,
        **PEOPLE,
    ),
    ConditionField(
        name="responsible",
        label=gettext_lazy("Any responsible person"),
        operands=(
            OWNER_OP,
            WHO,
            Choices(
                name="roles", label=gettext_lazy("Role"), choices=ResponsibilityRole.choices, is_needed=False
            ),
        ),
        condition=_responsible,
        words=_responsible_words,
        **PEOPLE,
    ),
)  # fmt: skip


def _search(asked: Asked) -> Q:
    return asked.q(pk__in=Customer.objects.search(asked["text"]).order_by().values("pk"))


BASIC_FIELDS = (
    rows_field(
        name="municipality", label=gettext_lazy("Municipality"), path="municipality", model=Municipality,
        rows=Municipality.objects.all, **{**BASICS, "order": 11},
    ),
    choice_field(name="region", label=gettext_lazy("Region"), path="municipality__region", choices=regions, **BASICS),
    text_field(name="name", label=gettext_lazy("Name"), path="name", is_blank=False, **BASICS),
    ConditionField(
        name="search",
        label=gettext_lazy("Quick search finds"),
        operands=(Text(name="text", label=gettext_lazy("Text"), longest=LONGEST_SEARCH),),
        condition=_search,
        words=lambda said: said.texts["text"],
        **BASICS,
    ),
    text_field(name="business_id", label=gettext_lazy("Business ID"), path="business_id", **BASICS),
    choice_field(
        name="kind", label=gettext_lazy("Kind of customer"), path="kind", choices=CustomerKind.choices, **BASICS
    ),
    choice_field(
        name="organisation_form", label=gettext_lazy("Organisation form"), path="organisation_form",
        choices=OrganisationForm.choices, is_blank=True, **BASICS,
    ),
    number_field(name="personnel", label=gettext_lazy("Personnel"), path="personnel", **BASICS),
    number_field(
        name="turnover", label=gettext_lazy("Turnover"), path="turnover", is_money=True, **BASICS
    ),
    number_field(name="founded", label=gettext_lazy("Founded in the year"), path="founded", **BASICS),
    yes_field(
        name="subsidiary", label=gettext_lazy("Has a parent organisation"),
        yes=lambda asked: asked.q(parent__isnull=False), **BASICS,
    ),
    text_field(name="email", label=gettext_lazy("E-mail"), path="email", **BASICS),
    text_field(name="phone", label=gettext_lazy("Phone"), path="phone", **BASICS),
    text_field(name="website", label=gettext_lazy("Website"), path="website", **BASICS),
    choice_field(
        name="language", label=gettext_lazy("Language"), path="language", choices=CustomerLanguage.choices, **BASICS
    ),
    choice_field(
        name="preferred_channel", label=gettext_lazy("Preferred channel"), path="preferred_channel",
        choices=Channel.choices, is_blank=True, **BASICS,
    ),
    choice_field(
        name="directness", label=gettext_lazy("Direct or indirect"), path="directness", choices=Directness.choices,
        **BASICS,
    ),
    choice_field(
        name="charging_method", label=gettext_lazy("Charging method"), path="charging_method",
        choices=ChargingMethod.choices, is_blank=True, **BASICS,
    ),
    yes_field(
        name="obliged", label=gettext_lazy("Obliged to buy"), yes=lambda asked: asked.q(is_obliged_to_buy=True),
        **BASICS,
    ),
    text_field(name="source", label=gettext_lazy("Source of data"), path="source", **BASICS),
    choice_field(
        name="state", label=gettext_lazy("State"), path="state", choices=CustomerState.choices,
        permission="customers.manage_passive", **BASICS,
    ),
)  # fmt: skip


def _waiting(asked: Asked) -> Q:
    return asked.q(pk__in=Customer.objects.waiting_for_contact(asked.user).order_by().values("pk"))


CONTACT_FIELDS = (
    yes_field(name="waiting", label=gettext_lazy("My customers waiting for contact"), yes=_waiting, **CONTACT),
    date_field(
        name="last_contact", label=gettext_lazy("Last contact"), path="summary__last_contact_at", is_moment=True,
        **CONTACT,
    ),
    date_field(
        name="next_contact", label=gettext_lazy("Next contact"), path="summary__next_contact_at", is_moment=True,
        **CONTACT,
    ),
    number_field(
        name="open_activities", label=gettext_lazy("Open activities"), path="summary__open_activities", is_null=False,
        **CONTACT,
    ),
)  # fmt: skip

AGE_FIELDS = (
    date_field(
        name="created", label=gettext_lazy("Added"), path="created_at", is_moment=True, is_null=False, **AGE
    ),
    date_field(
        name="updated", label=gettext_lazy("Data last changed"), path="updated_at", is_moment=True, is_null=False, **AGE
    ),
)  # fmt: skip

CONDITION_FIELDS = (
    *CLASS_FIELDS,
    *PEOPLE_FIELDS,
    *BASIC_FIELDS,
    *CONTACT_FIELDS,
    *AGE_FIELDS,
    selection_field(SelectionOf.CUSTOMERS, **OTHER),
)


def _persons(asked: Asked) -> Any:
    positions = Position.objects.current().filter(customer=asked.outer)
    may_see_hidden = asked.user.has_perm("customers.manage_passive")
    return positions if may_see_hidden else positions.filter(contact__is_hidden=False)


CONDITION_RELATIONS = (
    Relation(
        subject="customer",
        name="person",
        target="person",
        label=gettext_lazy("Several conditions on one person …"),
        heading=gettext_lazy("A contact person"),
        rows=_persons,
        section=gettext_lazy("Contact persons"),
        order=15,
    ),
)
