"""The conditions on customers about their segments."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.conditions.fields import Asked, ConditionField, Said
from core.conditions.kinds import EMPTY, IS, IS_NOT, in_period, operator, operator_words, period, when_words
from core.conditions.operands import Choice, Rows
from segmentation.membership.models import Membership
from segmentation.schemes.models import Segment

ABOUT: dict[str, Any] = {"subject": "customer", "section": gettext_lazy("Classification"), "order": 9}
ENTERED, LEFT = "entered", "left"
CHANGES = ((ENTERED, pgettext_lazy("segment", "entered")), (LEFT, pgettext_lazy("segment", "left")))
PAST_WHENS = ("last", "older", "between", "this_month", "last_month", "this_year", "last_year")


def with_code(segment: Segment) -> str:
    """Return a segment as people call it: its letter and its name."""
    return f"{segment.code} – {segment.name}"


def with_scheme(segment: Segment) -> str:
    return f"{segment.scheme.name} › {segment.name}"


def primary_segments() -> QuerySet[Segment]:
    return Segment.objects.primary()


def all_segments() -> QuerySet[Segment]:
    return Segment.objects.select_related("scheme").order_by("scheme__order", "scheme", "order")


def further_segments() -> QuerySet[Segment]:
    return all_segments().filter(scheme__is_primary=False)


def _segment(asked: Asked) -> Q:
    if asked["op"] == EMPTY:
        return asked.q(summary__segment__isnull=True)
    found = asked.q(summary__segment__in=asked["rows"])
    return found if asked["op"] == IS else ~found


def _further(asked: Asked) -> Q:
    present = Membership.objects.present().filter(customer=asked.outer, segment__in=asked["rows"])
    found = Q(Exists(present))
    return found if asked["op"] == IS else ~found


def _change(asked: Asked) -> Q:
    """Match customers that entered a segment in the period, or left one in it and are not in it now."""
    rows = Membership.objects.filter(customer=asked.outer, segment__in=asked["rows"])
    if asked["change"] == ENTERED:
        return Q(Exists(rows.filter(in_period(asked.values, "period__startswith", is_moment=True))))
    left = rows.filter(in_period(asked.values, "period__endswith", is_moment=True))
    return Q(Exists(left)) & ~Q(Exists(rows.present()))


def _change_words(said: Said) -> str:
    return f"{said.texts['change']} {said.texts.get('rows', '')}, {when_words(said)}"


CONDITION_FIELDS = (
    ConditionField(
        name="segment",
        label=gettext_lazy("Segment"),
        operands=(
            operator(IS, IS_NOT, EMPTY),
            Rows(
                name="rows", label=gettext_lazy("Segment"), model=Segment, rows=primary_segments, label_of=with_code,
                shown_if=("op", (IS, IS_NOT)),
            ),
        ),
        condition=_segment,
        words=operator_words,
        **ABOUT,
    ),
    ConditionField(
        name="further_segment",
        label=gettext_lazy("Segment of another scheme"),
        operands=(
            operator(IS, IS_NOT),
            Rows(
                name="rows", label=gettext_lazy("Segments"), model=Segment, rows=further_segments,
                label_of=with_scheme,
            ),
        ),
        condition=_further,
        words=operator_words,
        **ABOUT,
    ),
    ConditionField(
        name="segment_change",
        label=gettext_lazy("Entered or left a segment"),
        operands=(
            Choice(name="change", label=gettext_lazy("Change"), choices=CHANGES, default=ENTERED),
            Rows(
                name="rows", label=gettext_lazy("Segments"), model=Segment, rows=all_segments, label_of=with_scheme,
            ),
            *period(*PAST_WHENS),
        ),
        condition=_change,
        words=_change_words,
        **ABOUT,
    ),
)  # fmt: skip
