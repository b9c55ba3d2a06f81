"""Kinds of import: what the rows of a file can be. Apps declare theirs; the engine knows no kind by name.

An app describes its kind (:class:`Kind`) by the fields that columns can fill, what a row cannot do without, and a
handler that writes rows, and declares it among the ``IMPORT_KINDS`` of its registrations. A run asks :func:`kind_of`
once and hands the kind on: its fields are read from the database once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, ClassVar, Protocol

from core.registry import declared
from core.text import one_line

#: Makes the value of a cell, which JSON holds, or raises ``ValidationError`` with a code.
Parser = Callable[[str], Any]


#: Where a capital letter follows a small one.
_CAPITAL = re.compile(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])")


@dataclass(frozen=True)
class Part:
    """One of the values of a cell, and what the cell says about it: an extension, a remark."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Field:
    """A field that a column can fill.

    ``parser(factor)`` makes the parser of its values. An invalid value of a ``soft`` field is left out and
    the rest of the row is imported; otherwise the row is refused. ``synonyms`` are headings (with commas between)
    by which it is suggested, ``pattern`` a regular expression of folded headings, and ``weak`` headings that count
    only where no other column fills the field. A field of ``per_system`` is the number of one named system.

    ``parts`` divides a cell that may hold several values: a field of ``many`` gets all of them, of every column
    (each as ``[value, note]``), any other the first. Of several columns that could fill it, a field has the first,
    and one of ``has_last`` the last. ``is_amount`` is a sum of money, where ``1.500`` can mean two
    numbers.
    """

    name: str
    label: Any
    parser: Callable[[Decimal], Parser]
    synonyms: str = ""
    section: Any = ""
    soft: bool = False
    per_system: bool = False
    has_factor: bool = False
    choices: Any = None
    pattern: str = ""
    weak: str = ""
    parts: Callable[[str], list[Part]] | None = None
    many: bool = False
    has_last: bool = False
    is_amount: bool = False

    @property
    def headings(self) -> list[str]:
        """The headings by which the field is suggested, folded."""
        return _folded(self.synonyms)

    @property
    def weak_headings(self) -> list[str]:
        """The headings that count where no other column fills the field, folded."""
        return _folded(self.weak)


def _folded(names: str) -> list[str]:
    return [fold(name) for name in names.split(",") if name.strip()]


def plain(parser: Parser) -> Callable[[Decimal], Parser]:
    """Return a parser that knows no factor."""
    return lambda _factor: parser


def fold(heading: str) -> str:
    """Return a heading so that different spellings meet: lower case, letters and digits only, single spaces.

    *MailingPostalCode* is three words: the data exports of some programs have the names of their API.
    """
    words = _CAPITAL.sub(" ", one_line(heading))
    return " ".join(re.sub(r"[\W_]+", " ", words.casefold()).split())


class Headings:
    """The field that each heading suggests: by its synonyms, by a pattern, or as the words after a prefix.

    Programs put the type of the row before their headings: *Person - Phone*. Of two fields that share a heading, the
    first has it.
    """

    def __init__(self, fields: Iterable[Field], prefixes: Iterable[str] = ()) -> None:
        self._names: dict[str, Field] = {}
        self._weak: dict[str, Field] = {}
        self._patterns: list[tuple[re.Pattern[str], Field]] = []
        self._prefixes = tuple(f"{fold(prefix)} " for prefix in prefixes)
        for field in fields:
            for heading in field.headings:
                self._names.setdefault(heading, field)
            for heading in field.weak_headings:
                self._weak.setdefault(heading, field)
            if field.pattern:
                self._patterns.append((re.compile(field.pattern), field))

    def __contains__(self, heading: object) -> bool:
        return isinstance(heading, str) and self._has(heading)

    def _has(self, heading: str) -> bool:
        return self.get(heading) is not None or self.weak(heading) is not None

    def get(self, heading: str) -> Field | None:
        """Return the field that a folded heading suggests."""
        return self._find(heading, self._names, self._patterns)

    def weak(self, heading: str) -> Field | None:
        """Return the field that a folded heading suggests where no other column fills it."""
        return self._find(heading, self._weak, [])

    def _find(
        self, heading: str, names: dict[str, Field], patterns: list[tuple[re.Pattern[str], Field]]
    ) -> Field | None:
        rest = (heading.removeprefix(prefix) for prefix in self._prefixes if heading.startswith(prefix))
        for text in (heading, *rest):
            matching = (field for pattern, field in patterns if pattern.fullmatch(text))
            if found := names.get(text) or next(matching, None):
                return found
        return None


