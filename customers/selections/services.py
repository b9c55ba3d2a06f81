"""Services of selections: keeping conditions, sharing, copies, frozen lists, deleting and restoring."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.conditions import tree as trees
from core.conditions.compile import Unreadable
from core.conditions.tree import Group, Join, Rule
from core.conditions.words import names_in, rows_in, sentence
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.timeouts import unlimited
from customers.selections import store
from customers.selections.enums import SUBJECTS, Combination, SelectionKind, SelectionOf
from customers.selections.models import (
    SelectedContact,
    SelectedCustomer,
    Selection,
    SelectionReference,
)
from customers.selections.rows import base_rows, members_of, rows_of, selected
from customers.selections.sharing import check_sharing, earlier_of, last_change, restored

MAY_NOT_SHARE = gettext_lazy("You may not share selections with everyone.")
FIELDS = ("name", "sharing", "team", "folder", "description", "includes_inactive")
#: A frozen selection has at most so many rows.
MOST_MEMBERS = 200_000


@transaction.atomic
def selection_create(
    *, user: User, of: str, tree: Group | None, kind: str = SelectionKind.LIVE, is_demo: bool = False, **fields: Any
) -> Selection:
    """Add a selection of one's own. Raises :class:`BusinessRuleError` as :func:`selection_change`."""
    selection = Selection(owner=user, of=of, kind=kind, is_demo=is_demo, **fields)
    check_sharing(selection, user, MAY_NOT_SHARE)
    selection.save()
    if tree is not None:
        _keep(selection, tree)
    return selection


@transaction.atomic
def selection_change(
    *, selection: Selection, user: User, tree: Group | None = None, version: int | None = None, **fields: Any
) -> Selection:
    """Change a selection; a ``tree`` replaces its condition.

    What it replaces is kept for :func:`selection_undo`. Raises :class:`BusinessRuleError` ``may_not_share`` or
    ``team_required``, ``frozen`` for a condition of a frozen selection, ``names_itself``; :class:`StaleVersionError` if
    it has changed since ``version``.
    """
    selection = lock(selection)
    check_version(selection, version)
    before = _earlier(selection, with_tree=tree is not None)
    for name in FIELDS:
        if name in fields:
            setattr(selection, name, fields[name])
    check_sharing(selection, user, MAY_NOT_SHARE)
    if tree is not None and selection.is_frozen:
        raise BusinessRuleError("frozen", _("A frozen selection has no condition."))
    return _keep_change(selection, tree, before)


def _keep_change(selection: Selection, tree: Group | None, before: dict[str, Any]) -> Selection:
    """Save a changed selection as its next version, with what it was before."""
    selection.version += 1
    selection.earlier = before | {"version": selection.version}
    if tree is None:
        selection.save()
    else:
        _keep(selection, tree)
    return selection


def _earlier(selection: Selection, *, with_tree: bool) -> dict[str, Any]:
    before = earlier_of(selection, FIELDS)
    return before | {"tree": trees.write(store.read(selection).tree)} if with_tree else before


@transaction.atomic
def selection_undo(*, selection: Selection) -> Selection:
    """Put back what the last change of a selection replaced. It can be undone itself.

    Raises :class:`BusinessRuleError` ``changed_since`` if that was not its last change, ``gone`` if a row that the
    condition names has been deleted.
    """
    selection = lock(selection)
    earlier = last_change(selection)
    tree = trees.read(earlier["tree"]) if earlier.get("tree", {}).get("parts") else None
    for model, ids in (rows_in(tree) if tree else {}).items():
        if model._base_manager.filter(pk__in=ids).count() < len(ids):
            text = _("Something that the condition named has been deleted: nothing was undone.")
            raise BusinessRuleError("gone", text)
    before = _earlier(selection, with_tree=tree is not None)
    for name, value in restored(earlier).items():
        setattr(selection, name, value)
    return _keep_change(selection, tree, before)


def _keep(selection: Selection, tree: Group) -> None:
    """Save the selection with a condition, its references and its words in both languages."""
    store.write(selection, tree)
    for name, words in _words(selection, tree).items():
        setattr(selection, name, words)
    selection.save()
    _check_names_itself(selection)


def _words(selection: Selection, tree: Group) -> dict[str, str]:
    """Return the condition in words by field; the names of classes follow the language."""
    found = {}
    for language in ("fi", "en"):
        with translation.override(language):
            found[f"words_{language}"] = sentence(tree, selection.subject, names_in(tree))
    return found


def selections_reword(selections: QuerySet[Selection] | None = None) -> int:
    """Put the present names into the words of conditions that name what was renamed; return how many.

    A condition with a fault keeps the words that it had: they say what it named.
    """
    number = 0
    rows = (Selection.objects.all() if selections is None else selections).filter(deleted_at=None)
    for selection in rows.exclude(condition={}).iterator(chunk_size=500):
        stored = store.read(selection)
        words = {} if stored.faults else _words(selection, stored.tree)
        if any(getattr(selection, name) != text for name, text in words.items()):
            number += Selection.objects.filter(pk=selection.pk, version=selection.version).update(**words)
    return number


def _check_names_itself(selection: Selection) -> None:
    """Raise if the condition names, through other selections, the selection itself."""
    seen: set[int] = set()
    ahead = {selection.pk}
    while ahead:
        named = SelectionReference.objects.filter(selection__in=ahead, target__isnull=False)
        ahead = set(named.values_list("target", flat=True)) - seen
        if selection.pk in ahead:
            raise BusinessRuleError("names_itself", _("The condition names the selection itself."))
        seen |= ahead


