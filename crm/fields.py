"""Model fields and database functions shared by the apps.

The SQL functions are made in ``crm/migrations/0001_database.py``:

* ``portaali_fold(text)``: lower case without accents, for searching (*Äänekoski* → *aanekoski*);
* ``portaali_sort_key(text)``: lower case with å, ä, ö after z, for sorting without ICU;
* ``portaali_name_key(text)``: folded, without punctuation and company-form words, words in order, for matching
  names that people write in different ways (*Oy Nokian Konepaja Ab* = *nokian konepaja*).
"""

from typing import Any

from django.db import models


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
