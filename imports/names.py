"""Names of people as one text: first and last name, and what is written beside them (degrees, salutations)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nameparser import HumanName
from nameparser.config import Constants

from core.text import one_line

#: Degrees and professional titles of the Nordic countries, which the library does not know.
_DEGREES = """
di dipl.ins dipl.ing tkt tkl tekn.tri ktm ktt ktk ekon fm ft fil.tri fk hum.kand hum ytm ytt ytk vtm vtt vtk otk otl
ott oik.tri kasvatust.maist kk km kt ktl ltk ll lt hll hlt ell elt mmm mmt mmk tm tt th pd ins ing insinööri amk yamk
ylempi rkm ark sisustusarkk arkkitehti metsänhoitaja mti psl pst tradenomi artonomi sosionomi restonomi agrologi
medianomi merkonomi datanomi civ.ing civilekonom ekonom jur.kand fil.kand fil.mag tekn.lic tekn.dr med.dr vvm
ph.d phd mba emba e-mba msc m.sc bsc b.sc ma m.a ba b.a llm ll.m jr sr ii iii iv cpa cfa pmp ht kht khtnotar esq
"""
DEGREES = frozenset(_DEGREES.split())
_SALUTATIONS = frozenset("mr mrs ms miss mx dr prof professor herra rouva neiti hr rva nti herr fru frk fröken".split())  # noqa: SIM905
#: The library shall find particles ("van der Berg"), and take nothing that can be a name for a title.
_CONSTANTS = Constants(titles=_SALUTATIONS, first_name_titles=(), suffix_acronyms=(), suffix_not_acronyms=())
_LONGEST_UNKNOWN = 6


@dataclass(frozen=True)
class PersonName:
    first: str
    last: str
    #: What is not part of the name.
    rest: str = ""


@lru_cache(maxsize=10_000)
def read_name(full: str) -> PersonName:
    """Return the name of *Virtanen, Matti*, *Matti Virtanen* or *Mika Lehto, DI*; a single word is a last name."""
    head, *others = [part for part in (one_line(part) for part in full.split(",")) if part] or [""]
    rest = [part for part in others if _is_degree(part, head)]
    names = [part for part in others if part not in rest]
    if names:
        first, beside = _without_degrees(names[0])
        last, before = _without_salutations(head)
        return PersonName(first, last, ", ".join([*before, *beside, *names[1:], *rest]))
    head, beside = _without_degrees(head)
    head, before = _without_salutations(head)
    first, last = _in_order(head)
    return PersonName(first, last, ", ".join([*before, *beside, *rest]))


def _is_degree(part: str, head: str) -> bool:
    """Return whether a part after a comma is a degree or title and not the first name."""
    words = part.split()
    if len(head.split()) < 2:  # "Lahti, JP" is a first name, "Salo, KTM" is none
        return all(_is_known(word) and _looks_like_degree(word) for word in words) and (len(part) > 2 or part == "DI")
    if all(_is_known(word) for word in words):
        return True
    is_short = len(part) <= _LONGEST_UNKNOWN and part.replace(".", "").isupper() and len(words) == 1
    return is_short or words[0][:1].islower()


def _is_known(word: str) -> bool:
    bare = word.strip(".()").casefold()
    return bare in DEGREES or bare.replace(".", "") in DEGREES


def _without_degrees(text: str) -> tuple[str, list[str]]:
    """Remove degrees at the end of a name of at least three words: only in capitals, as "Di" may be a name."""
    words = text.split()
    found: list[str] = []
    while len(words) > 1 and _is_known(words[-1]) and _looks_like_degree(words[-1]) and len(words) + len(found) > 2:
        found.insert(0, words.pop())
    return " ".join(words), found


def _looks_like_degree(word: str) -> bool:
    return word.replace(".", "").isupper() or "." in word or word in ("Jr", "Sr", "PhD", "MSc", "BSc", "eMBA")


def _without_salutations(text: str) -> tuple[str, list[str]]:
    words = text.split()
    found: list[str] = []
    while len(words) > 1 and words[0].strip(".").casefold() in _SALUTATIONS:
        found.append(words.pop(0))
    return " ".join(words), found


def _in_order(text: str) -> tuple[str, str]:
    """Return first and last name of a name in the order in which it is spoken; particles belong to the last name."""
    words = text.split()
    if len(words) < 3:
        return " ".join(words[:-1]), " ".join(words[-1:])
    last = len(HumanName(text, constants=_CONSTANTS).last.split())
    count = last if 0 < last < len(words) and text.endswith(HumanName(text, constants=_CONSTANTS).last) else 1
    return " ".join(words[:-count]), " ".join(words[-count:])


def split_name(full: str) -> tuple[str, str]:
    """Return first and last name of a whole name."""
    name = read_name(full)
    return name.first, name.last


def strip_degrees(text: str) -> tuple[str, str]:
    """Return a first or last name without degrees after a comma, and those."""
    head, *others = [one_line(part) for part in re.split(",", text)]
    if others and all(_is_known(word) for part in others for word in part.split()):
        return head, ", ".join(others)
    return one_line(text), ""