@transaction.atomic
def selection_copy(*, selection: Selection, user: User, name: str = "") -> Selection:
    """Add a copy of one's own."""
    name = name or _("%(name)s (copy)") % {"name": selection.name}
    fields: dict[str, Any] = {
        "name": name[:120], "folder": selection.folder if selection.owner_id == user.pk else "",
        "description": selection.description, "includes_inactive": selection.includes_inactive,
    }  # fmt: skip
    if selection.is_frozen:
        copy = selection_create(user=user, of=selection.of, tree=None, kind=SelectionKind.FROZEN, **fields)
        _members_insert(copy, members_of(selection))
        return copy
    return selection_create(user=user, of=selection.of, tree=store.read(selection).tree, **fields)


@unlimited()
def selection_freeze(*, selection: Selection, user: User, name: str) -> Selection:
    """Add a frozen selection of the rows that the user sees in a selection now.

    Raises :class:`BusinessRuleError` ``too_many`` above ``MOST_MEMBERS``, ``faulty`` if its condition cannot be read.
    """
    try:
        selected(selection, user)
    except Unreadable as error:
        raise BusinessRuleError("faulty", _("The condition of the selection cannot be read: fix it first.")) from error
    rows = rows_of(selection, user).order_by()
    if rows[: MOST_MEMBERS + 1].count() > MOST_MEMBERS:
        text = _("A frozen selection has at most %(number)d rows.")
        raise BusinessRuleError("too_many", text % {"number": MOST_MEMBERS})
    frozen = selection_create(
        user=user, of=selection.of, tree=None, kind=SelectionKind.FROZEN, name=name,
        includes_inactive=selection.includes_inactive,
    )  # fmt: skip
    _members_insert(frozen, rows.values("pk"))
    return frozen


def _members_insert(selection: Selection, ids: Any) -> int:
    """Insert the rows of a query of ids as members, in one statement; return how many were new."""
    of_customers = selection.of == SelectionOf.CUSTOMERS
    model: Any = SelectedCustomer if of_customers else SelectedContact
    column = "customer_id" if of_customers else "contact_id"
    sql, params = ids.query.sql_with_params()
    statement = (
        f'INSERT INTO "{model._meta.db_table}" (selection_id, {column}) '  # noqa: S608 - names of the model
        f"SELECT %s, found.id FROM ({sql}) AS found(id) ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [selection.pk, *params])
        return int(cursor.rowcount)


@transaction.atomic
def members_add(*, selection: Selection, user: User, ids: Collection[int]) -> list[int]:
    """Add rows that the user may see to a frozen selection; return those that were not in it.

    Raises :class:`BusinessRuleError` ``live``: a live selection has no members.
    """
    selection = _locked_frozen(selection)
    visible = base_rows(selection.of, user, includes_inactive=True).filter(pk__any_of=list(ids))
    model: Any = SelectedCustomer if selection.of == SelectionOf.CUSTOMERS else SelectedContact
    column = "customer_id" if selection.of == SelectionOf.CUSTOMERS else "contact_id"
    ids = set(visible.values_list("pk", flat=True))
    known = members_of(selection).filter(**{f"{column}__in": ids}).values_list(column, flat=True)
    new = sorted(ids - set(known))
    model.objects.bulk_create((model(selection=selection, **{column: pk}) for pk in new), ignore_conflicts=True)
    return new


@transaction.atomic
def members_remove(*, selection: Selection, ids: Collection[int]) -> int:
    """Take rows out of a frozen selection; return how many were in it. Raises as :func:`members_add`."""
    selection = _locked_frozen(selection)
    column = "customer" if selection.of == SelectionOf.CUSTOMERS else "contact"
    members: Any = selection.customers if selection.of == SelectionOf.CUSTOMERS else selection.contacts
    return int(members.filter(**{f"{column}__in": list(ids)}).delete()[0])


def _locked_frozen(selection: Selection) -> Selection:
    selection = lock(selection)
    if not selection.is_frozen:
        raise BusinessRuleError("live", _("A live selection finds its rows by its condition."))
    return selection


@transaction.atomic
def selection_combine(*, first: Selection, second: Selection, how: str, user: User, name: str) -> Selection:
    """Add a live selection of what is in both, in either, or in the first but not in the second.

    It names the two: it follows when they change. Raises :class:`BusinessRuleError` ``other_rows`` if one is of
    customers and the other of contacts, ``same`` for a selection with itself.
    """
    if first.of != second.of:
        raise BusinessRuleError("other_rows", _("One is of customers, the other of contacts."), field="second")
    if first.pk == second.pk:
        raise BusinessRuleError("same", _("Choose another selection."), field="second")
    return selection_create(
        user=user, of=first.of, tree=combined(first, second, how), name=name,
        includes_inactive=first.includes_inactive or second.includes_inactive,
    )  # fmt: skip


def combined(first: Selection, second: Selection, how: str) -> Group:
    """Return the condition of a combination."""
    key = f"{SUBJECTS[first.of]}.selection"
    inside = [Rule(number, key, {"op": "is", "rows": [one.pk]}) for number, one in ((2, first), (3, second))]
    if how == Combination.MINUS:
        return Group(1, Join.ALL, (inside[0], Group(4, Join.NONE, (inside[1],))))
    return Group(1, Join.ANY if how == Combination.OR else Join.ALL, tuple(inside))
