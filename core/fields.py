"""Model fields and database functions shared by the apps.

The SQL functions are created in ``core/migrations/0001_database.py``:

* ``portaali_fold(text)``: lower case without accents, for searching (*Äänekoski* → *aanekoski*);
* ``portaali_sort_key(text)``: lower case with å, ä, ö after z, for sorting without ICU;
* ``portaali_name_key(text)``: folded, without punctuation and company-form words, words in order, for matching
  names that people write in different ways (*Oy Nokian Konepaja Ab* = *nokian konepaja*);
* ``portaali_words(text)``: the folded words, as a ``tsvector``.
"""

from typing import Any

from django import forms
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.expressions import Col
from django.db.models.functions import Concat

from core.text import one_line, visible

#: What ``str.isspace`` takes for a space.
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())


class Fold(models.Func):
    function = "portaali_fold"
    arity = 1
    output_field = models.TextField()


class SortKey(models.Func):
    function = "portaali_sort_key"
    arity = 1
    output_field = models.TextField(db_collation="C")


class NameKey(models.Func):
    function = "portaali_name_key"
    arity = 1
    output_field = models.TextField()


def sort_key(field: str) -> Any:
    """Return a stored generated column that sorts ``field`` as Finns expect."""
    return models.GeneratedField(
        expression=SortKey(models.F(field)), output_field=models.TextField(db_collation="C"), db_persist=True
    )


def name_key(field: str) -> Any:
    """Return a stored generated column by which differently written names of the same organisation meet."""
    return models.GeneratedField(expression=NameKey(models.F(field)), output_field=models.TextField(), db_persist=True)


class LineFormField(forms.CharField):
    """One line of text; characters that nobody sees are left out."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(one_line(value) if isinstance(value, str) else value)


class AddressFormField(forms.EmailField):
    """An e-mail address; characters that nobody sees are left out."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(visible(value) if isinstance(value, str) else value)


class _Line(models.CharField):
    """A text column that is stored without characters that nobody sees; in queries it is a plain text."""

    form_field: type[forms.CharField] = LineFormField

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return one_line(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return one_line(value) if isinstance(value, str) else value

    def get_col(self, alias: str, output_field: Any = None) -> Any:
        """Return a column of plain text: expressions that mix it with other texts need no output field."""
        return Col(alias, self, output_field or models.CharField(max_length=self.max_length))

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**({"form_class": self.form_field} | kwargs))


class LineField(_Line):
    """A name or a key: one line of text."""

    def deconstruct(self) -> Any:
        """In migrations it is the plain column that it is."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class AddressField(_Line, models.EmailField):
    """An e-mail address."""

    form_field = AddressFormField

    def deconstruct(self) -> Any:
        """In migrations it is the plain column that it is."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.EmailField", args, kwargs


class Stripped(models.Func):
    """A text without the spaces around it, as ``str.strip`` leaves it."""

    function = "btrim"
    output_field = models.TextField()

    def __init__(self, text: Any, **extra: Any) -> None:
        super().__init__(text, models.Value(SPACES), **extra)


class WordsVector(models.Func):
    """The folded words of texts and of HTML without its tags, for full-text search."""

    function = "portaali_words"
    output_field = SearchVectorField()

    def __init__(self, *fields: str) -> None:
        spaced = [part for field in fields for part in (models.Value(" "), models.F(field))]
        super().__init__(Concat(*spaced[1:], output_field=models.TextField()))


@models.BigAutoField.register_lookup
@models.ForeignKey.register_lookup
@models.OneToOneField.register_lookup
class AnyOf(models.Lookup):
    """``pk__any_of=[1, 2]``: the same rows as ``pk__in``, by one array: for thousands of ids, or one of a query."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, params = self.process_lhs(compiler, connection)
        if hasattr(self.rhs, "resolve_expression"):
            right, right_params = self.process_rhs(compiler, connection)
            return f"{left} = ANY({right})", (*params, *right_params)
        return f"{left} = ANY(%s::bigint[])", (*params, list(self.rhs))
