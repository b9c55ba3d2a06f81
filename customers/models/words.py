"""The words of all names, for misspelt searches (see :mod:`customers.search_words`)."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from customers.search_words import words_sql


class NameWord(models.Model):
    """A word of customers' or contacts' names. Two writers may add the same word: nobody waits for anybody."""

    word = models.TextField(db_collation="C")
    of_contacts = models.BooleanField()

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index("word", "of_contacts", name="name_word"),
            GinIndex(OpClass("word", "gin_trgm_ops"), name="name_word_search"),
        )

    def __str__(self) -> str:
        return self.word


def keep_words(names: str, *, of_contacts: bool) -> tuple[pgtrigger.Trigger, ...]:
    """Return triggers that add the words of new and changed ``names`` (an expression on ``named``)."""
    statement = " ".join(words_sql("new_rows named", names, of_contacts=of_contacts).split())
    return tuple(
        pgtrigger.Trigger(
            name=f"keep_words_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=pgtrigger.Referencing(new="new_rows"),
            func=f"{statement}; RETURN NULL;",
        )
        for name, operation in (("insert", pgtrigger.Insert), ("update", pgtrigger.Update))
    )
