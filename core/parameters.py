"""The parameters of pages: what a page does not read, or cannot read, is refused with a sentence (400).

A page declares in ``parameters`` what its address may say, as form fields by name. A list leaves that to its filter
set, and a page with a ``form`` that is filled from the address (``of_form``) to that form.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.exceptions import ParameterError
from core.fields import LineFormField
from core.filters import FOREIGN_PARAMETERS, LONGEST_NAME, LONGEST_SEARCH, ONCE, is_given_once
from core.numbers import parse_id

#: What the address of any page may say: scripts add ``_``, forms their token.
ANYWHERE = frozenset(("_", "csrfmiddlewaretoken"))
#: For pages without sign-in, which show one thing: mail programs and monitors add to their addresses what they like.
ANYTHING: Final[dict[str, forms.Field]] = {}
DAYS = (dt.date(1902, 1, 1), dt.date(2198, 12, 31))
LONGEST, LONGEST_QUERY = 2_000, 20_000

Parameters = Mapping[str, forms.Field]


class TextField(forms.CharField):
    """A text that the page itself reads, such as the address to return to."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": LONGEST, **kwargs})


class ManyField(TextField):
    """A parameter that may be given several times."""

    widget = forms.SelectMultiple


class WordsField(LineFormField):
    """The words of a search; characters that nobody sees are left out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": LONGEST_SEARCH, **kwargs})


class OneOfField(forms.ChoiceField):
    """One of some values."""

    def __init__(self, *values: str, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "choices": [(value, value) for value in values], **kwargs})


class Checkbox(forms.CheckboxInput):
    """A check box that hands on what it cannot read, so that the field refuses it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, check_test=lambda value: value == "on")

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(name, "")


class SwitchField(OneOfField):
    """A switch of a page, drawn as a check box: ``on``, or not there at all."""

    widget = Checkbox

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("on", **kwargs)


class RowField(forms.CharField):
    """A row that the user may see, by its id or by another unique field (``key``); ``rows`` returns them all."""

    default_error_messages = {"unknown": gettext_lazy("There is no such row: %(name)s = %(text)s.")}

    def __init__(self, rows: Callable[[Any], QuerySet[Any]], *, key: str = "pk", many: bool = False) -> None:
        super().__init__(required=False, max_length=LONGEST_NAME, widget=forms.SelectMultiple if many else None)
        self.rows, self.key = rows, key

    def check_rows(self, user: Any, name: str, texts: list[str]) -> None:
        """Raise ValidationError if one of the texts is not that of a row that the user may see."""
        values = {parse_id(text) if self.key == "pk" else self.clean(text) for text in texts}
        if None in values or self.rows(user).filter(**{f"{self.key}__in": values}).count() < len(values):
            params = {"name": name, "text": ", ".join(texts)[:LONGEST_NAME].replace("\x00", "")}
            raise ValidationError(self.error_messages["unknown"], code="unknown", params=params)


def visible(model: Any, *, many: bool = False) -> RowField:
    """Return the parameter that names a row of a model that the user may see."""
    return RowField(lambda user: model._default_manager.visible_to(user), many=many)


def of_form(form: type[forms.Form]) -> dict[str, forms.Field]:
    """Return the parameters of a page that fills a form from its address: the form checks their values."""
    fields = form.base_fields.items()
    return {name: (TextField if is_given_once(field) else ManyField)() for name, field in fields}


def check_query(request: HttpRequest, parameters: Parameters) -> None:
    """Raise ParameterError if the address says what is not among ``parameters`` or cannot be read."""
    if not request.GET or parameters is ANYTHING:
        return
    errors = query_errors(request.GET, parameters, request.user)
    if errors:
        raise ParameterError(errors)


def query_errors(query: QueryDict, parameters: Parameters, user: Any) -> dict[str, str]:
    """Return what is wrong with an address, a sentence by the name of the parameter."""
    errors = {}
    for name, texts in query.lists():
        if name in parameters:
            errors[name] = _fault(parameters[name], name, [str(text) for text in texts], user)
        elif name not in ANYWHERE and not name.startswith(FOREIGN_PARAMETERS):
            errors[name] = _("This page does not know “%(name)s”.") % {"name": name[:LONGEST_NAME]}
    return {name: text for name, text in errors.items() if text}


def _fault(field: forms.Field, name: str, texts: list[str], user: Any) -> str:
    """Return what is wrong with the values of a parameter, or nothing."""
    if len(texts) > 1 and is_given_once(field):
        return ONCE % {"name": name}
    given = [text for text in texts if text]
    try:
        if isinstance(field, RowField) and given:
            field.check_rows(user, name, given)
        else:
            for text in given:
                field.clean(text)
    except ValidationError as error:
        sentence = " ".join(error.messages)
        return sentence if getattr(error, "code", "") == "unknown" else f"{name}: {sentence}"
    return ""


def check_values(form: forms.Form) -> None:
    """Raise ParameterError if a form that was filled from the address is not valid."""
    if form.is_bound and not form.is_valid():
        texts = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
        labels = {name: f"{field.label or name}: " for name, field in form.fields.items()}
        raise ParameterError({name: labels.get(name, "") + text for name, text in texts.items()})


class QueryFormMixin:
    """A page with a ``form`` that is filled from its address: if that is not valid, errors and no figures (400)."""

    form_name = "form"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        form = context[self.form_name]
        status = 400 if form.is_bound and not form.is_valid() else 200
        response: HttpResponse = super().render_to_response(context, status=status, **kwargs)  # type: ignore[misc]
        return response


def asked_words(request: HttpRequest, name: str = "q") -> str:
    """Return the words of a search in the address, without characters that nobody sees; the page has checked them."""
    return str(WordsField().clean(request.GET.get(name, "")))


def asked_day(request: HttpRequest, name: str) -> dt.date:
    """Return the day in the query of the address, the user's today if there is none.

    Raise ParameterError if it is not a day in the form 2026-11-28 or is outside ``DAYS``.
    """
    text = request.GET.get(name, "")
    if not text:
        return clock.user_today()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.min
    if not DAYS[0] <= day <= DAYS[1]:
        raise ParameterError({name: _("This is not a day: %(text)s.") % {"text": text[:LONGEST_NAME]}})
    return day
