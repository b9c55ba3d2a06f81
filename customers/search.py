"""Quick search of customers by business ID, phone, e-mail, or words of a name in any spelling.

The text is compared with ``CustomerSearch.text`` (folded names, numbers, addresses; trigram index) and with the
contacts' phones and e-mails. Finnish words change their stem when inflected (*asiakas*: *asiakkaan*, *Äänekoski*:
*Äänekosken*), so each word is searched by its stems. A word with signs inside is searched as it is typed (*S:t*); if
nothing is found, signs separate words (``Typed.readings``); then the most similar words of all names are looked for.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import BooleanField, Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from core.fields import Fold, SortKey
from core.phones import phone_part
from core.text import one_line
from customers.search_words import guesses

if TYPE_CHECKING:
    from customers.querysets import CustomerQuerySet

MAX_LENGTH = 200
MAX_WORDS = 8
#: The best matches of the palette are chosen among this many.
CANDIDATES = 300
#: Up to this many rows that a filter fits, or a word in rows about customers, are read by their index and sorted; for
#: more, walking along the sort index is faster.
FEW = 5_000
#: A word in more rows than this is not looked up in their index.
VERY_MANY = 50_000
#: Up to this many customers that a text fits are read by its index, and rows about them by their ids.
AT_CUSTOMERS = 10_000
#: A text that fits more customers says little about one of their offers or activities; the palette stops here.
BRIEF = 1_000

COMPANY_FORMS = frozenset("oy oyj ab abp ry rf ky kb tmi osk sr ltd limited llc inc plc corp gmbh ag".split())  # noqa: SIM905
_BUSINESS_ID = re.compile(r"(?:fi)?\s*(\d{7})\s*-?\s*(\d)", re.IGNORECASE)
_ADDRESS = re.compile(r"\S*@\S*|(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,10}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-&.'’+:/][^\W_]+)*")
_SIGN = re.compile(r"(?<=[^\W_])[\W_](?=[^\W_])")

#: Endings of the cases, longest first; what is left must be long enough to mean something.
_ENDINGS = (
    "ksessa", "ksesta", "ksella", "kselle", "kselta", "kseen", "ksien", "ksia", "ksen", "kset",
    "ssansa", "iden", "eiden", "oiden", "jen", "ien", "ista", "issa", "ille", "illa", "ilta", "eissa", "eista",
    "ssa", "sta", "lla", "lta", "lle", "ksi", "seen", "hin", "iin", "aan", "oon", "uun", "een", "yn", "ion",
    "an", "en", "in", "on", "un", "na", "ta", "as", "is", "us", "es", "ia", "n", "t", "a", "e", "i", "o", "u", "y",
)  # fmt: skip
#: Consonants at the end of a stem that take turns (gradation): Helsinki – Helsingin, Lahti – Lahden, Turku – Turun.
_GRADATION = {"nk": "ng", "ng": "nk", "nt": "nn", "nn": "nt", "lt": "ll", "ll": "lt", "rt": "rr", "rr": "rt"} | {
    "mp": "mm", "mm": "mp", "ht": "hd", "hd": "ht", "it": "id", "id": "it", "et": "ed", "ed": "et", "st": "s",
}  # fmt: skip
_SHORTEST_STEM = 4
#: The index knows three letters or more; what has no more together is looked for where words begin.
_LONGEST_SHORT = 2
_LONG = re.compile(rf"[^\W_]{{{_LONGEST_SHORT + 1}}}")


@dataclass(frozen=True)
class Typed:
    """A search text, cleaned and folded like the stored texts."""

    text: str
    folded: str

    @property
    def words(self) -> list[str]:
        """The words of the text, with the signs inside them, without company forms, unless there is nothing else."""
        return _telling(self._all_words)

    @property
    def separated(self) -> list[str]:
        """The words with signs between them. Short ones say something only together: *S:t*, *C/O*, *24/7*."""
        return _telling([part for word in self._all_words for part in _separated(word)])

    @property
    def readings(self) -> list[list[str]]:
        """The words to look for, and those to look for where they are not found."""
        return [self.words] if self.words == self.separated else [self.words, self.separated]

    @property
    def _all_words(self) -> list[str]:
        return _WORD.findall(self.folded)[:MAX_WORDS] or self.folded.split()[:MAX_WORDS]

    @property
    def business_id(self) -> str:
        match = _BUSINESS_ID.fullmatch(self.text)
        return f"{match[1]}-{match[2]}" if match else ""

    @property
    def phone_part(self) -> str:
        """What to search in E.164 numbers; empty if the text is no phone number."""
        return phone_part(self.text)

    @property
    def address_part(self) -> str:
        return self.folded.removeprefix("www.") if _ADDRESS.fullmatch(self.text) else ""

    @property
    def is_number_or_address(self) -> bool:
        """Whether the text is matched exactly or not at all."""
        return bool(self.business_id or self.phone_part or self.address_part)


def _telling(words: list[str]) -> list[str]:
    telling = [word for word in words if word.replace(".", "") not in COMPANY_FORMS]
    return (telling or words)[:MAX_WORDS]


def _separated(word: str) -> list[str]:
    parts = _SIGN.split(word)
    return parts if not is_short(word) or COMPANY_FORMS.issuperset(parts) else [word]


def read(text: str) -> Typed:
    """Return the cleaned text, folded by a query exactly like the stored texts."""
    cleaned = one_line(text.replace("\x00", " "))[:MAX_LENGTH]
    with connection.cursor() as cursor:
        cursor.execute("SELECT portaali_fold(%s)", [cleaned])
        [folded] = cursor.fetchone()
    return Typed(cleaned, folded)


def stems(word: str) -> list[str]:
    """Return the parts of a folded ``word`` of which one must match, to cover its inflected forms.

    Parts that contain a shorter one are left out.
    """
    if is_short(word) and (spaced := _SIGN.sub(r" \g<0> ", word)) != word:
        return [word, spaced]  # K&K: K & K
    if len(word) <= _SHORTEST_STEM or not word.isalpha():
        return [word]
    if word.endswith("nen") or (word.endswith("sen") and not word.endswith("ksen")):
        return [word[:-3] + "nen", word[:-3] + "s"]
    parts = {word}
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM:
            parts |= _graded(stem)
    return sorted(part for part in parts if not any(other in part for other in parts - {part}))


def _graded(stem: str) -> set[str]:
    if stem[-1] == stem[-2] and stem[-1] in "kpt":
        stem = stem[:-1]
    forms = {stem}
    if stem[-2:] in _GRADATION:
        forms.add(stem[:-2] + _GRADATION[stem[-2:]])
    return {form for form in forms if len(form) >= _SHORTEST_STEM}


def find(customers: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """Return the ``customers`` that match ``text``. Queries the database to choose the plan; never raises."""
    typed = read(text)
    return _find(customers, typed, AT_CUSTOMERS) if typed.folded else customers


def _find(customers: CustomerQuerySet, typed: Typed, few: int) -> CustomerQuerySet:
    for attempt in (_by_business_id, _by_number_or_address, _by_words, _by_text, _by_likeness):
        found = attempt(customers, typed, few)
        if found is not None:
            return found
    return customers.none()


def pick(customers: CustomerQuerySet, ids: Any, few: int = FEW) -> tuple[int, CustomerQuerySet | None]:
    """Return the number of ``ids`` up to a limit, and the ``customers`` with them if they are few, else None.

    ``ids`` are ``values`` of one column.
    Few are read here, once, by their own index: page, count and export then begin with their ids and sort them, instead
    of walking along the whole sort index until they have found a page. For many ids the walk is short.
    """
    hits = [next(iter(row.values())) for row in ids[: few + 1]]
    return len(hits), customers.filter(pk__any_of=hits) if len(hits) <= few else None


def _by_business_id(customers: CustomerQuerySet, typed: Typed, few: int) -> CustomerQuerySet | None:
    found = customers.filter(business_id=typed.business_id) if typed.business_id else None
    return found if found is not None and found.exists() else None


def _by_number_or_address(customers: CustomerQuerySet, typed: Typed, few: int) -> CustomerQuerySet | None:
    """Match a phone number or e-mail address of the customer or its contacts, or digits of any number."""
    from customers.models import ContactPoint, CustomerSearch, Position

    part = typed.phone_part or typed.address_part
    if not part:
        return None
    points = ContactPoint.objects.alias(folded=Fold("value")).filter(folded__contains=part).values("contact")
    of_contacts = Position.objects.current().filter(contact__in=points).values("customer")
    own = CustomerSearch.objects.filter(text__contains=part).values("customer")
    typed_as_is = CustomerSearch.objects.filter(text__contains=typed.folded).values("customer")
    return _found(customers, own.union(of_contacts, typed_as_is, all=True), few)


def _by_words(customers: CustomerQuerySet, typed: Typed, few: int) -> CustomerQuerySet | None:
    for words in typed.readings:
        found = _having(customers, [stems(word) for word in words], few)
        if found is not None:
            return found
    return None


def _by_text(customers: CustomerQuerySet, typed: Typed, few: int) -> CustomerQuerySet | None:
    """Match the text as it is typed: names have short words after other signs than spaces, as *Palvelu (IT) Oy*."""
    from customers.models import CustomerSearch

    if len(typed.folded) <= _LONGEST_SHORT:
        return None
    ids = CustomerSearch.objects.filter(any_part("text", [typed.folded])).values("customer")
    return _found(customers, ids, few)


def _by_likeness(customers: CustomerQuerySet, typed: Typed, few: int) -> CustomerQuerySet | None:
    """Return the customers with words like the typed ones in their names: *nokain konepja* finds Nokian Konepaja."""
    words = [] if typed.is_number_or_address else typed.separated
    for near in guesses(words, of_contacts=False):
        found = _having(customers, [near.get(word) or stems(word) for word in words], few)
        if found is not None:
            return found
    return None


def _having(customers: CustomerQuerySet, words: list[list[str]], few: int) -> CustomerQuerySet | None:
    """Return the customers with one of the parts of each word; None if there are none."""
    each = Q(*(any_part("search_row__text", parts) for parts in words))
    return _found(customers, _with_all(words).values("customer"), few, each)


def _found(customers: CustomerQuerySet, ids: Any, few: int, each: Q | None = None) -> CustomerQuerySet | None:
    """Return the customers with these ids (``each`` is the same condition on a customer); None if there are none."""
    count, picked = pick(customers, ids, few)
    if picked is None:
        return customers.filter(pk__in=ids) if each is None else customers.filter(each)
    return picked if count and picked.exists() else None


@dataclass(frozen=True)
class WordInRows:
    """A word of a search text in rows that have a ``customer``: offers, activities.

    ``own`` is the condition on a row's own texts, ``parts`` are those of which one must be in the customer's texts.
    ``ids`` are those of the rows with the word in their own texts; None if it is in too many.
    """

    parts: list[str]
    own: Q
    ids: list[int] | None

    @classmethod
    def of(cls, rows: QuerySet[Any, Any], parts: list[str], own: Q, *, brief: bool) -> WordInRows:
        """Read the ids of the ``rows`` with the word, by their indexes.

        An index is read to the end, so those of a word are not read that the database expects in very many rows.
        """
        limit, found = BRIEF if brief else FEW, rows.filter(own).order_by()
        if _expected(found) > VERY_MANY:
            return cls(parts, own, None)
        ids = list(found.values_list("pk", flat=True)[: limit + 1])
        return cls(parts, own, ids if len(ids) <= limit else None)

    @property
    def in_own(self) -> Q:
        return self.own if self.ids is None else Q(pk__any_of=self.ids)

    @property
    def in_each(self) -> Q:
        """The condition that the word is in the row's or its customer's texts, for checking row by row."""
        return self.in_own | _of_each([self.parts])


def rows_with(words: list[WordInRows], *, brief: bool) -> tuple[Q, bool]:
    """Return the condition that rows have all ``words`` in their own or their customer's texts. Queries the database.

    The second value says whether ids find the rows; otherwise they are so many that a list is read along in its order.
    ``brief`` is for the palette: what fits more than ``BRIEF`` customers finds rows by their own texts only.
    """
    if len(words) > 1 and any(word.ids is None for word in words):
        return _by_a_rare_word(words)
    together = _at_customers([word.parts for word in words], BRIEF if brief else AT_CUSTOMERS)
    own = reduce(or_, (word.in_own for word in words))
    if len(words) > 1:  # a row has at least one word itself, or its customer has them all
        own &= Q(*(word.in_each for word in words))
    is_known = words[0].ids is not None
    if together is not None:
        return own | Q(customer__any_of=together), is_known
    return (own, is_known) if brief else (own | _of_each([word.parts for word in words]), False)


def _expected(rows: QuerySet[Any, Any]) -> int:
    """Return how many rows the database expects by its statistics."""
    plans = rows.explain(format="json")  # nothing where the condition can never hold
    return int(json.loads(plans)[0]["Plan"]["Plan Rows"]) if plans else 0


def _by_a_rare_word(words: list[WordInRows]) -> tuple[Q, bool]:
    """Find rows by a word that few rows and customers have, and look at each for the others."""
    for rare in words:
        customers = _at_customers([rare.parts], AT_CUSTOMERS) if rare.ids is not None else None
        if customers is not None:
            others = (word.in_each for word in words if word is not rare)
            return (rare.in_own | Q(customer__any_of=customers)) & Q(*others), True
    return Q(*(word.in_each for word in words)), False


def _at_customers(words: list[list[str]], limit: int) -> list[int] | None:
    """Return the ids of the customers that have all words; None if they are more than ``limit``."""
    ids = list(_with_all(words).values_list("pk", flat=True)[: limit + 1])
    return ids if len(ids) <= limit else None


def _of_each(words: list[list[str]]) -> Q:
    """Return the condition that a row's customer has all words, checked row by row."""
    own = _with_all(words).filter(customer=OuterRef("customer")).values(yes=Value(True))[:1]
    return Q(Exact(Subquery(own, output_field=BooleanField()), Value(True)))


