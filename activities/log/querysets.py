"""Reads of activities: visibility, status, search."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchQuery
from django.db import models

from activities.log.enums import UNFINISHED
from activities.log.plugs import text_sources
from core import clock
from customers.models import CustomerSummary
from customers.querysets import of_active
from customers.search import FEW, read, stems

if TYPE_CHECKING:
    from activities.log.models import Activity  # noqa: F401 - named in a base class


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: Any) -> ActivityQuerySet:
        """Return activities of active customers and of no customer; of inactive ones with the permission only."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("customers.manage_passive"):
            return self
        return self.filter(of_active())

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

        Query the database to choose a plan (see :func:`customers.search.pick`): the hits of a rare word are read by
        their indexes and sorted; for frequent words, walking the list in its order soon fills a page. Frequent words
        that rarely occur together would make that walk long, so the hits of each word are intersected by id.
        """
        words = read(text).words
        for word in sorted(words, key=len, reverse=True):
            hits = self._hits(word)[: FEW + 1]
            if hits.count() <= FEW:
                return self._having([other for other in words if other != word]).filter(pk__in=hits)
        if len(words) > 1 and not self._occur_together_often(words):
            first, *others = (self._hits(word) for word in words)
            return self.filter(pk__in=first.intersection(*others))
        return self._having(words)

    def _having(self, words: list[str]) -> ActivityQuerySet:
        activities = self
        for word in words:
            activities = activities.filter(models.Q(*_conditions(word), _connector=models.Q.OR))
        return activities

    def _hits(self, word: str) -> models.QuerySet[Any, Any]:
        """Return the ids of the activities with ``word`` as a union, so that each condition uses its own index."""
        every = self.model._default_manager.order_by()
        first, *others = (every.filter(condition).values("pk") for condition in _conditions(word))
        return first.union(*others, all=True)

    def _occur_together_often(self, words: list[str]) -> bool:
        query = _query(words[0])
        for word in words[1:]:
            query &= _query(word)
        return self.model._default_manager.order_by().filter(search=query)[: FEW + 1].count() > FEW


def _conditions(word: str) -> list[models.Q]:
    """Return the alternative conditions for a word; registered sources search rows of other models."""
    elsewhere = [models.Q(pk__in=source.activity_ids(_query(word))) for source in text_sources()]
    # Inside words too: *konepaja* finds Metallikonepaja.
    in_title = models.Q(*(_contains("title_folded", stem) for stem in stems(word)), _connector=models.Q.OR)
    return [in_title, models.Q(search=_query(word)), _in_customer(word), *elsewhere]


def _query(word: str) -> SearchQuery:
    """Match words that begin with one of the stems; the typed text is quoted, so it has no operators."""
    quoted = ("'" + stem.replace("\\", " ").replace("'", "''") + "':*" for stem in stems(word))
    return SearchQuery(" | ".join(quoted), config="simple", search_type="raw")


def _in_customer(word: str) -> models.Q:
    any_stem = models.Q(*(_contains("search_text", stem) for stem in stems(word)), _connector=models.Q.OR)
    return models.Q(customer__in=CustomerSummary.objects.filter(any_stem).values("customer"))


def _contains(field: str, stem: str) -> models.Q:
    """Match a stem anywhere, or at the start of words when it is too short for a trigram index."""
    if len(stem) > 2:
        return models.Q(**{f"{field}__contains": stem})
    return models.Q(**{f"{field}__contains": f" {stem}"}) | models.Q(**{f"{field}__startswith": stem})
