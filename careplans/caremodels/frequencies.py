"""What the fields of an action mean: its frequency and the action as adherence computes with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.dates import MONTHS
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careplans.adherence import actions as engine
from careplans.adherence.days import Span
from careplans.adherence.periods import Every, Frequency, Months, NamedMonths, Once, OnEvent, Terms, Weeks
from careplans.adherence.periods import Unit as EngineUnit
from careplans.caremodels.enums import OF_SELECTION, EventKind, FrequencyKind, FulfilKind, Unit
from careplans.caremodels.models import ActionFields, StatutoryTask, Term
from careplans.caremodels.models.actions import MOST_COUNT, MOST_WINDOW
from careplans.caremodels.plugs import event_sources, fulfillers
from core.exceptions import BusinessRuleError

USUAL_TERMS_A_YEAR = 2


@dataclass(frozen=True)
class TermDates:
    """The terms with their days. Read them once for many actions."""

    spans: tuple[Span, ...]

    @classmethod
    def read(cls) -> TermDates:
        """Return those in the database."""
        return cls(tuple(Term.objects.order_by("first").values_list("first", "last")))

    @cached_property
    def per_year(self) -> int:
        """The most terms that begin in one year."""
        years = [first.year for first, _last in self.spans]
        return max((years.count(year) for year in set(years)), default=USUAL_TERMS_A_YEAR)

    @property
    def frequency(self) -> Terms:
        """The frequency of each term."""
        return Terms(self.spans, self.per_year)


def _refuse(code: str, message: str, field: str) -> BusinessRuleError:
    return BusinessRuleError(code, message, field=field)


def _whole(value: Any, field: str, most: int, message: str) -> int:
    """Return a whole number from 1 to ``most``; 0, 0.1 and nothing are refused."""
    is_whole = value is not None and not isinstance(value, bool) and value == int(value)
    if not is_whole or not 1 <= value <= most:
        raise _refuse("frequency_number", message % {"most": number_format(most, force_grouping=True)}, field)
    return int(value)


def _weeks(action: ActionFields, terms: TermDates | None) -> Frequency:
    return Weeks(_whole(action.count, "count", 104, _("Give a whole number of weeks from 1 to %(most)s.")))


def _months(action: ActionFields, terms: TermDates | None) -> Frequency:
    return Months(_whole(action.count, "count", 120, _("Give a whole number of months from 1 to %(most)s.")))


def _named_months(action: ActionFields, terms: TermDates | None) -> Frequency:
    if not action.months:
        raise _refuse("no_months", _("Choose at least one month."), "months")
    if any(month not in range(1, 13) for month in action.months):
        raise _refuse("no_such_month", _("There is no such month: months are from 1 to 12."), "months")
    return NamedMonths(tuple(sorted(set(action.months))))


def _terms(action: ActionFields, terms: TermDates | None) -> Frequency:
    return (terms or TermDates.read()).frequency


def _every(action: ActionFields, terms: TermDates | None) -> Frequency:
    unit = Unit(action.unit)
    most = {Unit.DAY: MOST_COUNT, Unit.WEEK: 520, Unit.MONTH: 120}[unit]
    message = _("Give a whole number from 1 to %(most)s: how long after the last time it is due.")
    return Every(_whole(action.count, "count", most, message), EngineUnit(unit.value))


def _once(action: ActionFields, terms: TermDates | None) -> Frequency:
    message = _("Give a whole number of days from 1 to %(most)s: how long after the beginning it is due.")
    return Once(_whole(action.count, "count", MOST_COUNT, message))


def _on_event(action: ActionFields, terms: TermDates | None) -> Frequency:
    if action.event not in EventKind.values:
        raise _refuse("no_event", _("Choose the event."), "event")
    if action.event in OF_SELECTION and action.selection_id is None:
        raise _refuse("no_selection", _("Choose the selection."), "selection")
    if action.event == EventKind.NO_CONTACT:
        message = _("Give a whole number of days from 1 to %(most)s: how long there was no contact.")
        _whole(action.quiet_days, "quiet_days", MOST_COUNT, message)
    return OnEvent(frozenset({event_key(action)}), action.delay)


_FREQUENCIES: dict[str, Callable[[ActionFields, TermDates | None], Frequency]] = {
    FrequencyKind.WEEKS: _weeks,
    FrequencyKind.MONTHS: _months,
    FrequencyKind.NAMED_MONTHS: _named_months,
    FrequencyKind.TERMS: _terms,
    FrequencyKind.EVERY: _every,
    FrequencyKind.ONCE: _once,
    FrequencyKind.EVENT: _on_event,
}


def event_key(action: ActionFields) -> str:
    """Return what adherence calls the event: its kind, with the selection or the days that it means."""
    if action.event in OF_SELECTION:
        return f"{action.event}:{action.selection_id}"
    return f"{action.event}:{action.quiet_days}" if action.event == EventKind.NO_CONTACT else action.event


def frequency_of(action: ActionFields, terms: TermDates | None = None) -> Frequency:
    """Return the frequency that the fields of an action mean.

    Raises :class:`BusinessRuleError` at the field that is wrong: ``frequency_number`` (0, 0.1, too many),
    ``no_months``, ``no_such_month``, ``no_event``, ``no_selection``, ``no_frequency``.
    """
    if action.frequency not in _FREQUENCIES:
        raise _refuse("no_frequency", _("Choose how often it is done."), "frequency")
    return _FREQUENCIES[action.frequency](action, terms)


def check_window(action: ActionFields, frequency: Frequency) -> None:
    """Raise ``window_too_long`` if two windows of an interval would overlap, or a window is longer than a year."""
    for field in ("before", "after"):
        days = getattr(action, field)
        if days is not None and not 0 <= days <= MOST_WINDOW:
            text = _("Give a number of days from 0 to %(most)d.") % {"most": MOST_WINDOW}
            raise _refuse("window_too_long", text, field)
    if not isinstance(frequency, Every):
        return
    default = engine.default_window(frequency)
    before = default if action.before is None else action.before
    after = default if action.after is None else action.after
    if before + after >= frequency.shortest:
        text = _("The days before and after (%(sum)d) must be fewer than those of the interval (%(interval)d).")
        field = "before" if action.before is not None else "after"
        raise _refuse("window_too_long", text % {"sum": before + after, "interval": frequency.shortest}, field)


def is_tracked(action: ActionFields) -> bool:
    """Return whether an installed app can say when it is done and, where it follows an event, when that happens."""
    is_done_known = any(kind in fulfillers() for kind in action.completed_by)
    is_due_known = action.frequency != FrequencyKind.EVENT or action.event in event_sources()
    return is_done_known and is_due_known


def untracked_words(action: ActionFields) -> str:
    """Return what no installed app can say yet, in words; empty if everything is tracked."""
    if is_tracked(action):
        return ""
    missing = [str(FulfilKind(kind).label) for kind in action.completed_by if kind not in fulfillers()]
    if action.frequency == FrequencyKind.EVENT and action.event not in event_sources():
        missing.append(str(EventKind(action.event).label))
    return _("not tracked yet: %(what)s") % {"what": ", ".join(missing)}


def engine_action(
    action: ActionFields, *, terms: TermDates | None = None, model: str = "", is_own: bool = False
) -> engine.Action:
    """Return the action as adherence computes with it. Read ``responsible__group`` with many actions."""
    scope = engine.Scope.STATUTORY if isinstance(action, StatutoryTask) else engine.Scope(action.scope)
    rows: Any = action
    return engine.Action(
        frequency_of(action, terms),
        before=action.before,
        after=action.after,
        is_mandatory=action.is_mandatory,
        scope=scope,
        is_contact=action.is_contact,
        is_shared=action.is_shared,
        is_tracked=is_tracked(action),
        is_own=is_own,
        hours=action.hours,
        model=model,
        responsible=tuple(row.key for row in rows.responsible.all()),
    )


def frequency_words(action: ActionFields) -> str:
    """Return how often an action is due, in the language of the page: "every 60 days", "March, September"."""
    count = action.count or 0
    if action.frequency == FrequencyKind.NAMED_MONTHS:
        return capfirst(", ".join(str(MONTHS[month]) for month in sorted(action.months)))
    if action.frequency == FrequencyKind.TERMS:
        return _("each term")
    if action.frequency == FrequencyKind.WEEKS:
        return _("each week") if count == 1 else _("each %(count)d weeks") % {"count": count}
    if action.frequency == FrequencyKind.MONTHS:
        return _months_words(count)
    if action.frequency == FrequencyKind.EVERY:
        return _every_words(Unit(action.unit), count)
    if action.frequency == FrequencyKind.ONCE:
        return ngettext("once, in %(count)d day", "once, in %(count)d days", count) % {"count": count}
    return _event_words(action)


def _months_words(count: int) -> str:
    named = {1: _("each month"), 3: _("each quarter"), 6: _("each half-year"), 12: _("each year")}
    if count % 12 == 0 and count > 12:
        return _("each %(count)d years") % {"count": count // 12}
    return named.get(count) or _("each %(count)d months") % {"count": count}


def _every_words(unit: Unit, count: int) -> str:
    words = {
        Unit.DAY: ngettext("every day from the last time", "every %(count)d days from the last time", count),
        Unit.WEEK: ngettext("every week from the last time", "every %(count)d weeks from the last time", count),
        Unit.MONTH: ngettext("every month from the last time", "every %(count)d months from the last time", count),
    }
    return words[unit] % {"count": count}


def _when_of(event: str) -> str:
    """Return what happens when an event does, as the end of a sentence."""
    return _("a date of the funder comes") if event == EventKind.FUNDER_DATE else str(EventKind(event).label)


def _event_words(action: ActionFields) -> str:
    event = _when_of(action.event) if action.event else "–"
    if action.event in OF_SELECTION:
        event = f"{event}: {action.selection}"
    if action.event == EventKind.NO_CONTACT:
        days = action.quiet_days or 0
        event = ngettext("no contact for %(count)d day", "no contact for %(count)d days", days) % {"count": days}
    if not action.delay:
        return _("when %(event)s") % {"event": event}
    return ngettext("%(count)d day after: %(event)s", "%(count)d days after: %(event)s", action.delay) % {
        "count": action.delay, "event": event,
    }  # fmt: skip