def _with_all(words: list[list[str]]) -> Any:
    """Return the texts of the customers that have one of the parts of each word."""
    from customers.models import CustomerSearch

    return reduce(lambda found, parts: found.filter(any_part("text", parts)), words, CustomerSearch.objects.order_by())


def is_short(part: str) -> bool:
    """Return whether the index of trigrams does not know a part inside words: *ko*, *s:t*."""
    return not _LONG.search(part)


def any_part(path: str, parts: list[str]) -> Q:
    """Match one of the parts; a short one where words begin."""
    texts = [f" {part}" if is_short(part) else part for part in parts]
    return reduce(or_, (Q(**{f"{path}__contains": text}) for text in texts))


def best(customers: CustomerQuerySet, text: str, limit: int) -> CustomerQuerySet:
    """Return at most ``limit`` customers that match ``text``, the best first."""
    typed = read(text)
    if not typed.folded:
        return customers.none()
    matching = _find(customers, typed, CANDIDATES).order_by().values_list("pk", flat=True)
    starting = customers.filter(sort_key__startswith=SortKey(Value(typed.text))).order_by("sort_key", "pk")
    rank = Case(
        When(search_row__text__startswith=" " + typed.folded, then=Value(0)),
        When(search_row__text__contains=" " + typed.folded, then=Value(1)),
        When(search_row__text__contains=typed.folded, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    likeness = TrigramWordSimilarity(" ".join(typed.words), "search_row__text")
    candidates = [*matching[:CANDIDATES], *starting.values_list("pk", flat=True)[:limit]]
    ranked = customers.filter(pk__in=candidates).annotate(_rank=rank, _likeness=likeness)
    return ranked.order_by("_rank", "-_likeness", Length("name"), "sort_key", "pk")[:limit]
