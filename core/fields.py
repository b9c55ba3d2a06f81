"""Model fields and database functions shared by the apps.

The SQL functions are created in ``core/migrations/0001_database.py``:

* ``portaali_fold(text)``: lower case without accents, for searching (*Äänekoski* → *aanekoski*);
* ``portaali_sort_key(text)``: lower case with å, ä, ö after z, for sorting without ICU;
* ``portaali_name_key(text)``: folded, without punctuation and company-form words, words in order, for matching
  names that people write in different ways (*Oy Nokian Konepaja Ab* = *nokian konepaja*);
* ``portaali_words(text)``: the folded words, as a ``tsvector``.
"""

from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Concat


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


class WordsVector(models.Func):
    """The folded words of texts and of HTML without its tags, for full-text search."""

    function = "portaali_words"
    output_field = SearchVectorField()

    def __init__(self, *fields: str) -> None:
        spaced = [part for field in fields for part in (models.Value(" "), models.F(field))]
        super().__init__(Concat(*spaced[1:], output_field=models.TextField()))
