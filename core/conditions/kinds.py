"""Common conditions: on a text, a number, a day, a choice, a related row, yes or no; periods of time; how many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Count, Exists, Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from core import clock
from core.conditions.fields import Asked, ConditionField, Said
from core.conditions.operands import Choice, Choices, Day, Number, Operand, Rows, Text

IS, IS_NOT, EMPTY, FILLED = "is", "is_not", "empty", "filled"
OPERATORS = {
    IS: pgettext_lazy("condition", "is"),
    IS_NOT: pgettext_lazy("condition", "is not"),
    EMPTY: gettext_lazy("is not known"),
    FILLED: gettext_lazy("is known"),
    "contains": gettext_lazy("contains"),
    "begins": gettext_lazy("begins with"),
    "at_least": gettext_lazy("at least"),
    "at_most": gettext_lazy("at most"),
    "equals": gettext_lazy("exactly"),
}


def operator(*names: str) -> Choice:
    return Choice(
        name="op", label=gettext_lazy("Comparison"), choices=tuple((name, OPERATORS[name]) for name in names),
        default=names[0],
    )  # fmt: skip


def text_field(*, path: str, is_blank: bool = True, **about: Any) -> ConditionField:
    """Return a condition on a text column that is never null."""
    operators = ("contains", "begins", IS, *((EMPTY, FILLED) if is_blank else ()))
    lookups = {"contains": "icontains", "begins": "istartswith", IS: "iexact"}

    def condition(asked: Asked) -> Q:
        if asked["op"] in (EMPTY, FILLED):
            is_empty = asked.q(**{path: ""})
            return is_empty if asked["op"] == EMPTY else ~is_empty
        return asked.q(**{f"{path}__{lookups[asked['op']]}": asked["text"]})

    value = Text(name="text", label=gettext_lazy("Text"), shown_if=("op", ("contains", "begins", IS)))
    return ConditionField(operands=(operator(*operators), value), condition=condition, words=operator_words, **about)


def number_field(*, path: str, is_money: bool = False, is_null: bool = True, **about: Any) -> ConditionField:
    """Return a condition on a number; one that is not known is neither at least nor at most anything."""
    operators = ("at_least", "at_most", "equals", *((EMPTY, FILLED) if is_null else ()))
    lookups = {"at_least": "gte", "at_most": "lte", "equals": "exact"}

    def condition(asked: Asked) -> Q:
        if asked["op"] in (EMPTY, FILLED):
            return asked.q(**{f"{path}__isnull": asked["op"] == EMPTY})
        return asked.q(**{f"{path}__{lookups[asked['op']]}": asked["number"]})

    number = Number(
        name="number", label=gettext_lazy("Number"), is_money=is_money, shown_if=("op", tuple(lookups))
    )  # fmt: skip
    return ConditionField(operands=(operator(*operators), number), condition=condition, words=operator_words, **about)


def choice_field(
    *, path: str, choices: Iterable[tuple[str, Any]] | Callable[[], Iterable[tuple[str, Any]]], is_blank: bool = False,
    **about: Any,
) -> ConditionField:  # fmt: skip
    """Return a condition on a column with a list of choices."""

    def condition(asked: Asked) -> Q:
        if asked["op"] in (EMPTY, FILLED):
            is_empty = asked.q(**{path: ""})
            return is_empty if asked["op"] == EMPTY else ~is_empty
        found = asked.q(**{f"{path}__in": asked["values"]})
        return found if asked["op"] == IS else ~found

    operators = (IS, IS_NOT, *((EMPTY, FILLED) if is_blank else ()))
    values = Choices(name="values", label=about["label"], choices=choices, shown_if=("op", (IS, IS_NOT)))
    return ConditionField(operands=(operator(*operators), values), condition=condition, words=operator_words, **about)


def rows_field(
    *, path: str, model: type[Model], rows: Callable[[], QuerySet[Any]], label_of: Callable[[Any], str] | None = None,
    **about: Any,
) -> ConditionField:  # fmt: skip
    """Return a condition on a foreign key that may be empty."""

    def condition(asked: Asked) -> Q:
        if asked["op"] in (EMPTY, FILLED):
            return asked.q(**{f"{path}__isnull": asked["op"] == EMPTY})
        found = asked.q(**{f"{path}__in": asked["rows"]})
        return found if asked["op"] == IS else ~found

    values = Rows(
        name="rows", label=about["label"], model=model, rows=rows, label_of=label_of, shown_if=("op", (IS, IS_NOT))
    )
    return ConditionField(
        operands=(operator(IS, IS_NOT, EMPTY, FILLED), values), condition=condition, words=operator_words, **about
    )


def yes_field(*, yes: Callable[[Asked], Q], **about: Any) -> ConditionField:
    """Return a condition that is true or not."""
    answers = (("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")))
    answer = Choice(name="answer", label=about["label"], choices=answers, default="yes")

    def condition(asked: Asked) -> Q:
        return yes(asked) if asked["answer"] == "yes" else ~yes(asked)

    return ConditionField(operands=(answer,), condition=condition, words=lambda said: said.texts["answer"], **about)


def operator_words(said: Said) -> str:
    """Return *is not B*, *at least 5*, *is not known*: operator and value."""
    value = next((text for name, text in said.texts.items() if name != "op"), "")
    if said["op"] in (EMPTY, FILLED):
        return said.texts["op"]
    if said["op"] == IS:
        return value
    if said["op"] == IS_NOT:
        return _("not %(value)s") % {"value": value}
    return f"{said.texts['op']} {value}"


# Periods of time

LAST, NOT_LAST, OLDER, NEXT, BETWEEN = "last", "not_last", "older", "next", "between"
NOT_SINCE = "not_since"
WHENS = {
    LAST: gettext_lazy("in the last … days"),
    NOT_LAST: gettext_lazy("not in the last … days"),
    OLDER: gettext_lazy("over … days ago"),
    NEXT: gettext_lazy("in the next … days"),
    BETWEEN: gettext_lazy("between days"),
    NOT_SINCE: gettext_lazy("not since the day"),
    "this_month": gettext_lazy("this month"),
    "last_month": gettext_lazy("last month"),
    "this_year": gettext_lazy("this year"),
    "last_year": gettext_lazy("last year"),
    "ever": gettext_lazy("at any time"),
    EMPTY: gettext_lazy("never"),
}
DAYS = (LAST, NOT_LAST, OLDER, NEXT)


def period(*whens: str, default: str = LAST, days: int = 90) -> tuple[Operand, ...]:
    """Return the operands of a period of time."""
    return (
        Choice(
            name="when", label=gettext_lazy("When"), choices=tuple((when, WHENS[when]) for when in whens),
            default=default,
        ),
        Number(
            name="days", label=gettext_lazy("Days"), default=days, highest=36_500,
            shown_if=("when", tuple(when for when in whens if when in DAYS)),
        ),
        Day(name="from", label=gettext_lazy("From"), instead="to", shown_if=("when", (BETWEEN, NOT_SINCE))),
        Day(name="to", label=gettext_lazy("To"), is_needed=False, shown_if=("when", (BETWEEN,))),
    )  # fmt: skip


def ends(values: Mapping[str, Any], *, is_moment: bool) -> tuple[Any, Any]:
    """Return the first and the last day of a period, or its first moment and the one after its end; None is open."""
    when, days = values["when"], dt.timedelta(days=values.get("days") or 0)
    if when in (LAST, NOT_LAST, OLDER, NEXT) and is_moment:
        now = clock.now()
        return {LAST: (now - days, now), NOT_LAST: (now - days, None), OLDER: (None, now - days)}.get(
            when, (now, now + days)
        )
    first, last = _days(when, days, values)
    if not is_moment:
        return first, last
    after = last + dt.timedelta(days=1) if last and last < dt.date.max else None
    return _start(first) if first else None, _start(after) if after else None


def _days(when: str, days: dt.timedelta, values: Mapping[str, Any]) -> tuple[dt.date | None, dt.date | None]:
    today = clock.today()
    month = today.replace(day=1)
    before = month - dt.timedelta(days=1)
    return {
        LAST: (today - days, today),
        NOT_LAST: (today - days, None),
        OLDER: (None, today - days - dt.timedelta(days=1)),
        NEXT: (today, today + days),
        BETWEEN: (values.get("from"), values.get("to")),
        NOT_SINCE: (values.get("from"), None),
        "this_month": (month, (month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)),
        "last_month": (before.replace(day=1), before),
        "this_year": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
        "last_year": (dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31)),
    }.get(when, (None, None))


def _start(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())


def in_period(values: Mapping[str, Any], path: str, *, is_moment: bool) -> Q:
    """Return the condition that the day or moment at ``path`` is in a period; *never* and *not in* include null."""
    if values["when"] == EMPTY:
        return Q(**{f"{path}__isnull": True})
    first, last = ends(values, is_moment=is_moment)
    found = Q(**{f"{path}__isnull": False})
    if first is not None:
        found &= Q(**{f"{path}__gte": first})
    if last is not None:
        found &= Q(**{f"{path}__{'lt' if is_moment else 'lte'}": last})
    return ~found if values["when"] in (NOT_LAST, NOT_SINCE) else found


def when_words(said: Said) -> str:
    """Return a period in words: *in the last 90 days*, *between 1/1/2026 and 31/3/2026*; nothing for at any time."""
    when, count = said["when"], int(said["days"] or 0)
    if when == NOT_SINCE:
        return _("not since %(day)s") % {"day": said.texts.get("from", "")}
    if when == BETWEEN:
        return f"{said.texts.get('from', '')}–{said.texts.get('to', '')}"
    if when == "ever":
        return ""
    texts = {
        LAST: ngettext("in the last %(days)d day", "in the last %(days)d days", count),
        NOT_LAST: ngettext("not in the last %(days)d day", "not in the last %(days)d days", count),
        OLDER: ngettext("over %(days)d day ago", "over %(days)d days ago", count),
        NEXT: ngettext("in the next %(days)d day", "in the next %(days)d days", count),
    }
    return texts[when] % {"days": count} if when in texts else said.texts["when"]


def date_field(*, path: str, is_moment: bool = False, is_null: bool = True, **about: Any) -> ConditionField:
    """Return a condition on a day or a moment."""
    whens = [when for when in WHENS if when != "ever" and (is_null or when != EMPTY)]

    def condition(asked: Asked) -> Q:
        return in_period(asked.values, asked.path(path), is_moment=is_moment)

    return ConditionField(operands=period(*whens), condition=condition, words=when_words, **about)


# How many rows there are

NO, SOME, AT_MOST = "none", "some", "at_most"
PAST = (LAST, OLDER, NEXT, BETWEEN, "this_month", "last_month", "this_year", "last_year", "ever")


def amount() -> tuple[Operand, ...]:
    """Return the operands of how many rows there are: none, at least, at most."""
    choices = ((SOME, gettext_lazy("at least")), (NO, pgettext_lazy("amount", "none")), (AT_MOST, OPERATORS["at_most"]))
    return (
        Choice(name="amount", label=gettext_lazy("How many"), choices=choices, default=SOME),
        Number(
            name="count", label=gettext_lazy("Number"), default=1, lowest=1, highest=10_000,
            shown_if=("amount", (SOME, AT_MOST)),
        ),
    )  # fmt: skip


def has_rows(asked: Asked, rows: QuerySet[Any], column: str) -> Q:
    """Return the condition that there are as many ``rows`` as asked with the subject's key in ``column``."""
    count = 1 if asked["amount"] == NO else asked["count"] + (asked["amount"] == AT_MOST)
    if count == 1:
        found = Q(Exists(rows.order_by().filter(**{column: asked.outer})))
    else:
        counted = rows.order_by().filter(**{f"{column}__isnull": False}).values(column).annotate(number=Count("pk"))
        several = counted.filter(number__gte=count).values(column)
        several.row_by_row = Exists(rows.order_by().filter(**{column: asked.outer})[count - 1 : count])
        found = asked.q(pk__in=several)
    return found if asked["amount"] == SOME else ~found


def amount_words(said: Said) -> str:
    if said["amount"] == NO:
        return pgettext("amount", "none")
    if said["amount"] == AT_MOST:
        return _("at most %(count)s") % {"count": said.texts["count"]}
    return _("at least %(count)s") % {"count": said.texts["count"]}


def listed_words(said: Said, *names: str, period: bool = True) -> str:
    """Return how many, what kinds (the texts of ``names``) and when, with commas."""
    parts = [amount_words(said), *(said.texts.get(name, "") for name in names), when_words(said) if period else ""]
    return ", ".join(part for part in parts if part)