class Handler(Protocol):
    """Writes the rows of one kind, a batch at a time, inside a transaction.

    ``process`` sets the result of every row and, unless it is a dry run, writes the row. A row that has to be read
    again after all rows are in (its parent may be further down) keeps its ``values``, which are passed to ``link``.
    """

    batch_size: ClassVar[int] = 1_000
    #: Whether a person may choose the customer of rows that were held.
    takes_customer: ClassVar[bool] = False
    #: What the run reports besides the results of its rows, as JSON.
    notes: list[dict[str, Any]]

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        """Return what a row is recognised by within its file: number, identity, name."""
        raise NotImplementedError

    @staticmethod
    def figures(values: dict[str, Any]) -> tuple[str, str | None]:
        """Return the stage under which a row is counted, and its sum."""
        return "", None

    def process(self, rows: Sequence[Any]) -> None:
        """Set the results of the rows and write them."""
        raise NotImplementedError

    def link(self, rows: Sequence[Any]) -> None:
        """Process the rows that kept ``values`` a second time."""


@dataclass(frozen=True)
class Kind:
    """One kind of rows.

    ``needed`` has groups of fields: a row is found and named by one of each group. Those of ``required`` must
    be mapped to a column or get the same value for every row. ``changing_fields`` reads fields that users manage.
    ``prefixes`` are words that may come before its headings. ``page`` is the URL name of the imported object,
    ``permission`` is required besides the right to import, and
    ``stages`` are those by which its rows are counted, in order.
    """

    name: str
    label: Any
    #: ``handler(run, config)`` makes the handler of a run.
    handler: type[Any]
    fixed_fields: Sequence[Field]
    needed: Sequence[Sequence[str]]
    page: str
    required: Sequence[str] = ()
    changing_fields: Callable[[], Iterable[Field]] = tuple
    permission: str = ""
    #: Only those who may import it know of it and of its imports.
    is_secret: bool = False
    stages: Sequence[str] = ()
    prefixes: Sequence[str] = ()
    order: int = 100

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields by name, as they were when this was first asked."""
        return {field.name: field for field in (*self.fixed_fields, *self.changing_fields())}

    @cached_property
    def headings(self) -> Headings:
        """The field that each folded heading suggests."""
        return Headings(self.fields.values(), self.prefixes)

    def label_of(self, name: str) -> str:
        """Return what people call a field."""
        field = self.fields.get(name)
        return str(field.label) if field else name


@cache
def _kinds() -> dict[str, Kind]:
    """Return what the apps declare as ``IMPORT_KINDS`` of their registrations, by name."""
    found: dict[str, Kind] = {}
    for kind in declared("IMPORT_KINDS"):
        if kind.name in found:
            raise ValueError(f"{kind.name} is registered twice")
        found[kind.name] = kind
    return found


def kinds() -> list[Kind]:
    """Return the declared kinds in order. Their fields are to be asked of :func:`kind_of`."""
    return sorted(_kinds().values(), key=lambda kind: kind.order)


def hidden_kinds(user: Any) -> list[str]:
    """Return the names of the secret kinds of which the user does not know."""
    return [kind.name for kind in _kinds().values() if kind.is_secret and not user.has_perm(kind.permission)]


def kind_of(name: str) -> Kind:
    """Return a kind that reads its fields on first use: make it once for a run or a page. Raises ``KeyError``."""
    return replace(_kinds()[name])


def static_kind(name: str) -> Kind:
    """Return a kind for what does not change: its page, permission, handler."""
    return _kinds()[name]
