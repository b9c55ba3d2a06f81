"""Quick search of customers by business ID, phone, e-mail, or words of a name in any spelling.

The text is compared with ``CustomerSummary.search_text`` (folded names, numbers, addresses; trigram index) and with the
contacts' phones and e-mails. Finnish words change their stem when inflected (*asiakas*: *asiakkaan*, *Äänekoski*:
*Äänekosken*), so each word is searched by its stems; if nothing is found, by similarity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Length

from core.fields import Fold, SortKey
from core.text import one_line

if TYPE_CHECKING:
    from customers.querysets import CustomerQuerySet

MAX_LENGTH = 200
MAX_WORDS = 8
#: The least similarity of a fuzzy match, and how many are shown.
LIKENESS = 0.36
FUZZY_HITS = 50
#: The best matches of the palette are chosen among this many.
CANDIDATES = 300
#: Up to this many matches are read by the search index and sorted; for more, walking along the sort index is faster.
FEW = 5_000

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
    for attempt in (_by_business_id, _by_number_or_address, _by_words):
        matching = attempt(customers, typed)
        if matching is not None:
            count, picked = pick(customers, matching.order_by().values("pk"))
            if count:
                return matching if picked is None else picked
    return _by_likeness(customers, typed)


def pick(customers: CustomerQuerySet, ids: Any) -> tuple[int, CustomerQuerySet | None]:
    """Return the number of ``ids`` up to a limit, and the ``customers`` with them if they are few, else None.

    The limit makes the database read the few by their own index and sort them, instead of walking along the whole sort
    index until it has found a page of them. For many ids the walk is short.
    """
    hits = ids[: FEW + 1]
    count = hits.count()
    return count, customers.filter(pk__in=hits) if count <= FEW else None


def _by_business_id(customers: CustomerQuerySet, typed: Typed) -> CustomerQuerySet | None:
    return customers.filter(business_id=typed.business_id) if typed.business_id else None


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
    return customers.filter(pk__in=own.union(of_contacts, typed_as_is, all=True))


def _by_words(customers: CustomerQuerySet, typed: Typed) -> CustomerQuerySet:
    for word in typed.words:
        any_stem = Q()
        for stem in stems(word):
            # A short word is looked for where words begin: the index knows three letters or more.
            part = f" {stem}" if len(stem) < 3 else stem
            any_stem |= Q(summary__search_text__contains=part)
        customers = customers.filter(any_stem)
    return customers


@transaction.atomic
def _by_likeness(customers: CustomerQuerySet, typed: Typed) -> CustomerQuerySet:
    """Return the few customers with the most similar texts: *nokain konepja* finds Nokian Konepaja."""
    text = " ".join(typed.words)
    if len(text) < 3 or typed.is_number_or_address or not any(letter.isalpha() for letter in text):
        return customers.none()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(LIKENESS)])
    likeness = TrigramWordSimilarity(text, "summary__search_text")
    alike = customers.filter(summary__search_text__trigram_word_similar=text)
    best = alike.order_by(likeness.desc(), "pk").values_list("pk", flat=True)[:FUZZY_HITS]
    return customers.filter(pk__in=list(best))


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
