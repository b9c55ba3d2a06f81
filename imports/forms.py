"""Forms of imports: the upload, a mapping with a row for each column of the file, and the assignment of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import import_kinds
from core.forms import OnceFormMixin, VersionedFormMixin
from core.import_kinds import Field, Kind
from customers.forms.fields import CustomerPickMixin
from imports.config import ColumnMap, Config
from imports.models import ImportMapping
from imports.permissions import may_import_kind
from imports.readers.table import Reading
from imports.readers.text import ENCODINGS, NO_QUOTES
from imports.selectors import Sample

BLANK_CONSTANTS = 2
_FOUND = ("", _("detect automatically"))
_DELIMITERS = [_FOUND, (",", _("comma ,")), (";", _("semicolon ;")), ("\t", _("tab")), ("|", _("vertical bar |"))]
_QUOTES = [_FOUND, ('"', '"'), ("'", "'"), (NO_QUOTES, _("no quotation marks"))]
_MARKS = [("", _("as in the other rows")), (",", _("comma ,")), (".", _("point ."))]
_ARROW = "="


class UploadForm(OnceFormMixin):
    """The file, its type of data and the mapping of its source."""

    kind = forms.ChoiceField(label=_("Type of data"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, TSV or other delimited text, Excel (.xlsx, .xls), OpenDocument (.ods) or vCard (.vcf)."),
    )
    mapping = forms.ModelChoiceField(
        ImportMapping.objects.none(),
        required=False,
        label=_("Mapping"),
        empty_label=_("By column headings"),
        help_text=_("A mapping saved earlier for this source."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.name, kind.label) for kind in import_kinds.kinds() if may_import_kind(user, kind.name)]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        mapping: Any = self.fields["mapping"]
        mapping.queryset = ImportMapping.objects.visible_to(user)
        mapping.label_from_instance = lambda row: f"{row.name} ({row.get_kind_display()})"


@dataclass(frozen=True)
class ColumnRow:
    """The fields of one column on the mapping page."""

    heading: str
    samples: list[str]
    field: Any
    options: list[Any]
    is_open: bool


class MappingForm(forms.Form):
    """Reading options, a field for each column, constants, and the name under which to save it all."""

    encoding = forms.ChoiceField(required=False, label=_("Encoding"))
    delimiter = forms.ChoiceField(choices=_DELIMITERS, required=False, label=_("Delimiter"))
    quote = forms.ChoiceField(choices=_QUOTES, required=False, label=_("Quotation mark"))
    sheet = forms.ChoiceField(required=False, label=_("Sheet"))
    header_row = forms.IntegerField(
        min_value=1,
        max_value=1_000,
        required=False,
        label=_("Header row"),
        help_text=_("Leave empty to detect it automatically."),
    )
    save_as = forms.CharField(
        max_length=100,
        required=False,
        label=_("Save this mapping as"),
        help_text=_("Replaces a mapping of the same name."),
    )

    def __init__(self, *args: Any, kind: Kind, config: Config, sample: Sample, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.config, self.sample = kind, config, sample
        self._choices = _field_choices(kind.fields)
        self._add_reading(config.reading)
        by_column = {column.column: column for column in config.columns}
        for index, heading in enumerate(sample.header):
            self._add_column(index, by_column.get(heading))
        self._add_constants()

    def _add_reading(self, reading: Reading) -> None:
        fields: Any = self.fields
        fields["encoding"].choices = [_FOUND, *((name, name) for name in ENCODINGS)]
        fields["sheet"].choices = [_FOUND, *((name, name) for name in self.sample.sheets)]
        for name in ("encoding", "delimiter", "quote", "sheet", "header_row"):
            fields[name].initial = getattr(reading, name) or None
        unused = ("encoding", "delimiter", "quote") if self.sample.sheets else ("sheet",)
        for name in unused:
            del self.fields[name]

    def _add_column(self, index: int, column: ColumnMap | None) -> None:
        heading, old = self.sample.header[index], column or ColumnMap("", "")
        label = _("Field for %s") % heading
        self.fields[f"field_{index}"] = forms.ChoiceField(
            choices=self._choices, required=False, label=label, initial=old.field
        )
        self._add(
            index,
            "system",
            forms.CharField(max_length=60, required=False, label=_("System the numbers come from")),
            old.system,
        )
        self._add(index, "factor", forms.CharField(max_length=30, required=False, label=_("Multiply by")), old.factor)
        marks = forms.ChoiceField(
            choices=_MARKS,
            required=False,
            label=_("Decimal mark"),
            help_text=_("Only for amounts such as 1.500, which can be read in two ways."),
        )
        self._add(index, "decimal", marks, old.decimal)
        words = forms.CharField(
            max_length=20_000,
            required=False,
            label=_("Replace values"),
            help_text=_("One per line: old = new."),
            widget=forms.Textarea(attrs={"rows": 3}),
        )
        self._add(index, "translations", words, "\n".join(f"{old} = {new}" for old, new in old.translations.items()))
        self._add(
            index, "clear", forms.BooleanField(required=False, label=_("An empty cell empties the field")), old.clear
        )
        self._add(index, "create", forms.BooleanField(required=False, label=_("Add missing classes")), old.create)

    def _add(self, index: int, name: str, field: forms.Field, initial: Any) -> None:
        field.initial = initial
        self.fields[f"{name}_{index}"] = field

    def _add_constants(self) -> None:
        rows = [(name, text, False) for name, text in self.config.constants.items()]
        rows += [(name, text, True) for name, text in self.config.defaults.items()]
        rows += [("", "", False)] * BLANK_CONSTANTS
        for index, (name, text, only_new) in enumerate(rows):
            self.fields[f"constant_field_{index}"] = forms.ChoiceField(
                choices=self._choices, required=False, label=_("Field"), initial=name
            )
            self.fields[f"constant_value_{index}"] = forms.CharField(
                max_length=1_000, required=False, label=_("Value"), initial=text
            )
            self.fields[f"constant_new_{index}"] = forms.BooleanField(
                required=False, label=_("new rows only"), initial=only_new
            )
        self.constant_count = len(rows)

    def reading_fields(self) -> list[Any]:
        return [self[name] for name in ("encoding", "delimiter", "quote", "sheet", "header_row") if name in self.fields]

    def column_rows(self) -> Iterator[ColumnRow]:
        """Yield the columns for the page; columns with options in use are expanded."""
        names = ("system", "factor", "decimal", "translations", "clear", "create")
        for index, heading in enumerate(self.sample.header):
            options = [self[f"{name}_{index}"] for name in names]
            is_open = any(option.value() or option.errors for option in options)
            yield ColumnRow(heading, self.sample.columns[index], self[f"field_{index}"], options, is_open)

    def constant_rows(self) -> list[list[Any]]:
        names = ("constant_field", "constant_value", "constant_new")
        return [[self[f"{name}_{index}"] for name in names] for index in range(self.constant_count)]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for index in range(len(self.sample.header)):
            try:
                data[f"translations_{index}"] = read_pairs(data.get(f"translations_{index}", ""))
            except ValueError as error:
                self.add_error(f"translations_{index}", _("Enter one per line: old = new. Not valid: %s") % error)
        return data

    def reading(self) -> Reading:
        """Return the reading options of the form."""
        data = self.cleaned_data
        chosen = {name: data.get(name) or default for name, default in asdict(Reading()).items()}
        return Reading(**chosen)

    def result(self) -> Config:
        """Return the mapping of the form."""
        data = self.cleaned_data
        columns = tuple(
            ColumnMap(
                heading,
                data[f"field_{index}"],
                system=data[f"system_{index}"],
                factor=data[f"factor_{index}"].replace(" ", "").replace(",", "."),
                decimal=data[f"decimal_{index}"],
                clear=data[f"clear_{index}"],
                create=data[f"create_{index}"],
                translations=data[f"translations_{index}"],
            )
            for index, heading in enumerate(self.sample.header)
            if data[f"field_{index}"]
        )
        return Config(self.reading(), columns, self._fixed(False), self._fixed(True), self.config.options)

    def _fixed(self, only_new: bool) -> dict[str, str]:
        data = self.cleaned_data
        return {
            data[f"constant_field_{index}"]: data[f"constant_value_{index}"]
            for index in range(self.constant_count)
            if data[f"constant_field_{index}"]
            and data[f"constant_value_{index}"]
            and data[f"constant_new_{index}"] == only_new
        }


def read_pairs(text: str) -> dict[str, str]:
    """Return the pairs of ``old = new`` lines. Raises ``ValueError`` with the first invalid line."""
    pairs: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        old, mark, new = line.partition(_ARROW)
        if not mark or not old.strip():
            raise ValueError(line[:60])
        pairs[old.strip()] = new.strip()
    return pairs


def _field_choices(targets: dict[str, Field]) -> list[Any]:
    sections: dict[str, list[tuple[str, Any]]] = {}
    for name, field in targets.items():
        sections.setdefault(str(field.section), []).append((name, field.label))
    return [("", _("– do not import –")), *sections.items()]


class RenameForm(VersionedFormMixin):
    class Meta:
        model = ImportMapping
        fields = ("name",)


class AssignForm(OnceFormMixin, CustomerPickMixin):
    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare_customer(user)
