"""Reads of activities: visibility, status, search."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import SearchQuery
from django.db import models

from accounts.standing_in import people_of
from activities.log.enums import UNFINISHED, ActivityChannel, ActivityStatus
from activities.log.overdue import began_too_early
from activities.log.plugs import planned_work, text_sources
from core import clock
from customers.contact_search import exists_for_each
from customers.querysets import active_for_each, of_active
from customers.search import FEW, WordInRows, is_short, read, rows_with, stems

if TYPE_CHECKING:
    from activities.log.models import Activity  # noqa: F401 - named in a base class


#: Up to this many hits are sorted; for more, reading along the list is faster.
MANY = 10_000


def is_meeting(path: str = "") -> models.Q:
    """Return the condition of a done meeting with a customer, face to face or by video.

    ``path`` leads to the activity, with ``__`` at its end.
    """
    asked = {
        "status": ActivityStatus.DONE,
        "customer__isnull": False,
        "type__is_contact": True,
        "channel__in": (ActivityChannel.MEETING, ActivityChannel.VIDEO),
    }
    return models.Q(**{f"{path}{name}": value for name, value in asked.items()})


class ActivityQuerySet(models.QuerySet["Activity"]):
    #: By sort path: conditions on the rows of consecutive ranges of its values (see :mod:`core.paging`).
    segments: dict[str, list[models.Q]] = {}
    #: By sort path: an alias with the same values whose index is a better way through the list (:mod:`core.paging`).
    ways: dict[str, str] = {}

    def _clone(self) -> ActivityQuerySet:
        clone = super()._clone()  # type: ignore[misc]
        clone.segments, clone.ways = self.segments, self.ways
        return clone  # type: ignore[no-any-return]

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

    def with_keyword(self, keyword: Any) -> ActivityQuerySet:
        """Return activities that have the keyword; in time they are read along its own index."""
        found = self.filter(activity_keywords__keyword=keyword)
        found = found.alias(keyword_start=models.F("activity_keywords__start_at"))  # of the same row as the condition
        found.ways = {"start": "keyword_start"}
        return found

    def overdue(self) -> ActivityQuerySet:
        return self.unfinished().filter(began_too_early())

    def due_by(self, moment: dt.datetime) -> ActivityQuerySet:
        """Return unfinished activities that are due before ``moment``: by their start, whole days by their end."""
        timed = models.Q(is_all_day=False) | models.Q(end__lt=moment)
        return self.unfinished().filter(timed, start__lt=moment)

    def from_plans(self, *, is_so: bool = True) -> ActivityQuerySet:
        """Return the activities that plans have made, or the others (``plugs.planned_work``)."""
        found = self
        for planned in planned_work():
            [column] = planned.query.values_select
            if is_so:
                found = found.filter(pk__in=planned)
            else:
                found = found.filter(~exists_for_each(planned.filter(**{column: models.OuterRef("pk")})))
        return found

    def open_longer_than(self, days: int) -> ActivityQuerySet:
        """Return unfinished activities that are more than ``days`` overdue."""
        return self.unfinished().filter(start__lt=clock.now() - dt.timedelta(days=days))

    def closable_by(self, user: Any) -> ActivityQuerySet:
        """Those that the user may close among many: own ones, those stood in for, those of teams he or she leads."""
        in_use = self.filter(of_active())
        if user.has_perm("activities.change_any_activity"):
            return in_use
        if not user.has_perm("activities.log_activity"):
            return self.none()
        led = models.Q(participations__user__memberships__team__leader=user)
        mine = self.model._default_manager.filter(led | models.Q(participations__user__any_of=people_of(user))).values(
            "pk"
        )
        return in_use.filter(models.Q(created_by=user) | models.Q(pk__in=mine))

    def unresolved(self) -> ActivityQuerySet:
        """Return negative feedback without a resolution (rule 12)."""
        return self.filter(settlement="", keywords__keeps_open=True).distinct()

    def with_names(self) -> ActivityQuerySet:
        """Prefetch type, customer, participants and keywords, in a constant number of queries."""
        return self.select_related("type", "customer").prefetch_related("users", "keywords")

    def search(self, text: str, *, brief: bool = False) -> ActivityQuerySet:
        """Return activities with every word of ``text``, inflected, in their own texts, e-mail or customer's names.

        A word with signs inside is one word; if nothing is found, they separate words (``customers.search``).
        Query the database to choose a plan: up to ``MANY`` hits of the words together are read here, once, by their
        indexes; for more, reading along the list in its order soon fills a page.
        """
        found = self
        for words in read(text).readings:
            found, is_empty = self._with_words(words, brief=brief) if words else (self, False)
            if not is_empty:
                break
        return found

    def _with_words(self, words: list[str], *, brief: bool) -> tuple[ActivityQuerySet, bool]:
        """Return the activities with all ``words``, and whether none is known to have them."""
        in_rows = [WordInRows.of(self, stems(word), _in_own_texts(word), brief=brief) for word in words]
        in_texts, is_known = rows_with(in_rows, brief=brief)
        found = self.filter(in_texts)
        if is_known and len(ids := found._first_ids(MANY)) <= MANY:
            return self.filter(pk__any_of=ids), not ids
        if not brief:
            found.segments = found._apart(words)
        return found, False

    def _apart(self, words: list[str]) -> dict[str, list[models.Q]]:
        """Return the segments of the list by time: what has begun, and what is ahead, of which the hits are known.

        Reading along the list would pass all that is ahead, which has hardly any memos. There the words are looked for
        by the indexes of what is unfinished; hardly anything finished is ahead.
        """
        now = clock.now()
        in_time = self.model._default_manager.filter(start__gt=now)
        finished = in_time.exclude(status__in=UNFINISHED)._first_ids()
        ahead = self.model._default_manager.unfinished()
        in_rows = [WordInRows.of(ahead, stems(word), _in_own_texts(word, UNFINISHED), brief=False) for word in words]
        in_texts, is_known = rows_with(in_rows, brief=False)
        if not is_known or len(finished) > FEW:
            return {}
        unfinished = ahead.filter(in_texts)._first_ids()
        if len(unfinished) > FEW:
            return {}
        hits = [*unfinished, *self.filter(pk__any_of=finished).values_list("pk", flat=True)]
        return {"start": [models.Q(start__lte=now), models.Q(start__gt=now, pk__any_of=hits)]}

    def _first_ids(self, limit: int = FEW) -> list[int]:
        """Return the ids of any activities, up to one more than ``limit``."""
        return list(self.order_by().values_list("pk", flat=True)[: limit + 1])


def _in_own_texts(word: str, statuses: Collection[str] = ()) -> models.Q:
    """Match a word in the activity's title and memo, and in texts kept elsewhere (of those with one of ``statuses``).

    The ids of a few other texts are read here, so that the database can combine its indexes.
    """
    query = _query(word)
    # Inside words too: *konepaja* finds Metallikonepaja.
    in_title = (_contains("title_folded", part) for part in stems(word))
    elsewhere = (_in_texts(source.activity_ids(query), statuses) for source in text_sources())
    return models.Q(*in_title, models.Q(search=query), *elsewhere, _connector=models.Q.OR)


def _in_texts(found: models.QuerySet[Any, Any], statuses: Collection[str]) -> models.Q:
    """Match the activities of ``found``, which is ``values`` of one column."""
    [column] = found.query.values_select
    if statuses:
        found = found.filter(**{f"{column}__status__in": statuses})
    ids = list(found.order_by().values_list(column, flat=True)[: FEW + 1])
    if len(ids) <= FEW:
        return models.Q(pk__any_of=ids)
    return exists_for_each(found.filter(**{column: models.OuterRef("pk")}))


def _query(word: str) -> SearchQuery:
    """Match words that begin with one of the stems; the typed text is quoted, so it has no operators."""
    return SearchQuery(" | ".join(map(_lexeme, stems(word))), config="simple", search_type="raw")


def _lexeme(stem: str) -> str:
    """Return a stem quoted; short words with a sign between (*C/O*) are whole: far too much begins with them."""
    quoted = "'" + stem.replace("\\", " ").replace("'", "''") + "'"
    return quoted if is_short(stem) and not stem.isalnum() else f"{quoted}:*"


def _contains(field: str, stem: str) -> models.Q:
    """Match a stem anywhere, or at the start of words when it is too short for a trigram index."""
    if not is_short(stem):
        return models.Q(**{f"{field}__contains": stem})
    return models.Q(**{f"{field}__contains": f" {stem}"}) | models.Q(**{f"{field}__startswith": stem})
