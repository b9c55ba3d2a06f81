"""Recurrence rules in words: every other week on Mondays, until 31.12.2026."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from activities.log.recurrence.rules import WORKDAYS, Rule


def in_words(rule: Rule, start: dt.date) -> str:
    """Return the rule in words, for an activity that begins on the local day ``start``."""
    return _frequency(rule, start) + _end(rule)


def _frequency(rule: Rule, start: dt.date) -> str:
    if rule.bysetpos and not _nth_weekday(rule):
        return _("by the rule %s") % rule
    text = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}[rule.freq](rule, start)
    if rule.bymonth and rule.freq != "YEARLY":
        text += _(" in %(months)s") % {"months": _listed([str(MONTHS[number]) for number in rule.bymonth])}
    return text


def _end(rule: Rule) -> str:
    if rule.last_day:
        return _(", until %(day)s") % {"day": date_format(rule.last_day, "SHORT_DATE_FORMAT")}
    if rule.count:
        return ngettext(", %(count)d time", ", %(count)d times", rule.count) % {"count": rule.count}
    return ""


def _daily(rule: Rule, start: dt.date) -> str:
    if rule.byday or rule.bymonthday:
        return _("by the rule %s") % rule
    return ngettext("every day", "every %(n)d days", rule.interval) % {"n": rule.interval}


def _weekly(rule: Rule, start: dt.date) -> str:
    days = sorted({day for _nth, day in rule.byday}) or [start.weekday()]
    if rule.interval == 1 and tuple(days) == WORKDAYS:
        return _("every weekday")
    every = {1: _("every week"), 2: _("every other week")}.get(rule.interval)
    every = every or _("every %(n)d weeks") % {"n": rule.interval}
    return _("%(every)s on %(days)s") % {"every": every, "days": _listed([_plural_day_name(day) for day in days])}


def _monthly(rule: Rule, start: dt.date) -> str:
    if (rule.byday and not _nth_weekday(rule)) or (rule.byday and rule.bymonthday):
        return _("by the rule %s") % rule
    every = ngettext("every month", "every %(n)d months", rule.interval) % {"n": rule.interval}
    return _("%(every)s on %(day)s") % {"every": every, "day": _day_of_month(rule, start)}


def _yearly(rule: Rule, start: dt.date) -> str:
    if rule.byday or rule.bymonthday or rule.bymonth not in ((), (start.month,)):
        return _("by the rule %s") % rule
    every = ngettext("every year", "every %(n)d years", rule.interval) % {"n": rule.interval}
    return _("%(every)s on %(day)s") % {"every": every, "day": date_format(start, "MONTH_DAY_FORMAT")}


def _nth_weekday(rule: Rule) -> tuple[int, int] | None:
    """Return the ordinal and weekday of "the second Tuesday", however the rule writes it."""
    if rule.freq != "MONTHLY" or len(rule.byday) != 1 or len(rule.bysetpos) > 1:
        return None
    [(nth, day)] = rule.byday
    if nth and rule.bysetpos:
        return None
    nth = nth or (rule.bysetpos[0] if rule.bysetpos else 0)
    return (nth, day) if nth in (1, 2, 3, 4, 5, -1) else None


def _day_of_month(rule: Rule, start: dt.date) -> str:
    if nth_weekday := _nth_weekday(rule):
        return nth_weekday_words(*nth_weekday)
    days = rule.bymonthday or (start.day,)
    if days == (-1,):
        return _("the last day")
    return _("day %(days)s") % {"days": _listed([str(day) for day in days])}


def nth_weekday_words(nth: int, day: int) -> str:
    """Return an ordinal weekday such as "the second Tuesday"."""
    ordinals = {
        1: pgettext("weekday of the month", "the first"),
        2: pgettext("weekday of the month", "the second"),
        3: pgettext("weekday of the month", "the third"),
        4: pgettext("weekday of the month", "the fourth"),
        5: pgettext("weekday of the month", "the fifth"),
        -1: pgettext("weekday of the month", "the last"),
    }
    return f"{ordinals[nth]} {_nth_day_name(day)}"


def _nth_day_name(day: int) -> str:
    return [
        pgettext("the n-th", "Monday"),
        pgettext("the n-th", "Tuesday"),
        pgettext("the n-th", "Wednesday"),
        pgettext("the n-th", "Thursday"),
        pgettext("the n-th", "Friday"),
        pgettext("the n-th", "Saturday"),
        pgettext("the n-th", "Sunday"),
    ][day]


def _plural_day_name(day: int) -> str:
    return [
        pgettext("on", "Mondays"),
        pgettext("on", "Tuesdays"),
        pgettext("on", "Wednesdays"),
        pgettext("on", "Thursdays"),
        pgettext("on", "Fridays"),
        pgettext("on", "Saturdays"),
        pgettext("on", "Sundays"),
    ][day]


def _listed(words: Sequence[str]) -> str:
    """Join words into a list in a sentence: Mondays, Wednesdays and Fridays."""
    if len(words) < 2:
        return "".join(words)
    return _("%(most)s and %(last)s") % {"most": ", ".join(words[:-1]), "last": words[-1]}
