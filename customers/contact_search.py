"""Quick search of contacts: a name in any spelling, a title, an e-mail address, a phone number in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from crm.fields import Fold
from customers.search import Typed, read, stems

if TYPE_CHECKING:
    from customers.querysets import ContactQuerySet

#: How alike a name must be to be shown when nothing contains what was typed, and how many are shown.
LIKENESS = 0.5
FUZZY_HITS = 20


def find(contacts: ContactQuerySet, text: str) -> ContactQuerySet:
    """Return those of ``contacts`` that ``text`` means. Reads the database to choose its way; never raises."""
    typed = read(text)
    if not typed.folded:
        return contacts
    parts = [_by_point(typed)] if typed.phone_part or typed.address_part else _by_words(typed)
    if not any(part.exists() for part in parts):
        return _by_likeness(contacts, typed)
    first, *rest = parts
    return contacts.filter(pk__in=first.union(*rest) if rest else first)


def _by_point(typed: Typed) -> QuerySet[Any, Any]:
    """The contacts with a part of a phone number in its stored form, of an e-mail address, or of any of the two."""
    from customers.models import ContactPoint

    part = typed.phone_part or typed.address_part or typed.folded
    return ContactPoint.objects.alias(folded=Fold("value")).filter(folded__contains=part).order_by().values("contact")


def _by_words(typed: Typed) -> list[QuerySet[Any, Any]]:
    """Those in whose name every word stands, and those with all of the text in a title, a phone or an e-mail."""
    from customers.models import Contact, Position

    names = Contact.objects.all()
    for word in typed.words:
        any_stem = Q()
        for stem in stems(word):
            any_stem |= Q(search_text__contains=f" {stem}" if len(stem) < 3 else stem)
        names = names.filter(any_stem)
    titles = Position.objects.alias(folded=Fold("title")).filter(folded__contains=typed.folded)
    return [names.values("pk"), titles.order_by().values("contact"), _by_point(typed)]


@transaction.atomic
def _by_likeness(contacts: ContactQuerySet, typed: Typed) -> ContactQuerySet:
    """The few whose name is most like what was typed: *Virtannen* finds Virtanen."""
    text = " ".join(typed.words)
    if len(text) < 3:
        return contacts.none()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(LIKENESS)])
    likeness = TrigramWordSimilarity(text, "search_text")
    alike = contacts.filter(search_text__trigram_word_similar=text).order_by(likeness.desc(), "pk")
    return contacts.filter(pk__in=list(alike.values_list("pk", flat=True)[:FUZZY_HITS]))
