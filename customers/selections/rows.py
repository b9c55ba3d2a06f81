"""The customers or contacts of a selection, as a condition on a query set and as rows that a user may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from core.conditions.compile import Unreadable, condition_of
from core.conditions.plans import row_by_row, ways
from core.conditions.tree import Group
from core.paging import COUNT_LIMIT
from customers.models import Contact, Customer
from customers.selections import store
from customers.selections.enums import SelectionOf
from customers.selections.models import SelectedContact, SelectedCustomer, Selection

#: Ids that are looked at to see whether a condition is frequent, and how many rows are far more than are counted.
SAMPLE, MANY = 2_000, 4 * COUNT_LIMIT


def selected(selection: Selection, user: Any, within: frozenset[Any] = frozenset()) -> Q:
    """Return the condition that a row is in the selection.

    Raise :class:`Unreadable` if its condition cannot be read, is not for the user, or names itself in the end.
    """
    if selection.pk is not None and selection.pk in within:
        raise Unreadable("selection in itself")
    if selection.is_frozen:
        return Q(pk__in=members_of(selection))
    tree = store.read(selection).tree
    return condition_of(tree, selection.subject, user, within=within | {selection.pk})


def members_of(selection: Selection) -> QuerySet[Any, Any]:
    """Return the ids of the rows of a frozen selection."""
    if selection.of == SelectionOf.CUSTOMERS:
        return SelectedCustomer.objects.filter(selection=selection.pk).values("customer")
    return SelectedContact.objects.filter(selection=selection.pk).values("contact")


def base_rows(of: str, user: Any, *, includes_inactive: bool) -> Any:
    """Return the rows that a selection chooses from: those that the user may see, inactive ones only when asked for."""
    if of == SelectionOf.CUSTOMERS:
        customers = Customer.objects.visible_to(user)
        return customers if includes_inactive else customers.active()
    contacts = Contact.objects.visible_to(user)
    return contacts if includes_inactive else contacts.filter(is_hidden=False)


def rows_of(selection: Selection, user: Any) -> Any:
    """Return the rows of a selection that the user may see; none if its condition cannot be read."""
    rows = base_rows(selection.of, user, includes_inactive=selection.includes_inactive)
    try:
        return few_by_id(rows, selected(selection, user))
    except Unreadable:
        return rows.none()


def rows_of_tree(tree: Group, of: str, subject: str, user: Any, *, includes_inactive: bool) -> Any:
    """Return the rows of a condition that is not saved yet. Raise :class:`Unreadable` if it is not complete."""
    rows = base_rows(of, user, includes_inactive=includes_inactive)
    return few_by_id(rows, condition_of(tree, subject, user))


def few_by_id(rows: Any, condition: Q) -> Any:
    """Return the rows with the condition. Queries the database to choose the plan.

    Up to ``COUNT_LIMIT`` rows are found here, once, as a set; page, count and export then begin with their ids. More
    are so frequent that a page of them is soon found along the order of the list.
    """
    by_row = rows.filter(row_by_row(condition))
    if not _are_many(by_row):
        ids: set[int] = set()
        for way in ways(condition):
            ids.update(rows.filter(way).order_by().values_list("pk", flat=True)[: COUNT_LIMIT + 1])
            if len(ids) > COUNT_LIMIT:
                break
        if len(ids) <= COUNT_LIMIT:
            return rows.filter(pk__any_of=sorted(ids))
    found = rows.filter(condition)
    found.more_than = COUNT_LIMIT
    found.by_row = by_row
    return found


def _are_many(by_row: Any) -> bool:
    """Return whether a sample of the ids says that far more rows than ``COUNT_LIMIT`` match.

    PostgreSQL estimates nested conditions badly and may then read whole tables for the first 10,000 rows.
    """
    last = by_row.model._default_manager.order_by("-pk").values_list("pk", flat=True).first() or 0
    if last < MANY:
        return False
    sample = list(range(1, last + 1, max(last // SAMPLE, 1)))
    return by_row.filter(pk__any_of=sample).count() * last > MANY * len(sample)


def as_page(rows: Any) -> Any:
    """Return the rows as a page of them is read: of very many, along the order of the list."""
    return getattr(rows, "by_row", rows)
