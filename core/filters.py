"""Shared base of filter sets: knows the user, refuses unreadable values and lists the active filters.

Names and values are the same in pages, API and exports: a switch is ``true`` (and ``false`` where that is a separate
choice), the user's own rows are ``mine``, and the ends of a range are ``…_from`` and ``…_to``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.db.models import QuerySet
from django.forms.utils import ErrorDict, ErrorList
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import BooleanWidget
from drf_spectacular.utils import extend_schema_field

from core.dates import DayField
from core.exceptions import ParameterError
from core.fields import LineFormField
from core.formatting import date_text
from core.people import Ranks, is_of_people

#: On a select: one can type into it (static/js/select.js).
SEARCHABLE = "data-searchable"
#: Days before it are all alike: nothing that is filtered is older, and time zones have no odd offsets yet.
EARLIEST = dt.date(1900, 1, 1)
YES = [("true", _("yes"))]
#: What the address of a list may say besides its filters.
PAGE_PARAMETERS = frozenset(
    (
        *("after", "before", "sort", "columns", "widths", "export", "menus", "options", "counts", "sums", "total"),
        *("group_by", "heads", "rows", "tab", "view", "column", "day", "csrfmiddlewaretoken", "_"),
    )
)
#: What mail programs and social media add to addresses.
FOREIGN_PARAMETERS = ("utm_", "fbclid", "gclid", "mc_")
LONGEST_NAME = 60
LONGEST_SEARCH = 200
#: Rows that are not there and rows that the user may not see are answered alike.
NOT_SEEN = _("There is no such choice: it may have been removed, or it is not shared with you.")
ONCE = _("Give “%(name)s” only once.")


@dataclass(frozen=True)
class ActiveFilter:
    label: Any
    value: str
    remove_url: str
    name: str = ""


@dataclass(frozen=True)
class Refusal:
    """What is wrong with a parameter, with the address of the same list without it."""

    name: str
    error: ValidationError
    remove_url: str

    @property
    def text(self) -> str:
        return " ".join(self.error.messages)


class SearchFilter(django_filters.CharFilter):
    """The words of a search; characters that nobody sees are left out."""

    field_class = LineFormField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST_SEARCH, **kwargs})


class AnyDayField(DayField):
    """A day to compare with, however far away."""

    is_bounded = False


class DayFilter(django_filters.DateFilter):
    """A day, typed in any form that forms understand."""

    field_class = AnyDayField


class MomentFromFilter(DayFilter):
    """Moments from the beginning of a day on."""

    def filter(self, qs: Any, value: dt.date | None) -> Any:
        return qs.filter(**{f"{self.field_name}__gte": _start_of(value)}) if value else qs


class MomentToFilter(DayFilter):
    """Moments until the end of a day."""

    def filter(self, qs: Any, value: dt.date | None) -> Any:
        if not value:
            return qs
        if value == dt.date.max:
            return qs.filter(**{f"{self.field_name}__isnull": False})
        return qs.filter(**{f"{self.field_name}__lt": _start_of(value + dt.timedelta(days=1))})


def _start_of(day: dt.date) -> dt.datetime:
    """Return when the day begins for the user."""
    return timezone.make_aware(dt.datetime.combine(max(day, EARLIEST), dt.time()))


class YesNoField(forms.NullBooleanField):
    """Yes, no or nothing; anything else is refused, where Django's own field reads it as nothing."""

    default_error_messages = {"invalid": _("Choose true or false.")}
    TEXTS = frozenset(("", "true", "false", "True", "False"))

    def clean(self, value: Any) -> bool | None:
        if isinstance(value, str) and value not in self.TEXTS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().clean(value)


class YesNoWidget(BooleanWidget):
    """A select that hands on what it cannot read, so that the field refuses it, and speaks the reader's language."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)  # the library has its words in the language of the moment when it was loaded
        self.choices = [("", "–"), ("true", pgettext_lazy("answer", "Yes")), ("false", pgettext_lazy("answer", "No"))]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        sent = data.get(name)
        return value if value is not None or sent is None else sent


class YesNoFilter(django_filters.BooleanFilter):
    """A filter with *no* as a choice: ``true``, ``false`` or not there."""

    field_class = YesNoField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": YesNoWidget(), **kwargs})


@extend_schema_field({"type": "string", "enum": ["true"]})  # whatever the field that it asks
class YesFilter(django_filters.ChoiceFilter):
    """A filter that is on (``true``) or not there at all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"choices": YES, "empty_label": "–", **kwargs})


class OneFieldFilter(YesFilter):
    """A condition on one field: ``OneFieldFilter("net", "gt", 0, label=…)``."""

    def __init__(self, field_name: str, lookup_expr: str = "exact", operand: Any = True, **kwargs: Any) -> None:
        super().__init__(field_name=field_name, lookup_expr=lookup_expr, **kwargs)
        self.operand = operand

    def filter(self, qs: Any, value: str) -> Any:
        return qs.filter(**{f"{self.field_name}__{self.lookup_expr}": self.operand}) if value else qs


