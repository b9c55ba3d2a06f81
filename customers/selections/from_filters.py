"""The condition of a list: its filters are the first level, its deeper conditions the rest; and back to filters."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from core.conditions import tree as trees
from core.conditions.fields import fields
from core.conditions.forms import checked
from core.conditions.tree import Group, Join, Node, Rule, TreeError
from core.exceptions import BusinessRuleError
from core.filters import FilterSet, is_empty
from customers.enums import CustomerState
from customers.filters import ContactFilterSet, CustomerFilterSet
from customers.models import Contact, Customer
from customers.segment_filters import OF_SCHEME
from customers.selections import store
from customers.selections.enums import SUBJECTS, SelectionOf
from customers.selections.filters import asks_for_inactive
from segmentation.schemes.models import Segment

Values = dict[str, Any]
Maker = tuple[str, Callable[[Any], Values]]


def _rows(value: Any) -> list[int]:
    return [row.pk for row in (value if hasattr(value, "__iter__") else [value])]


def _is_rows(value: Any) -> Values:
    return {"op": "is", "rows": _rows(value)}


def _one_of(value: Any) -> Values:
    return {"op": "is", "values": value if isinstance(value, list) else [value]}


def _days(value: Any) -> Values:
    return {"when": "not_last", "days": int(value)}


#: Filter → the condition's name and its values.
CUSTOMERS: dict[str, Maker] = {
    "q": ("search", lambda value: {"text": value}),
    "mine": ("owner", lambda value: {"op": "me"}),
    "owner": ("owner", _is_rows),
    "no_owner": ("owner", lambda value: {"op": "empty"}),
    "waiting": ("waiting", lambda value: {"answer": "yes"}),
    "no_municipality": ("municipality", lambda value: {"op": "empty"}),
    "no_group": ("group", lambda value: {"op": "empty"}),
    "no_segment": ("segment", lambda value: {"op": "empty"}),
    "group": ("group", _is_rows),
    "segment": ("segment", _is_rows),
    "industry": ("industry", _is_rows),
    "size": ("size", _is_rows),
    "classification": ("class", _is_rows),
    "municipality": ("municipality", _is_rows),
    "region": ("region", _one_of),
    "organisation_form": ("organisation_form", _one_of),
    "language": ("language", _one_of),
    "last_contact": ("last_contact", _days),
    "never_contacted": ("last_contact", lambda value: {"when": "empty"}),
    "ordered_from": ("ordered", lambda value: {"op": "at_least", "number": str(value)}),
    "open_offers": ("open_offers", lambda value: {"op": "at_least", "number": 1}),
    "no_order_since": ("last_order", lambda value: {"when": "not_since", "from": value.isoformat()}),
    "source": ("source", lambda value: {"op": "begins", "text": value}),
    "obliged": ("obliged", lambda value: {"answer": "yes"}),
    "selection": ("selection", _is_rows),
}
CONTACTS: dict[str, Maker] = {
    "q": ("search", lambda value: {"text": value}),
    "customer": ("customer", lambda value: {"rows": _rows(value)}),
    "role": ("role", _is_rows),
    "municipality": ("municipality", lambda value: {"rows": _rows(value)}),
    "consent": ("consent", lambda value: {"channel": value, "answer": "yes"}),
    "language": ("language", _one_of),
    "classification": ("class", _is_rows),
    "selection": ("selection", _is_rows),
}
LISTS: dict[str, tuple[type[FilterSet], Any, dict[str, Maker]]] = {
    SelectionOf.CUSTOMERS: (CustomerFilterSet, Customer, CUSTOMERS),
    SelectionOf.CONTACTS: (ContactFilterSet, Contact, CONTACTS),
}


#: The filter of a list that names its deeper conditions.
CONDITIONS = "conditions"


def tree_of_filters(of: str, query: str, request: HttpRequest) -> tuple[Group, bool]:
    """Return the condition of a list's filters, and whether the list has inactive rows too.

    Raises :class:`BusinessRuleError` ``no_filters`` when none is on, ``unreadable`` for one that cannot be read.
    """
    tree, state = tree_of_list(of, query, request)
    if not tree.parts:
        raise BusinessRuleError("no_filters", _("There is no filter to save."))
    try:
        return checked(tree, SUBJECTS[of], request.user), bool(state)
    except TreeError as error:
        raise BusinessRuleError("unreadable", str(error)) from error


def tree_of_list(of: str, query: str, request: HttpRequest) -> tuple[Group, str]:
    """Return the whole condition of a list, which may have no parts, and the state of customers that it asks for.

    That is *all* where a selection or the deeper conditions of the list ask for inactive ones. Raises
    :class:`BusinessRuleError` ``unreadable`` for a filter that cannot be read.
    """
    found = _values(of, QueryDict(query), request)
    if found is None:
        raise BusinessRuleError("unreadable", _error_text(of, query, request) or _("There is no filter to save."))
    asks = asks_for_inactive(found)
    state, deeper = found.pop("state", ""), found.pop(CONDITIONS, None)
    parts: list[Node] = [_rule(of, _maker(of, name), value) for name, value in found.items()]
    if state and state != "all":
        parts.append(_state_rule(of, state))
    if deeper is not None:
        parts += _parts(store.read(deeper).tree)
    return renumbered(Group(1, parts=tuple(parts))), state or ("all" if asks else "")


#: The condition of selections that the filters of further schemes say, each for its own.
FURTHER: Maker = ("further_segment", _is_rows)


def _maker(of: str, name: str) -> Maker:
    return LISTS[of][2].get(name) or FURTHER


def _makers(of: str, rule: Rule) -> dict[str, Maker]:
    """Return the filters that may say a rule; segments of one further scheme are said by the filter of that one."""
    if rule.field != f"{SUBJECTS[of]}.{FURTHER[0]}":
        return LISTS[of][2]
    schemes = set(Segment.objects.filter(pk__in=rule.values.get("rows", ())).values_list("scheme", flat=True))
    return {f"{OF_SCHEME}{scheme}": FURTHER for scheme in schemes} if len(schemes) == 1 else {}


def _state_rule(of: str, state: str) -> Rule:
    if of == SelectionOf.CUSTOMERS:
        return Rule(0, "customer.state", {"op": "is", "values": [state]})
    return Rule(0, "contact.inactive", {"answer": "yes" if state == CustomerState.PASSIVE else "no"})


def _state_of(of: str, rule: Rule) -> str:
    """Return the state that a rule says, as the filter of the list has it; none for another rule."""
    states = [state for state in CustomerState.values if _plain(_state_rule(of, state).values) == _plain(rule.values)]
    return states[0] if states and rule.field == _state_rule(of, states[0]).field else ""


def _filterset(of: str, query: QueryDict, request: HttpRequest) -> FilterSet:
    filterset_class, model, _makers = LISTS[of]
    return filterset_class(query, queryset=model.objects.none(), request=request)


def _values(of: str, query: QueryDict, request: HttpRequest) -> dict[str, Any] | None:
    """Return the values of the filters that are on; None if one cannot be read. Without filters there are none."""
    if not query:
        return {}
    filterset = _filterset(of, query, request)
    if not filterset.is_valid():
        return None
    return {name: value for name, value in filterset.form.cleaned_data.items() if not is_empty(value)}


def _error_text(of: str, query: str, request: HttpRequest) -> str:
    return _filterset(of, QueryDict(query), request).error_text()


def _rule(of: str, maker: Maker, value: Any) -> Rule:
    name, values = maker
    key = f"{SUBJECTS[of]}.{name}"
    assert key in fields(), key  # noqa: S101 - the tables above name known conditions
    return Rule(0, key, values(value))


def _parts(tree: Group) -> tuple[Node, ...]:
    """Return a tree as parts of a group of which all hold."""
    return tree.parts if tree.join == Join.ALL else (tree,)


def renumbered(tree: Group) -> Group:
    """Return the tree with new ids, from 1 on."""
    return _numbered(tree, itertools.count(1))


def _numbered(group: Group, numbers: Iterator[int]) -> Group:
    own = next(numbers)
    parts = tuple(
        replace(part, id=next(numbers)) if isinstance(part, Rule) else _numbered(part, numbers) for part in group.parts
    )
    return replace(group, id=own, parts=parts)


# Back to filters


def filters_of_tree(of: str, tree: Group, request: HttpRequest) -> tuple[QueryDict, Group]:
    """Return what of a condition the filters of the list say, as their parameters, and the rest of it.

    A part of the first level becomes a filter if that filter says exactly this part; each filter is used once.
    """
    said = QueryDict(mutable=True)
    rest: list[Node] = []
    for part in _parts(tree):
        found = _as_filter(of, part, request, set(said)) if isinstance(part, Rule) else None
        if found is None:
            rest.append(part)
        else:
            said.setlist(*found)
    return said, renumbered(Group(1, parts=tuple(rest)))


def _as_filter(of: str, rule: Rule, request: HttpRequest, used: set[str]) -> tuple[str, list[str]] | None:
    """Return the filter that says what a rule says, with its values."""
    for name, (field, _make) in _makers(of, rule).items():
        if name in used or rule.field != f"{SUBJECTS[of]}.{field}":
            continue
        for texts in _texts(rule):
            if _says(of, name, texts, rule, request):
                return name, texts
    state = _state_of(of, rule)
    if state and "state" not in used and _values(of, _query("state", [state]), request):
        return "state", [state]
    return None


def _texts(rule: Rule) -> Iterator[list[str]]:
    """Yield the values that a filter may have which says a rule."""
    yield ["true"]
    for value in rule.values.values():
        yield [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _query(name: str, texts: list[str]) -> QueryDict:
    query = QueryDict(mutable=True)
    query.setlist(name, texts)
    return query


def _says(of: str, name: str, texts: list[str], rule: Rule, request: HttpRequest) -> bool:
    """Return whether a filter with these values says exactly the rule."""
    found = _values(of, _query(name, texts), request)
    if not found or name not in found:
        return False
    try:
        made = checked(Group(1, parts=(_rule(of, _maker(of, name), found[name]),)), SUBJECTS[of], request.user)
    except TreeError:
        return False
    [same] = trees.rules_of(made)
    return _plain(same.values) == _plain(rule.values)


def _plain(values: Values) -> Values:
    return {name: sorted(value, key=str) if isinstance(value, list) else value for name, value in values.items()}
