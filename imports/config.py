"""Mappings: how to read a file, which column fills which field, and constants and defaults for each row."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.exceptions import BusinessRuleError
from core.import_kinds import Field, Kind, fold
from imports.amounts import ambiguous_mark
from imports.problems import Problem, invalid
from imports.readers.table import Reading

DECIMAL_MARKS = ("", ",", ".")
_COPY = re.compile(r" \(\d\)$")


class BadMapping(BusinessRuleError):
    """The mapping cannot be used with this file; the message is shown to the user."""

    def __init__(self, message: Any) -> None:
        super().__init__("bad_mapping", message)


@dataclasses.dataclass(frozen=True)
class ColumnMap:
    """One column: the field that it fills and how its cells become values.

    ``translations`` replace whole cells (case does not matter), ``factor`` multiplies numbers, ``decimal`` is their
    decimal mark (empty: as the column's cells show), ``clear`` lets an empty
    cell empty the field, ``create`` adds classes that are missing, ``system`` names the system of a customer number.
    """

    column: str
    field: str
    system: str = ""
    factor: str = ""
    decimal: str = ""
    clear: bool = False
    create: bool = False
    translations: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Config:
    """A whole mapping. ``constants`` fill empty cells of every row; ``defaults`` only those of rows that are new."""

    reading: Reading = dataclasses.field(default_factory=Reading)
    columns: tuple[ColumnMap, ...] = ()
    constants: dict[str, str] = dataclasses.field(default_factory=dict)
    defaults: dict[str, str] = dataclasses.field(default_factory=dict)
    options: dict[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Config:
        """Return the mapping of its JSON form. Raises :class:`BadMapping`."""
        try:
            return cls(
                Reading(**data.get("reading", {})),
                tuple(ColumnMap(**column) for column in data.get("columns", ())),
                dict(data.get("constants", {})),
                dict(data.get("defaults", {})),
                dict(data.get("options", {})),
            )
        except (TypeError, AttributeError, ValueError) as error:
            raise BadMapping(_("The mapping is damaged.")) from error

    def data(self) -> dict[str, Any]:
        """Return the mapping as JSON without its empty values."""
        reading = {name: value for name, value in dataclasses.asdict(self.reading).items() if value}
        columns = [
            {name: value for name, value in dataclasses.asdict(column).items() if value} for column in self.columns
        ]
        return {
            "reading": reading,
            "columns": columns,
            "constants": self.constants,
            "defaults": self.defaults,
            "options": self.options,
        }

    def with_reading(self, reading: Reading) -> Config:
        return dataclasses.replace(self, reading=reading)

    def column_of(self, name: str) -> ColumnMap | None:
        return next((column for column in self.columns if column.field == name), None)


def suggest(kind: Kind, header: list[str]) -> Config:
    """Return a mapping suggested by the headings.

    Each field gets the first column with a matching heading (or the last), or all of them if it holds many values.
    """
    found = {column: kind.headings.get(_without_copy(column)) for column in header}
    taken: set[str] = set()
    for last, order in ((False, header), (True, header[::-1])):
        for column in order:
            field = found[column]
            if field is not None and not field.many and field.has_last == last:
                found[column] = None if field.name in taken else field
                taken.add(field.name)
    for column in header:
        field = kind.headings.weak(fold(column)) if found[column] is None else None
        if field is not None and field.name not in taken:
            found[column] = field
            taken.add(field.name)
    columns = ((column, field) for column, field in found.items() if field is not None)
    return Config(
        columns=tuple(
            ColumnMap(column, field.name, system=column if field.per_system else "") for column, field in columns
        )
    )


def _without_copy(column: str) -> str:
    """Return the folded heading of a column without the number that a repeated one got."""
    return fold(_COPY.sub("", column))


def check(kind: Kind, config: Config, header: list[str]) -> None:
    """Raise :class:`BadMapping` if the mapping does not fit its kind or the columns of the file."""
    missing = [column.column for column in config.columns if column.column not in header]
    if missing:
        found = ", ".join(header[:12])
        raise BadMapping(
            _("The file has no column “%(missing)s”. Its columns are: %(found)s.")
            % {"missing": "”, “".join(missing), "found": found}
        )
    used = [column.field for column in config.columns] + [*config.constants, *config.defaults]
    unknown = [name for name in used if name not in kind.fields]
    if unknown:
        raise BadMapping(_("The mapping contains an unknown field: %s.") % ", ".join(unknown))
    _check_no_field_twice(kind, config)
    _check_needed_fields(kind, set(used))
    for column in config.columns:
        check_column(column, kind.fields[column.field])


def _check_no_field_twice(kind: Kind, config: Config) -> None:
    seen: set[tuple[str, str]] = set()
    for column in config.columns:
        key = (column.field, column.system.casefold())
        if key in seen and not kind.fields[column.field].many:
            raise BadMapping(_("Two columns fill the same field: %s.") % kind.label_of(column.field))
        seen.add(key)


def _check_needed_fields(kind: Kind, used: set[str]) -> None:
    for names in kind.needed:
        if not used & set(names):
            labels = ", ".join(kind.label_of(name) for name in names)
            raise BadMapping(_("No column identifies the rows. Choose a column for one of these: %s.") % labels)
    missing = [kind.label_of(name) for name in kind.required if name not in used]
    if missing:
        raise BadMapping(_("Choose a column, or one value for all rows, for: %s.") % ", ".join(missing))


def check_column(column: ColumnMap, target: Field) -> None:
    """Raise :class:`BadMapping` for an invalid factor or a customer number without a system."""
    if target.per_system and not column.system.strip():
        raise BadMapping(_("Enter the system that the numbers in the column “%s” come from.") % column.column)
    try:
        good = not column.factor or (Decimal(column.factor).is_finite() and Decimal(column.factor) != 0)
    except InvalidOperation:
        good = False
    if not good:
        raise BadMapping(_("“%s” cannot be used as a multiplier.") % column.factor)
    if column.decimal not in DECIMAL_MARKS:
        raise BadMapping(_("“%s” cannot be used as a decimal mark.") % column.decimal)


def parse_fixed(kind: Kind, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the parsed constants or defaults. Raises :class:`BadMapping` for the first invalid one."""
    values = {}
    for name, text in texts.items():
        try:
            values[name] = _fixed(kind.fields[name], text)
        except ValidationError as error:
            raise BadMapping(str(Problem.of(error, name))) from error
    return values


def _fixed(field: Field, text: str) -> Any:
    if field.is_amount and ambiguous_mark(text):
        raise invalid("ambiguous_number", text)
    value = field.parser(Decimal(1))(text)
    return [[value, ""]] if field.many else value
