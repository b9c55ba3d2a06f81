"""Quick search of contacts: a name in any spelling, a title, an e-mail address, a phone number in any form.

A few hits are read by their indexes and sorted. Of many, a page is found by reading along the list's order, as long as
they are spread over it. Those of a common surname are not: in a list by name they are neighbours. Such a list is read
in segments (``ContactQuerySet.segments``): the range of the surname, where every contact is a hit, and what is before
and after it, where the hits are few and known by their ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import BooleanField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, Substr
from django.db.models.lookups import Exact

from core.fields import Fold
from customers.search import Typed, any_part, read, stems
from customers.search_words import guesses

if TYPE_CHECKING:
    from customers.models import Contact
    from customers.querysets import ContactQuerySet

#: Up to this many contacts are read and sorted; for more, walking along the list is faster.
MANY = 50_000
#: The same for contacts found by their names, titles and addresses.
FEW = 5_000
#: A letter of a search text in the sort keys, in which å, ä and ö come after z.
SORTED_AS = {"a": "a{|", "o": "o}"}
MAX_SPELLINGS = 250
#: Follows every other text that begins alike.
END = "\U0010ffff"


def find(contacts: ContactQuerySet, text: str) -> ContactQuerySet:
    """Return the ``contacts`` that match ``text``. Queries the database to choose the plan; never raises."""
    typed = read(text)
    if not typed.folded:
        return contacts
    if typed.phone_part or typed.address_part:
        found = _joined(contacts, [_points(typed)])
        return contacts.none() if found is None else found
    for reading in typed.readings:
        names = _names([stems(word) for word in reading])
        # An address is often made of the name; those of a common name would only be the same people again.
        is_enough = names.are_many or len(typed.folded) < 3
        found = _joined(contacts, [names, _titles(typed), *([] if is_enough else [_points(typed)])])
        if found is not None:
            return found
    return _by_likeness(contacts, typed)


def filter_by_ids(contacts: ContactQuerySet, ids: QuerySet[Any, Any], each: Q) -> ContactQuerySet:
    """Return the contacts with these ``ids``. Queries the database to choose the plan.

    Up to ``MANY`` contacts are read by their keys and sorted. For more, the condition ``each`` is checked contact by
    contact in the order of the list, which soon finds a page of them, or 10,000 to count.
    """
    return contacts.filter(each if ids[: MANY + 1].count() > MANY else Q(pk__in=ids))


def exists_for_each(rows: QuerySet[Any, Any]) -> Q:
    """Return the condition that one of ``rows`` (with ``OuterRef``) exists, checked row by row.

    PostgreSQL may turn a plain EXISTS into a join with all rows, but not this one. It can be negated.
    """
    found = Subquery(rows.order_by().values(yes=Value(True))[:1], output_field=BooleanField())
    return Q(Exact(Coalesce(found, Value(False)), Value(True)))


def best(contacts: ContactQuerySet, text: str, limit: int) -> list[Contact]:
    """Return at most ``limit`` contacts that match ``text``: the first ones by name, those so called before others."""
    typed = read(text)
    if not typed.folded:
        return []
    readings = [] if typed.is_number_or_address else typed.readings
    ways = (_joined(contacts, [_names([stems(word) for word in words])]) for words in readings)
    named = next((found for found in ways if found is not None), None)
    hits = named.first_by_name(limit) if named is not None else []
    if len(hits) < limit:
        others = find(contacts, text).exclude(pk__in=[contact.pk for contact in hits])
        hits += others.first_by_name(limit - len(hits))
    return hits


@dataclass(frozen=True)
class Hits:
    """Contacts found in one way: the ids of a few, or the condition on each where there are many."""

    ids: list[int]
    each: Q
    are_many: bool
    words: tuple[list[str], ...] = ()

    @classmethod
    def of(cls, ids: QuerySet[Any, Any], each: Q, words: list[list[str]] | None = None) -> Hits:
        first = list(ids[: FEW + 1])
        return cls(first, each, len(first) > FEW, tuple(words or ()))


def _joined(contacts: ContactQuerySet, ways: list[Hits]) -> ContactQuerySet | None:
    """Return the contacts found in one of the ways; None if there are none."""
    few = [pk for way in ways if not way.are_many for pk in way.ids]
    many = [way for way in ways if way.are_many]
    if not many:
        found = contacts.filter(pk__any_of=few)
        return found if few and found.exists() else None
    known = [Q(pk__any_of=few)] if few else []
    found = contacts.filter(reduce(or_, [*known, *(way.each for way in many)]))
    if len(many) == 1 and many[0].words:
        found.segments = _segments(many[0].words, few)
    return found


def _points(typed: Typed) -> Hits:
    """Match a part of a stored phone number or e-mail address."""
    from customers.models import ContactPoint

    part = typed.phone_part or typed.address_part or typed.folded
    points = ContactPoint.objects.alias(folded=Fold("value")).filter(folded__contains=part).order_by()
    return Hits.of(points.values_list("contact", flat=True), exists_for_each(points.filter(contact=OuterRef("pk"))))


def _titles(typed: Typed) -> Hits:
    """Match the whole text in a job title; a short one at its beginning: the index knows three letters or more."""
    from customers.models import Position

    lookup = "contains" if len(typed.folded) > 2 else "startswith"
    titles = Position.objects.filter(**{f"title_folded__{lookup}": typed.folded}).order_by()
    return Hits.of(titles.values_list("contact", flat=True), exists_for_each(titles.filter(contact=OuterRef("pk"))))


def _names(words: list[list[str]]) -> Hits:
    """Match one of the parts of each word in the name."""
    from customers.models import Contact

    each = Q(*(any_part("search_text", parts) for parts in words))
    if len(words) == 1 and sum(count for _begin, count in _ranges(words[0])) > FEW:
        return Hits([], each, are_many=True, words=(words[0],))
    return Hits.of(Contact.objects.filter(each).order_by().values_list("pk", flat=True), each, words)


def _by_likeness(contacts: ContactQuerySet, typed: Typed) -> ContactQuerySet:
    """Return the contacts with words like the typed ones in their names: *Virtannen* finds Virtanen."""
    for near in guesses(typed.separated, of_contacts=True):
        found = _joined(contacts, [_names([near.get(word) or stems(word) for word in typed.separated])])
        if found is not None:
            return found
    return contacts.none()


# Segments of the list by name


def _segments(words: tuple[list[str], ...], few: list[int]) -> dict[str, list[Q]]:
    """Return the segments of the list by name, in its order, if the hits of a word are neighbours in it."""
    for parts in words:
        if not all(map(_spellings, parts)):
            continue  # the ranges would not have all hits
        ranges = _ranges(parts)
        if sum(count for _begin, count in ranges) > FEW:
            elsewhere = list(_elsewhere(parts)[: FEW + 1])
            if len(elsewhere) <= FEW:
                return {"sort_key": list(_in_turn([begin for begin, _count in ranges], [*few, *elsewhere]))}
    return {}


def _in_turn(begins: list[str], elsewhere: list[int]) -> Iterator[Q]:
    others, after = Q(pk__any_of=elsewhere), ""
    for begin in begins:
        yield Q(sort_key__gte=after, sort_key__lt=begin) & others
        after = begin + END
        yield Q(sort_key__gte=begin, sort_key__lt=after)
    yield Q(sort_key__gte=after) & others


def _ranges(parts: list[str]) -> list[tuple[str, int]]:
    """Return the beginnings of sort keys with which surnames begin that have one of ``parts`` there, and how many."""
    spelt = sorted({spelling for part in parts for spelling in _spellings(part)})
    statement = """
        SELECT begin, number FROM unnest(%s::text[]) begin CROSS JOIN LATERAL (
            SELECT count(*) AS number FROM (
                SELECT 1 FROM customers_contact
                WHERE sort_key >= begin COLLATE "C" AND sort_key < (begin || %s) COLLATE "C" LIMIT %s
            ) counted
        ) ranges WHERE number > 0 ORDER BY begin COLLATE "C"
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [spelt, END, FEW + 1])
        found = cursor.fetchall()
    return [
        (begin, number)
        for begin, number in found
        if not any(begin != other and begin.startswith(other) for other, _number in found)
    ]


def _spellings(part: str) -> list[str]:
    """Return the sort keys of all texts that are folded to ``part``; none if there are too many."""
    letters = [SORTED_AS.get(letter, letter) for letter in part]
    number = reduce(lambda product, choices: product * len(choices), letters, 1)
    return ["".join(chosen) for chosen in product(*letters)] if number <= MAX_SPELLINGS else []


def _elsewhere(parts: list[str]) -> QuerySet[Any, Any]:
    """Return the ids of the contacts with a part anywhere in the name but at the beginning of the surname."""
    from customers.models import Contact

    rest = Contact.objects.alias(rest=rest_of_name())
    return rest.filter(any_part("rest", parts)).order_by().values_list("pk", flat=True)


def rest_of_name() -> Substr:
    """Return the SQL expression of the folded surname, without its first letter, and first name; it has an index."""
    return Substr(Fold(Concat(F("last_name"), Value(" "), F("first_name"))), 2)
