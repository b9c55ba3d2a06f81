"""Quick search of customers by business ID, phone, e-mail, or words of a name in any spelling.

The text is compared with ``CustomerSummary.search_text`` (folded names, numbers, addresses; trigram index) and with the
contacts' phones and e-mails. Finnish words change their stem when inflected (*asiakas*: *asiakkaan*, *Äänekoski*:
*Äänekosken*), so each word is searched by its stems; if nothing is found, by the most similar words of all names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import BooleanField, Case, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from core.fields import Fold, SortKey
from core.text import one_line
from customers.search_words import meant

if TYPE_CHECKING:
    from customers.querysets import CustomerQuerySet

MAX_LENGTH = 200
MAX_WORDS = 8
#: The best matches of the palette are chosen among this many.
CANDIDATES = 300
#: Up to this many matches are read by the search index and sorted; for more, walking along the sort index is faster.
FEW = 5_000
#: Rows about up to this many customers are found by the customers' ids.
AT_CUSTOMERS = 10_000

COMPANY_FORMS = frozenset("oy oyj ab abp ry rf ky kb tmi osk sr ltd limited llc inc plc corp gmbh ag".split())  # noqa: SIM905
_BUSINESS_ID = re.compile(r"(?:fi)?\s*(\d{7})\s*-?\s*(\d)", re.IGNORECASE)
_PHONE = re.compile(r"[+(]?(?:\d[\s()./-]*){6,20}")
_ADDRESS = re.compile(r"\S*@\S*|(?:www\.)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,10}", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:[-&.'’+][^\W_]+)*")

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
#: The index knows three letters or more.
_LONGEST_SHORT = 2


@dataclass(frozen=True)
class Typed:
    """A search text, cleaned and folded like the stored texts."""

    text: str
    folded: str

    @property
    def words(self) -> list[str]:
        """The words of the text without company forms, unless there is nothing else."""
        words = _WORD.findall(self.folded)[:MAX_WORDS] or self.folded.split()[:MAX_WORDS]
        telling = [word for word in words if word.replace(".", "") not in COMPANY_FORMS]
        return telling or words

    @property
    def business_id(self) -> str:
        match = _BUSINESS_ID.fullmatch(self.text)
        return f"{match[1]}-{match[2]}" if match else ""

    @property
    def phone_part(self) -> str:
        """The digits to search in E.164 numbers; empty if the text is no phone number."""
        if not _PHONE.fullmatch(self.text):
            return ""
        digits = re.sub(r"\D", "", self.text)
        if self.text.lstrip("(").startswith("+"):
            return "+" + digits
        if digits.startswith("00"):
            return "+" + digits[2:]
        return "+358" + digits[1:] if digits.startswith("0") and len(digits) > 3 else digits

    @property
    def address_part(self) -> str:
        return self.folded.removeprefix("www.") if _ADDRESS.fullmatch(self.text) else ""

    @property
    def is_number_or_address(self) -> bool:
        """Whether the text is matched exactly or not at all."""
        return bool(self.business_id or self.phone_part or self.address_part)


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
    if not typed.folded:
        return customers
    for attempt in (_by_business_id, _by_number_or_address, _by_words, _by_text, _by_likeness):
        found = attempt(customers, typed)
        if found is not None:
            return found
    return customers.none()


def pick(customers: CustomerQuerySet, ids: Any) -> tuple[int, CustomerQuerySet | None]:
    """Return the number of ``ids`` up to a limit, and the ``customers`` with them if they are few, else None.

    ``ids`` are ``values`` of one column.
    Few are read here, once, by their own index: page, count and export then begin with their ids and sort them, instead
    of walking along the whole sort index until they have found a page. For many ids the walk is short.
    """
    hits = [next(iter(row.values())) for row in ids[: FEW + 1]]
    return len(hits), customers.filter(pk__any_of=hits) if len(hits) <= FEW else None


def _by_business_id(customers: CustomerQuerySet, typed: Typed) -> CustomerQuerySet | None:
    found = customers.filter(business_id=typed.business_id) if typed.business_id else None
    return found if found is not None and found.exists() else None


def _by_number_or_address(customers: CustomerQuerySet, typed: Typed) -> CustomerQuerySet | None:
    """Match a phone number or e-mail address of the customer or its contacts, or digits of any number."""
    from customers.models import ContactPoint, CustomerSummary, Position

    part = typed.phone_part or typed.address_part
    if not part:
        return None
    points = ContactPoint.objects.alias(folded=Fold("value")).filter(folded__contains=part).values("contact")
    of_contacts = Position.objects.current().filter(contact__in=points).values("customer")
    own = CustomerSummary.objects.filter(search_text__contains=part).values("customer")
    typed_as_is = CustomerSummary.objects.filter(search_text__contains=typed.folded).values("customer")
    return _found(customers, own.union(of_contacts, typed_as_is, all=True))


def _by_words(customers: CustomerQuerySet, typed: Typed) -> CustomerQuerySet | None:
    return _having(customers, [stems(word) for word in typed.words])


def _by_text(customers: CustomerQuerySet, typed: Typed) -> CustomerQuerySet | None:
    """Match the text as it is typed: names have short words after other signs than spaces, as *C/O* and *(IT)*."""
    from customers.models import CustomerSummary

    if len(typed.folded) <= _LONGEST_SHORT:
        return None
    return _found(customers, CustomerSummary.objects.filter(search_text__contains=typed.folded).values("customer"))


def _by_likeness(customers: CustomerQuerySet, typed: Typed) -> CustomerQuerySet | None:
    """Return the customers with words like the typed ones in their names: *nokain konepja* finds Nokian Konepaja."""
    words = [] if typed.is_number_or_address else typed.words
    near = meant(words, of_contacts=False)
    return _having(customers, [near.get(word) or stems(word) for word in words]) if near else None


def _having(customers: CustomerQuerySet, words: list[list[str]]) -> CustomerQuerySet | None:
    """Return the customers with one of the parts of each word; None if there are none."""
    from customers.models import CustomerSummary

    summaries, each = CustomerSummary.objects.order_by(), Q()
    for parts in words:
        summaries = summaries.filter(_any_part("search_text", parts))
        each &= _any_part("summary__search_text", parts)
    return _found(customers, summaries.values("customer"), each)


def _found(customers: CustomerQuerySet, ids: Any, each: Q | None = None) -> CustomerQuerySet | None:
    """Return the customers with these ids (``each`` is the same condition on a customer); None if there are none."""
    count, picked = pick(customers, ids)
    if picked is None:
        return customers.filter(pk__in=ids) if each is None else customers.filter(each)
    return picked if count and picked.exists() else None


@dataclass(frozen=True)
class AtCustomers:
    """A condition on rows by the texts of their ``customer``, and whether it holds for many customers."""

    condition: Q
    are_many: bool


def at_customers(parts: list[str]) -> AtCustomers:
    """Return the condition that one of ``parts`` is in the texts of a row's ``customer``. Queries the database.

    The ids of up to ``AT_CUSTOMERS`` customers are read here; of more, each row's customer is looked at.
    """
    from customers.models import CustomerSummary

    found = CustomerSummary.objects.order_by().filter(_any_part("search_text", parts))
    ids = list(found.values_list("pk", flat=True)[: AT_CUSTOMERS + 1])
    if len(ids) <= AT_CUSTOMERS:
        return AtCustomers(Q(customer__any_of=ids), are_many=False)
    own = found.filter(customer=OuterRef("customer")).values(yes=Value(True))[:1]
    return AtCustomers(Q(Exact(Subquery(own, output_field=BooleanField()), Value(True))), are_many=True)


def _any_part(path: str, parts: list[str]) -> Q:
    """Match one of the parts; a short one where words begin."""
    texts = [part if len(part) > _LONGEST_SHORT else f" {part}" for part in parts]
    return reduce(or_, (Q(**{f"{path}__contains": text}) for text in texts))


def best(customers: CustomerQuerySet, text: str, limit: int) -> CustomerQuerySet:
    """Return at most ``limit`` customers that match ``text``, the best first."""
    typed = read(text)
    if not typed.folded:
        return customers.none()
    matching = find(customers, text).order_by().values_list("pk", flat=True)
    starting = customers.filter(sort_key__startswith=SortKey(Value(typed.text))).order_by("sort_key", "pk")
    rank = Case(
        When(summary__search_text__startswith=" " + typed.folded, then=Value(0)),
        When(summary__search_text__contains=" " + typed.folded, then=Value(1)),
        When(summary__search_text__contains=typed.folded, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    likeness = TrigramWordSimilarity(" ".join(typed.words), "summary__search_text")
    candidates = [*matching[:CANDIDATES], *starting.values_list("pk", flat=True)[:limit]]
    ranked = customers.filter(pk__in=candidates).annotate(_rank=rank, _likeness=likeness)
    return ranked.order_by("_rank", "-_likeness", Length("name"), "sort_key", "pk")[:limit]
