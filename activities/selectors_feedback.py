"""Reads of feedback: the queue and what the pages of customers and activities show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from activities.enums import UNFINISHED
from activities.models import Activity, Feedback
from crm import clock
from crm.paging import count_up_to
from customers.querysets import of_active

COUNTED = 99


def feedback_for(user: Any) -> QuerySet[Activity]:
    """Return the feedback that the user sees, with what lists show, in a constant number of queries."""
    rows = Activity.objects.visible_to(user).filter(feedback__isnull=False)
    names = ("customer", "feedback__responsible", "feedback__answered_by")
    return rows.select_related("type", *names).prefetch_related("keywords")


def _waiting() -> Q:
    """Somebody is owed an answer. Work of passive customers rests."""
    return Q(feedback__answered_at__isnull=True, feedback__answer_due__isnull=False) & of_active()


def _end_of_today() -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(clock.user_today() + dt.timedelta(days=1), dt.time()))


#: The tabs of the queue, by name.
FEEDBACK_TABS: dict[str, Callable[[Any], Q]] = {
    "waiting": lambda user: _waiting(),
    "due": lambda user: _waiting() & Q(feedback__answer_due__lt=_end_of_today()),
    "late": lambda user: _waiting() & Q(feedback__answer_due__lt=clock.now()),
    "mine": lambda user: _waiting() & Q(feedback__responsible=user),
    "unsettled": lambda user: Q(status__in=UNFINISHED),
    "answered": lambda user: Q(feedback__answered_at__isnull=False),
    "all": lambda user: Q(),
}


def own_due_count(user: Any) -> tuple[int, bool]:
    """Return how many answers the user owes today or is late with, up to 99, and whether there are more."""
    own = Feedback.objects.filter(responsible=user, answered_at__isnull=True, answer_due__lt=_end_of_today())
    return count_up_to(own.filter(of_active("activity__customer")), COUNTED)


def tab_counts(user: Any, names: tuple[str, ...] = ("waiting", "due", "late", "mine")) -> dict[str, tuple[int, bool]]:
    """Return the figures beside the tabs, a query each, up to 99."""
    rows = Activity.objects.visible_to(user).filter(feedback__isnull=False)
    return {name: count_up_to(rows.filter(FEEDBACK_TABS[name](user)), COUNTED) for name in names}


@dataclass(frozen=True)
class Figures:
    """A customer's feedback in figures: of all time, and what waits."""

    total: int
    positive: int
    negative: int
    ideas: int
    waiting: int
    late: int


def feedback_figures(customer_id: int) -> Figures:
    """Return the figures of a customer, in one query."""
    of = Activity.objects.filter(customer=customer_id, feedback__isnull=False)
    waiting = Q(feedback__answered_at__isnull=True, feedback__answer_due__isnull=False)
    words = {"positive": "positive", "negative": "negative", "ideas": "development_idea"}
    counted = {name: Count("pk", filter=Q(keywords__code=code), distinct=True) for name, code in words.items()}
    return Figures(
        **of.order_by().aggregate(
            total=Count("pk", distinct=True),
            waiting=Count("pk", filter=waiting, distinct=True),
            late=Count("pk", filter=waiting & Q(feedback__answer_due__lt=clock.now()), distinct=True),
            **counted,
        )
    )
