"""The first level of a condition from the filters of a list: what *Save as selection* keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from core.conditions.fields import fields
from core.conditions.forms import checked
from core.conditions.tree import Group, Rule
from core.exceptions import BusinessRuleError
from core.filters import FilterSet, is_empty
from customers.filters import ContactFilterSet, CustomerFilterSet
from customers.models import Contact, Customer
from customers.selections.enums import SUBJECTS, SelectionOf

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
    "further_segment": ("further_segment", _is_rows),
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


def tree_of_filters(of: str, query: str, request: HttpRequest) -> tuple[Group, bool]:
    """Return the condition of a list's filters, and whether it is about inactive customers too.

    Raises :class:`BusinessRuleError` ``no_filters`` when none is on, ``unreadable`` for one that cannot be read.
    """
    filterset_class, model, makers = LISTS[of]
    filterset = filterset_class(QueryDict(query), queryset=model.objects.none(), request=request)
    if not filterset.is_valid():
        raise BusinessRuleError("unreadable", filterset.error_text() or _("There is no filter to save."))
    found = {name: value for name, value in filterset.form.cleaned_data.items() if not is_empty(value)}
    state = found.pop("state", "")
    rules = [_rule(number, of, makers[name], value) for number, (name, value) in enumerate(found.items(), 2)]
    if state and state != "all":
        rules.append(Rule(len(rules) + 2, "customer.state", {"op": "is", "values": [state]}))
    if not rules:
        raise BusinessRuleError("no_filters", _("There is no filter to save."))
    return checked(Group(1, parts=tuple(rules)), SUBJECTS[of], request.user), bool(state)


def _rule(number: int, of: str, maker: Maker, value: Any) -> Rule:
    name, values = maker
    key = f"{SUBJECTS[of]}.{name}"
    assert key in fields(), key  # noqa: S101 - the tables above name known conditions
    return Rule(number, key, values(value))
