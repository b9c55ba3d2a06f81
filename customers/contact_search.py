"""Quick search of contacts: a name in any spelling, a title, an e-mail address, a phone number in any form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import BooleanField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import Exact

from core.fields import Fold
from customers.search import Typed, read, stems

if TYPE_CHECKING:
    from customers.querysets import ContactQuerySet

#: The least similarity of a fuzzy match, and how many are shown.
LIKENESS = 0.5
FUZZY_HITS = 20
#: Up to this many contacts are read and sorted; for more, walking along the list is faster.
MANY = 50_000


def find(contacts: ContactQuerySet, text: str) -> ContactQuerySet:
    """Return the ``contacts`` that match ``text``. Queries the database to choose the plan; never raises."""
    typed = read(text)
    if not typed.folded:
        return contacts
    is_point = typed.phone_part or typed.address_part
    methods = [_points(typed)] if is_point else [_names(typed), _titles(typed), _points(typed)]
    counts = [method.ids[: MANY + 1].count() for method in methods]
    if not any(counts):
        return _by_likeness(contacts, typed)
    if sum(counts) > MANY:
        return contacts.filter(
            reduce(or_, (method.each for method, count in zip(methods, counts, strict=True) if count))
        )
    first, *others = (method.ids for method, count in zip(methods, counts, strict=True) if count)
    return contacts.filter(pk__in=first.union(*others, all=True) if others else first)


def filter_by_ids(contacts: ContactQuerySet, ids: QuerySet[Any, Any], each: Q) -> ContactQuerySet:
    """Return the contacts with these ``ids``. Queries the database to choose the plan.

    Up to ``MANY`` contacts are read by their keys and sorted. For more, the condition ``each`` is checked contact by
    contact in the order of the list, which soon finds a page of them, or 10,000 to count.
    """
    return contacts.filter(each if ids[: MANY + 1].count() > MANY else Q(pk__in=ids))


def exists_for_each(rows: QuerySet[Any, Any]) -> Q:
    """Return the condition that one of ``rows`` (with ``OuterRef``) exists, checked row by row.

    PostgreSQL may turn a plain EXISTS into a join with all rows, but not this one.
    """
    return Q(Exact(Subquery(rows.order_by().values(yes=Value(True))[:1], output_field=BooleanField()), Value(True)))


@dataclass(frozen=True)
class SearchMethod:
    """One way to find contacts: their ids by an index, and the same condition for each contact."""

    ids: QuerySet[Any, Any]
    each: Q


def _points(typed: Typed) -> SearchMethod:
    """Match a part of a stored phone number or e-mail address."""
    from customers.models import ContactPoint

    part = typed.phone_part or typed.address_part or typed.folded
    points = ContactPoint.objects.alias(folded=Fold("value")).filter(folded__contains=part).order_by()
    return SearchMethod(points.values_list("contact"), exists_for_each(points.filter(contact=OuterRef("pk"))))


def _titles(typed: Typed) -> SearchMethod:
    """Match the whole text in a job title."""
    from customers.models import Position

    titles = Position.objects.filter(title_folded__contains=typed.folded).order_by()
    return SearchMethod(titles.values_list("contact"), exists_for_each(titles.filter(contact=OuterRef("pk"))))


def _names(typed: Typed) -> SearchMethod:
    """Match every word in the name."""
    from customers.models import Contact

    every = Q()
    for word in typed.words:
        parts = (f" {stem}" if len(stem) < 3 else stem for stem in stems(word))
        every &= reduce(or_, (Q(search_text__contains=part) for part in parts))
    return SearchMethod(Contact.objects.filter(every).order_by().values_list("pk"), every)


@transaction.atomic
def _by_likeness(contacts: ContactQuerySet, typed: Typed) -> ContactQuerySet:
    """Return the few contacts with the most similar names: *Virtannen* finds Virtanen."""
    text = " ".join(typed.words)
    if len(text) < 3:
        return contacts.none()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(LIKENESS)])
    likeness = TrigramWordSimilarity(text, "search_text")
    alike = contacts.filter(search_text__trigram_word_similar=text).order_by(likeness.desc(), "pk")
    return contacts.filter(pk__in=list(alike.values_list("pk", flat=True)[:FUZZY_HITS]))
