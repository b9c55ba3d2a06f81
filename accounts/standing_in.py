"""Substitutes: a user has the work of those that he or she replaces today as own.

Apps declare ``STAND_INS = (stood_in_for,)``: functions of a user that return a query of ids of people.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q

from accounts.models import User
from core.registry import declared


def people_of(user: Any) -> ArraySubquery:
    """Return the ids of the user and of those that he or she replaces: one array, read once in a query.

    With ``any_of`` it finds rows of a few people by their index.
    """
    mine = Q(pk=user.pk)
    for read in declared("STAND_INS"):
        mine |= Q(pk__in=read(user))
    return ArraySubquery(User.objects.filter(mine).order_by().values("pk"))


def people_ids_of(user: Any) -> list[int]:
    """Return the same ids, read at once: of known people the database knows how much they have.

    For tables of millions of rows that a page shows in another order than that of people.
    """
    return [user.pk, *(pk for read in declared("STAND_INS") for row in read(user) for pk in row.values())]
