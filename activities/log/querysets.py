"""Reads of activities: visibility, status, search."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchQuery
from django.db import models

from activities.log.enums import UNFINISHED
from activities.log.plugs import text_sources
from core import clock
from customers.contact_search import exists_for_each
from customers.querysets import active_for_each, of_active
from customers.search import FEW, at_customers, read, stems

if TYPE_CHECKING:
    from activities.log.models import Activity  # noqa: F401 - named in a base class


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: Any) -> ActivityQuerySet:
        """Return activities of active customers and of no customer; of inactive ones with the permission only."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("customers.manage_passive"):
            return self
        return self.filter(models.Q(customer__isnull=True) | active_for_each())

    def unfinished(self) -> ActivityQuerySet:
        return self.filter(status__in=UNFINISHED)

    def of_participant(self, user: Any) -> ActivityQuerySet:
        """Return activities in which the user takes part (rule 16)."""
        return self.filter(participations__user=user)

    def overdue(self) -> ActivityQuerySet:
        return self.unfinished().filter(start__lt=clock.now())

    def open_longer_than(self, days: int) -> ActivityQuerySet:
        """Return unfinished activities that are more than ``days`` overdue."""
        return self.unfinished().filter(start__lt=clock.now() - dt.timedelta(days=days))

    def closable_by(self, user: Any) -> ActivityQuerySet:
        """Those that the user may close among many: his or her own, those of the teams that he or she leads."""
        in_use = self.filter(of_active())
        if user.has_perm("activities.change_any_activity"):
            return in_use
        if not user.has_perm("activities.log_activity"):
            return self.none()
        led = models.Q(participations__user__memberships__team__leader=user)
        mine = self.model._default_manager.filter(led | models.Q(participations__user=user)).values("pk")
        return in_use.filter(models.Q(created_by=user) | models.Q(pk__in=mine))

    def unresolved(self) -> ActivityQuerySet:
        """Return negative feedback without a resolution (rule 12)."""
        return self.filter(settlement="", keywords__keeps_open=True).distinct()

    def with_names(self) -> ActivityQuerySet:
        """Prefetch type, customer, participants and keywords, in a constant number of queries."""
        return self.select_related("type", "customer").prefetch_related("users", "keywords")

    def search(self, text: str) -> ActivityQuerySet:
        """Return activities with every word of ``text``, inflected, in their own texts, e-mail or customer's names.

        Query the database to choose a plan: up to ``FEW`` hits of the words together are read here, once, by their
        indexes; for more, reading along the list in its order soon fills a page.
        """
        words = [_Word(word) for word in read(text).words]
        found = self.filter(*(word.condition for word in words))
        if not words or all(word.is_frequent for word in words):
            return found
        ids = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
        return self.filter(pk__any_of=ids) if len(ids) <= FEW else found


class _Word:
    """The alternative conditions for a word: in the activity's texts, its customer's names, or texts kept elsewhere.

    The ids of a few customers and other texts are read here, so that the database can combine its indexes; of many,
    each activity's own is looked at.
    """

    def __init__(self, word: str) -> None:
        self.query, parts = _query(word), stems(word)
        # Inside words too: *konepaja* finds Metallikonepaja.
        in_title = models.Q(*(_contains("title_folded", part) for part in parts), _connector=models.Q.OR)
        customers = at_customers(parts)
        elsewhere = [self._in_texts(source.activity_ids(self.query)) for source in text_sources()]
        own = models.Q(search=self.query)
        self.condition = models.Q(in_title, own, customers.condition, *elsewhere, _connector=models.Q.OR)
        self.is_frequent = customers.are_many

    def _in_texts(self, found: models.QuerySet[Any, Any]) -> models.Q:
        """Match the activities of ``found``, which is ``values`` of one column."""
        [column] = found.query.values_select
        ids = list(found.order_by().values_list(column, flat=True)[: FEW + 1])
        if len(ids) <= FEW:
            return models.Q(pk__any_of=ids)
        return exists_for_each(found.filter(**{column: models.OuterRef("pk")}))


def _query(word: str) -> SearchQuery:
    """Match words that begin with one of the stems; the typed text is quoted, so it has no operators."""
    quoted = ("'" + stem.replace("\\", " ").replace("'", "''") + "':*" for stem in stems(word))
    return SearchQuery(" | ".join(quoted), config="simple", search_type="raw")


def _contains(field: str, stem: str) -> models.Q:
    """Match a stem anywhere, or at the start of words when it is too short for a trigram index."""
    if len(stem) > 2:
        return models.Q(**{f"{field}__contains": stem})
    return models.Q(**{f"{field}__contains": f" {stem}"}) | models.Q(**{f"{field}__startswith": stem})