def is_empty(value: Any) -> bool:
    """Return whether a cleaned value says nothing; a query set is not asked, because that would build its SQL."""
    return value.query.is_empty() if isinstance(value, QuerySet) else value in EMPTY_VALUES


def no_such_filter(name: str) -> ValidationError:
    return ValidationError(_("This list has no filter “%(name)s”."), params={"name": name[:LONGEST_NAME]})


def is_given_once(field: forms.Field) -> bool:
    """Return whether an address may give the field's value only once."""
    return not getattr(field.widget, "allow_multiple_selected", False)


class FilterSet(django_filters.FilterSet):
    """A filter set for page, API, selection and export alike.

    A value that can't be read (a letter for a number, an unknown choice), a name that is no filter and a filter that
    the user may not use give no rows and an error that names the parameter: a filter that is silently dropped would
    show, export or change too many. What the page reads itself (``PAGE_PARAMETERS``) is checked by ``core.list_views``;
    the endpoints of the API check the names before (``core.api.queries``).
    """

    #: Names of filters before the convention, which are read until the next release: old name → new name.
    old_names: ClassVar[dict[str, str]] = {}
    #: Filters that became several others: ``current`` writes those in their place.
    former: ClassVar[tuple[str, ...]] = ()
    #: Parameters of the API's schema for filters of which the names come from rows (``filter_of``).
    patterns: ClassVar[tuple[dict[str, Any], ...]] = ()
    #: The field that a filter with a method compares with its value, for the numbers of its menu (``value_counts``).
    counted_by: ClassVar[dict[str, str]] = {}

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(self.current(data), *args, **kwargs)
        for item in self.filters.values():  # copies of fields that were asked for before, as for the API's schema
            vars(item).pop("_field", None)
        self.refused: dict[str, ValidationError] = {}
        if self.request is not None:
            self.request.filters_read = True

    def offer(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        """Give a filter the choices of this request."""
        self.filters[name].extra["choices"] = list(choices)

    @classmethod
    def filter_of(cls, name: str) -> django_filters.Filter | None:
        """Return a filter by its name; some subclasses have filters for rows of the database too."""
        found: django_filters.Filter | None = cls.base_filters.get(name)
        return found

    @classmethod
    def current(cls, data: Any) -> Any:
        """Return the parameters of an address with the names and values of today in place of old ones."""
        if not data:
            return data
        renamed = [name for name in cls.old_names if name in data]
        ones = {name for name, item in cls.base_filters.items() if isinstance(item, YesFilter)}
        if not renamed and not any(data.get(name) == "1" for name in ones):
            return data
        current = data.copy()
        for old in renamed:
            value = current[old]
            del current[old]
            current.setdefault(cls.old_names[old], value)
        for name in ones:
            if current.get(name) == "1":
                current[name] = "true"
        return current

    def get_form_class(self) -> Any:
        form_class = super().get_form_class()
        for field in form_class.base_fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.error_messages |= {"invalid_choice": self._not_seen(field), "invalid_pk_value": NOT_SEEN}
        return form_class

    @staticmethod
    def _not_seen(field: forms.ModelChoiceField[Any]) -> Any:
        """Return the sentence for a row that is no choice: the field's own one, never the library's."""
        text = field.error_messages["invalid_choice"]
        fields = (forms.ModelChoiceField, forms.ModelMultipleChoiceField)
        return NOT_SEEN if text in [one.default_error_messages["invalid_choice"] for one in fields] else text

    @property
    def user(self) -> Any:
        return self.request.user if self.request else None

    @property
    def qs(self) -> Any:
        if self.is_bound and not self.is_valid():
            return self.queryset.none()
        return super().qs

    def filter_queryset(self, queryset: Any) -> Any:
        """Apply the filters that are on: one without a value lets everything through."""
        for name, value in self.form.cleaned_data.items():
            if not is_empty(value):
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def is_combined(self, name: str) -> bool:
        """Return whether a filter other than ``name`` is on: then a walk along the list may find little for long."""
        return any(not is_empty(value) for other, value in self.form.cleaned_data.items() if other != name)

    def refuse(self, name: str, error: ValidationError) -> None:
        """Refuse a parameter that the page reads itself."""
        self.refused[name] = error

    @property
    def refusals(self) -> list[Refusal]:
        """Return what is wrong with parameters that are no filters here, or no filters of this user."""
        found = {**self._unknown, **self._repeated, **self.refused} if self.is_bound else {}
        return [Refusal(name, error, self._url_without(name)) for name, error in found.items()]

    @cached_property
    def _unknown(self) -> dict[str, ValidationError]:
        asks_api = hasattr(self.request, "query_params")
        unknown = {}
        for name in self.data or ():
            if name in self.filters:
                continue
            known = self.filter_of(name)
            if name in self.former:
                unknown[name] = no_such_filter(name)
            elif known is not None:
                if any(self._values(name)):
                    label = known.label or name
                    unknown[name] = ValidationError(_("You may not filter by: %(name)s."), params={"name": label})
            elif not asks_api and name not in PAGE_PARAMETERS and not name.startswith(FOREIGN_PARAMETERS):
                unknown[name] = no_such_filter(name)
        return unknown

    @cached_property
    def _repeated(self) -> dict[str, ValidationError]:
        return {
            name: ValidationError(ONCE, params={"name": name})
            for name in self.data or ()
            if name in self.filters and len(self._values(name)) > 1 and is_given_once(self.form.fields[name])
        }

    def _values(self, name: str) -> list[Any]:
        return self.data.getlist(name) if isinstance(self.data, QueryDict) else [self.data[name]]

    @property
    def errors(self) -> ErrorDict:
        """Return all errors by parameter: those of the filters' values, and the refusals."""
        errors = ErrorDict(self.form.errors)
        for refusal in self.refusals:
            errors[refusal.name] = ErrorList([refusal.error])
        return errors

    def is_valid(self) -> bool:
        return self.is_bound and not self.errors

    def error_text(self) -> str:
        """Return all errors as lines, each with the name or the label of its parameter."""
        fields = self.form.fields
        lines = [f"{fields[name].label or name}: {' '.join(found)}" for name, found in self.form.errors.items()]
        return "\n".join([*lines, *(refusal.text for refusal in self.refusals)])

    def active(self) -> list[ActiveFilter]:
        """Return the filters that are on, each with the address of the same list without it (``q`` is left out)."""
        if not self.is_valid():
            return []
        names = [name for name in self.filters if name != "q" and self.data.get(name) not in (None, "")]
        return [
            ActiveFilter(self.form.fields[name].label, self._value_text(name), self._url_without(name), name)
            for name in names
        ]

    def options(self, name: str) -> list[dict[str, str]]:
        """Return every choice of a menu that one can type into.

        Raise ParameterError if there is no such menu: other filters' choices are not listed.
        """
        field = self.form.fields.get(name)
        if field is None or SEARCHABLE not in field.widget.attrs:
            text = gettext("This list has no menu “%(name)s” (options).")
            raise ParameterError({"options": text % {"name": name[:LONGEST_NAME]}})
        options = [(value, label) for value, label in field.choices if str(value)]
        if is_of_people(field):
            ranks = Ranks(self.request.user)
            options.sort(key=lambda option: ranks.rank(int(str(option[0]))))
        return [{"id": str(value), "text": str(label)} for value, label in options]

    def without(self, name: str) -> FilterSet:
        """Return the same filters of the same rows, without the value of one."""
        return self.having(name, "")

    def having(self, name: str, value: str) -> FilterSet:
        """Return the same filters of the same rows, with another value of one."""
        data = self.data.copy() if self.data else QueryDict("", mutable=True)
        data.pop(name, None)
        if value:
            data[name] = value
        return type(self)(data, queryset=self.queryset, request=self.request)

    def fold_menus(self) -> None:
        """Leave only what is chosen in the menus that one can type into: the rest is fetched when one is opened."""
        for name, field in self.form.fields.items():
            if SEARCHABLE in field.widget.attrs:
                chosen = [(field.prepare_value(value), label) for value, label in self._chosen(name)]
                field.widget.choices = chosen if field.widget.allow_multiple_selected else [("", ""), *chosen]
                del field.widget.attrs[SEARCHABLE]
                field.widget.attrs |= {"data-search-url": f"{self.request.path}?options={name}", "data-whole": ""}

    def _value_text(self, name: str) -> str:
        return ", ".join(label for _value, label in self._chosen(name))

    def _chosen(self, name: str) -> list[tuple[Any, str]]:
        """Return what is chosen, with its label; nothing where the value can't be read."""
        field, value = self.form.fields[name], self.form.cleaned_data.get(name)
        if is_empty(value):
            return []
        values = value if isinstance(value, list | tuple | set) or hasattr(value, "_iterable_class") else [value]
        has_choices = values and hasattr(field, "choices") and not hasattr(field, "queryset")
        days: dict[Any, Any] = {item: date_text(item) for item in values if isinstance(item, dt.date)}
        choices = dict(iter(field.choices)) if has_choices else days
        return [(item, str(choices.get(item, choices.get(str(item), item)))) for item in values]

    def _url_without(self, name: str) -> str:
        rest = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict("", mutable=True)
        for key in (name, "after", "before"):
            rest.pop(key, None)
        return "?" + rest.urlencode()
