"""Queries of feedback and NPS: the queue, counts, and the figures of customers and periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncMonth, TruncQuarter
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from activities.feedback.enums import FEEDBACK
from activities.feedback.models import Feedback, NpsQuestion
from activities.feedback.services.nps import DETRACTORS, PROMOTERS
from activities.log.enums import UNFINISHED
from activities.log.models import Activity
from activities.mail.enums import MessageState
from activities.mail.outbox import error_text
from core import clock
from customers.querysets import of_active


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


#: A figure from fewer answers than this is marked as only indicative.
FEW = 10


@dataclass(frozen=True)
class Nps:
    """The answers of one group of contacts."""

    label: str
    n: int
    promoters: int
    detractors: int

    @property
    def neutrals(self) -> int:
        return self.n - self.promoters - self.detractors

    @property
    def nps(self) -> int | None:
        """Return the figure from −100 to 100, rounded; None without answers."""
        return round(100 * (self.promoters - self.detractors) / self.n) if self.n else None

    @property
    def is_few(self) -> bool:
        return self.n < FEW

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """Return name, start and width (of 100) of each part of the bar."""
        counts = (("detractors", self.detractors), ("neutrals", self.neutrals), ("promoters", self.promoters))
        parts, start = [], 0.0
        for name, count in counts:
            width = 100 * count / self.n if self.n else 0
            parts.append((name, f"{start:.2f}", f"{width:.2f}"))
            start += width
        return parts


@dataclass(frozen=True)
class NpsTable:
    name: str
    label: str
    rows: list[Nps]


COUNTS = {
    "n": Count("pk"),
    "promoters": Count("pk", filter=Q(score__gte=PROMOTERS.start)),
    "detractors": Count("pk", filter=Q(score__lt=DETRACTORS.stop)),
}


def nps_answers(first: dt.date, last: dt.date) -> QuerySet[NpsQuestion]:
    """Return the answers from the first day to the last, both included."""
    zone = timezone.get_default_timezone()
    start, end = (dt.datetime.combine(day, dt.time(), zone) for day in (first, last + dt.timedelta(days=1)))
    return NpsQuestion.objects.filter(answered_at__gte=start, answered_at__lt=end)


def nps_overall(answers: QuerySet[NpsQuestion]) -> Nps:
    return Nps("", **answers.aggregate(**COUNTS))


def nps_tables(answers: QuerySet[NpsQuestion]) -> list[NpsTable]:
    """Return the figures by segment, customer group, owner, quarter and month, in a query each."""
    name = "name_en" if get_language() == "en" else "name_fi"
    none = _("none")
    owner = F("customer__summary__owner")
    zone = timezone.get_default_timezone()
    return [
        NpsTable("segment", _("By segment"), _by(answers, F(f"segment__{name}"), none)),
        NpsTable("group", _("By customer group"), _by(answers, F(f"group__{name}"), none)),
        NpsTable("owner", _("By owner"), _by_owner(answers, owner, none)),
        NpsTable("quarter", _("By quarter"), _by(answers, TruncQuarter("answered_at", tzinfo=zone), none)),
        NpsTable("month", _("By month"), _by(answers, TruncMonth("answered_at", tzinfo=zone), none)),
    ]


def _by(answers: QuerySet[NpsQuestion], expression: Any, none: str) -> list[Nps]:
    rows: Any = answers.order_by().annotate(part=expression).values("part").annotate(**COUNTS)
    in_order = rows.order_by(F("part").asc(nulls_last=True))
    return [Nps(_label(row["part"], expression, none), *(row[name] for name in COUNTS)) for row in in_order]


def _by_owner(answers: QuerySet[NpsQuestion], owner: Any, none: str) -> list[Nps]:
    first, last, key = (f"customer__summary__owner__{field}" for field in ("first_name", "last_name", "sort_key"))
    rows: Any = answers.order_by().values("customer__summary__owner", first, last, key).annotate(**COUNTS)
    return [
        Nps(f"{row[first] or ''} {row[last] or ''}".strip() or none, *(row[name] for name in COUNTS))
        for row in rows.order_by(F(key).asc(nulls_last=True))
    ]


def _label(value: Any, expression: Any, none: str) -> str:
    if value is None:
        return none
    if isinstance(expression, TruncQuarter):
        return f"{value.year} Q{(value.month - 1) // 3 + 1}"
    return date_format(value, "YEAR_MONTH_FORMAT") if isinstance(expression, TruncMonth) else str(value)


def default_period(today: dt.date | None = None) -> tuple[dt.date, dt.date]:
    """Return the year that ends today."""
    today = today or clock.today()
    year_ago = today - dt.timedelta(days=365)
    return year_ago + dt.timedelta(days=1), today


def unsent_questions(**about: Any) -> list[tuple[NpsQuestion, str]]:
    """Return the newest ten questions that failed and can be sent again, each with the reason as text; one query."""
    failed = NpsQuestion.objects.filter(
        state=MessageState.FAILED, answered_at__isnull=True, expires_at__gt=clock.now(), contact__is_hidden=False
    )
    questions = failed.filter(**about).select_related("contact").order_by("-asked_at", "-pk")[:10]
    return [(question, error_text(question)) for question in questions]
