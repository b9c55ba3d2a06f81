"""Queries of feedback and NPS: the queue, counts, and the figures of customers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from activities.feedback.enums import FEEDBACK
from activities.feedback.models import Feedback, NpsQuestion
from activities.log.enums import UNFINISHED
from activities.log.models import Activity
from activities.mail.enums import MessageState
from activities.mail.outbox import error_text
from core import clock
from customers.querysets import active_for_each, of_active


def feedback_for(user: Any) -> QuerySet[Activity]:
    """Return the feedback that the user may see, with the columns of lists, in a constant number of queries."""
    activities = Activity.objects.visible_to(user).filter(feedback__isnull=False)
    names = ("customer", "feedback__responsible", "feedback__answered_by")
    return activities.select_related("type", *names).prefetch_related("keywords")


def _waiting() -> Q:
    """Return the condition of waiting for an answer; inactive customers are left out."""
    return Q(feedback__answered_at__isnull=True, feedback__answer_due__isnull=False) & of_active()


def _end_of_today() -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(clock.user_today() + dt.timedelta(days=1), dt.time()))


#: The tabs of the queue, by name.
FEEDBACK_TABS: dict[str, Callable[[Any], Q]] = {
    "waiting": lambda user: _waiting(),
    "due": lambda user: _waiting() & Q(feedback__answer_due__lt=_end_of_today()),
    "late": lambda user: _waiting() & Q(feedback__answer_due__lt=clock.now()),
    "mine": lambda user: _waiting() & Q(feedback__responsible=user),
    "unsettled": lambda user: Q(status__in=UNFINISHED, type__details=FEEDBACK),
    "answered": lambda user: Q(feedback__answered_at__isnull=False),
    "all": lambda user: Q(),
}


def own_waiting(user: Any) -> QuerySet[Feedback]:
    """Return the feedback that waits for the user's answer: that of the tab ``mine``."""
    own = Feedback.objects.filter(responsible=user, answered_at__isnull=True, answer_due__isnull=False)
    return own.filter(of_active("activity__customer"))


def nps_answers_for(user: Any) -> QuerySet[NpsQuestion]:
    """Return the answers to the NPS question that the user may see: of inactive customers with the permission only."""
    answers = NpsQuestion.objects.filter(score__isnull=False, answered_at__isnull=False)
    if not user.is_authenticated or not user.is_active:
        return answers.none()
    return answers if user.has_perm("customers.manage_passive") else answers.filter(active_for_each())


def counted_tabs(user: Any) -> dict[str, QuerySet[Activity]]:
    """Return the rows of the tabs that have a figure."""
    activities = Activity.objects.visible_to(user).filter(feedback__isnull=False)
    return {name: activities.filter(FEEDBACK_TABS[name](user)) for name in ("waiting", "due", "late", "mine")}


@dataclass(frozen=True)
class Figures:
    """A customer's feedback in figures: of all time, and waiting for an answer."""

    total: int
    positive: int
    negative: int
    ideas: int
    waiting: int
    late: int


def feedback_figures(customer_id: int) -> Figures:
    """Return the figures of a customer, in one query."""
    feedback = Activity.objects.filter(customer=customer_id, feedback__isnull=False)
    waiting = Q(feedback__answered_at__isnull=True, feedback__answer_due__isnull=False)
    keywords = {"positive": "positive", "negative": "negative", "ideas": "development_idea"}
    counted = {name: Count("pk", filter=Q(keywords__code=code), distinct=True) for name, code in keywords.items()}
    return Figures(
        **feedback.order_by().aggregate(
            total=Count("pk", distinct=True),
            waiting=Count("pk", filter=waiting, distinct=True),
            late=Count("pk", filter=waiting & Q(feedback__answer_due__lt=clock.now()), distinct=True),
            **counted,
        )
    )


def unsent_questions(**about: Any) -> list[tuple[NpsQuestion, str]]:
    """Return the newest ten questions that failed and can be sent again, each with the reason as text; one query."""
    failed = NpsQuestion.objects.filter(
        state=MessageState.FAILED, answered_at__isnull=True, expires_at__gt=clock.now(), contact__is_hidden=False
    )
    questions = failed.filter(**about).select_related("contact").order_by("-asked_at", "-pk")[:10]
    return [(question, error_text(question)) for question in questions]
