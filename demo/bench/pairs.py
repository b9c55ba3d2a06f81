"""Every pair of filters of the main lists, each as one request: which is the slowest."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.test import RequestFactory
from django.urls import resolve, reverse

from accounts.models import User
from core import clock
from core.filters import FilterSet
from demo.bench.cases import FRAGMENT
from demo.bench.client import Caller, Case
from demo.bench.measure import PAIRS_LIMIT, Pairs

LISTS = {
    "customers": "customers:list",
    "contacts": "customers:contacts",
    "activities": "activities:list",
    "feedback": "feedback:list",
    "leads": "leads:list",
    "offers": "offers:list",
    "orders": "orders:list",
}
ROUNDS = 3
AGO = dt.timedelta(days=100)
WORDS = {"customers": "konepaja", "contacts": "virtanen", "activities": "puitesopimus"}
ANY_WORD, ANY_NUMBER = "Espoo", "100"


def walk(caller: Caller, user: User, name: str, customers: int) -> Pairs:
    """Ask for every pair of filters of a list; one that is over the limit is asked again, and its best time counts."""
    url = reverse(LISTS[name])
    values = list(examples(filterset_of(url, user), name))
    taken = {pair: _seconds(caller, url, dict(pair)) for pair in combinations(values, 2)}
    worst = max(taken, key=lambda pair: taken[pair])
    times = sorted(taken.values())
    return Pairs(
        name=name,
        customers=customers,
        count=len(taken),
        slow=sum(seconds > PAIRS_LIMIT for seconds in times),
        worst=" and ".join(f"{key}={value}" for key, value in worst),
        worst_seconds=times[-1],
        median=times[len(times) // 2],
    )


def _seconds(caller: Caller, url: str, values: dict[str, str]) -> float:
    case = Case(f"{url} {json.dumps(values)}", f"{url}?{urlencode(values)}", FRAGMENT)
    best = caller.send(case).seconds
    for _round in range(ROUNDS - 1):
        if best > PAIRS_LIMIT:
            best = min(best, caller.send(case).seconds)
    return best


def filterset_of(url: str, user: User) -> FilterSet:
    """Return the filter set of a list as the user has it."""
    request: Any = RequestFactory().get(url)
    request.user = user
    match: Any = resolve(url)
    view = match.func.view_class()
    view.setup(request)
    filterset: FilterSet = view.get_filterset()
    return filterset


def examples(filterset: FilterSet, name: str) -> Iterator[tuple[str, str]]:
    """Yield each filter with a value that many rows have: the first choice, the user, a day of a while ago."""
    for key, field in filterset.form.fields.items():
        value = WORDS.get(name, ANY_WORD) if key == "q" else _example(field, filterset.user)
        if value:
            yield key, value


def _example(field: forms.Field, user: User) -> str:
    if isinstance(field, forms.ModelChoiceField):
        rows: Any = field.queryset
        first = user if rows.model is User else rows.order_by("pk").first()
        return str(first.pk) if first else ""
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return next((str(value) for value, label in choices if value and not isinstance(label, list)), "")
    if isinstance(field, forms.NullBooleanField):
        return "true"
    if isinstance(field, forms.DateField):
        return (clock.today() - AGO).isoformat()
    if isinstance(field, forms.DecimalField | forms.IntegerField):
        return ANY_NUMBER
    return ANY_WORD
