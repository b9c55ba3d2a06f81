"""The actions in customers' plans with their days, as adherence takes them, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from careplans.adherence.actions import Entry
from careplans.adherence.days import NEVER, ONE_DAY, Span, day_after, local_day
from careplans.caremodels.frequencies import TermDates
from careplans.caremodels.models import CareAction, ModelVersion, StatutoryTask
from careplans.caremodels.selectors import complete
from careplans.plans.approval_days import approval_spans, in_effect, outside, shared, within
from careplans.plans.enums import ApprovalStatus, ExceptionStatus
from careplans.plans.models import CustomerAction, InactiveSpan, ModelStay, PlanApproval, PlanException
from careplans.plans.planned import PlannedAction, changed, planned

#: The actions of one customer by their codes.
Entries = dict[str, list[Entry]]
#: Reads with a queryset of actions what is asked of them.
Read = Callable[[QuerySet[Any]], QuerySet[Any]]


@dataclass(frozen=True)
class Edition:
    """An approved version of a care model with its actions."""

    version: ModelVersion
    actions: tuple[tuple[str, PlannedAction], ...]
    first: dt.date
    last: dt.date


def entries_of(customers: Collection[int], read: Read = complete) -> dict[int, Entries]:
    """Return the entries of each of these customers; ``read`` says what is read with the actions."""
    terms = TermDates.read()
    found: dict[int, Entries] = {pk: defaultdict(list) for pk in customers}
    stretches = approval_spans(customers)
    for customer, edition, (first, last) in _editions(customers, stretches, terms, read):
        for code, action in edition.actions:
            found[customer][code].append(Entry(action, first, last))
    for customer, code, own in _own(customers, stretches, terms, read):
        found[customer][code].append(own)
    for code, entry in _statutory(terms, read):
        for entries in found.values():
            entries[code].append(entry)
    for exception in _exceptions(customers):
        entries = found[exception.customer_id]
        for days in exception_days(exception, stretches.get(exception.customer_id, ())):
            entries[exception.code] = list(overlaid(entries[exception.code], exception, days, terms))
    return found


def _editions(
    customers: Collection[int], stretches: Mapping[int, Sequence[Span]], terms: TermDates, read: Read
) -> Iterator[tuple[int, Edition, Span]]:
    """Yield which version of a care model applies to which customer on which days."""
    stays = list(ModelStay.objects.filter(customer__any_of=list(customers)))
    editions = editions_of({stay.model_id for stay in stays}, terms, read)
    approvals = _approvals(customers)
    for stay in stays:
        of_model, of_customer = editions.get(stay.model_id, []), stretches.get(stay.customer_id, ())
        days = (stay.first, stay.last or NEVER)
        for free in outside(days, of_customer):
            for edition in of_model:
                if span := shared((edition.first, edition.last), free):
                    yield stay.customer_id, edition, span
        for stretch in within(days, of_customer):
            for edition, span in approved_spans(stretch, of_model, approvals.get(stay.customer_id, {})):
                yield stay.customer_id, edition, span


def editions_of(models: Collection[int], terms: TermDates, read: Read) -> dict[int, list[Edition]]:
    """Return the approved versions of models, in order, with their actions."""
    actions = Prefetch("actions", read(CareAction.objects.all()).order_by("order", "pk"))
    versions = ModelVersion.objects.approved().filter(model__in=list(models)).select_related("model")
    found: dict[int, list[Edition]] = defaultdict(list)
    for version in versions.prefetch_related(actions).order_by("valid_from", "number"):
        if version.valid_from is not None:
            of_version = tuple(
                (action.code, planned(action, origin=version, model=version.model.code, terms=terms))
                for action in version.actions.all()
            )
            edition = Edition(version, of_version, version.valid_from, version.valid_to or NEVER)
            found[version.model_id].append(edition)
    return found


#: The days on which management approved a customer's plan, by version.
Approvals = dict[int, list[dt.date]]


def _approvals(customers: Collection[int]) -> dict[int, Approvals]:
    """Return the days on which management approved customers' plans, by customer and version."""
    rows = PlanApproval.objects.filter(customer__any_of=list(customers), status=ApprovalStatus.APPROVED)
    found: dict[int, Approvals] = defaultdict(lambda: defaultdict(list))
    for customer, version, day in rows.order_by("decided_on").values_list("customer", "model_version", "decided_on"):
        if day is not None:
            found[customer][version].append(day)
    return found


def approved_spans(stretch: Span, editions: Iterable[Edition], days: Approvals) -> Iterator[tuple[Edition, Span]]:
    """Yield when each version applies on days on which the plan needs approval.

    Each takes effect on the day of its approval in the stretch, and the one before it applies until then. One that
    was replaced before the stretch never comes into it.
    """
    approved = [
        (max(edition.first, min(decided)), edition)
        for edition in editions
        if (decided := [day for day in days.get(edition.version.pk, ()) if stretch[0] <= day <= stretch[1]])
        and edition.last >= stretch[0]
    ]
    approved.sort(key=lambda pair: (pair[0], pair[1].version.number))
    for number, (first, edition) in enumerate(approved):
        following = approved[number + 1][0] if number + 1 < len(approved) else None
        if span := shared((first, following - ONE_DAY if following else NEVER), stretch):
            yield edition, span


def _own(
    customers: Collection[int], stretches: Mapping[int, Sequence[Span]], terms: TermDates, read: Read
) -> Iterator[tuple[int, str, Entry]]:
    """Yield the customers' own actions. Where approval is needed, a changed one stays as it was until the decision."""
    rows = CustomerAction.objects.filter(customer__any_of=list(customers)).order_by("customer", "code", "first")
    before: tuple[CustomerAction, Entry] | None = None
    for row in read(rows):
        days = (row.first, row.last or NEVER)
        spans = in_effect(days, stretches.get(row.customer_id, ()), row.approved_on)
        entries = [Entry(planned(row, terms=terms), *span) for span in spans]
        since = entries[0].first if entries else day_after(days[1])
        if before and is_change(before[0], row) and row.first < since:
            entries.insert(0, Entry(before[1].action, row.first, min(since - ONE_DAY, days[1])))
        yield from ((row.customer_id, row.code, entry) for entry in entries)
        before = (row, entries[-1]) if entries else None


def is_change(before: CustomerAction, row: CustomerAction) -> bool:
    """Return whether the row is the same action as it was changed on the day after the other's last one."""
    same = (before.customer_id, before.code) == (row.customer_id, row.code)
    return same and before.last is not None and day_after(before.last) == row.first


def exception_days(exception: PlanException, stretches: Collection[Span]) -> list[Span]:
    """Return when an exception applies: where approval is needed, only by the management's decision."""
    decided = exception.decided_on if exception.by_management else None
    return in_effect((exception.first, exception.last), stretches, decided)


def _statutory(terms: TermDates, read: Read) -> Iterator[tuple[str, Entry]]:
    """Yield the statutory tasks, which are the same for all, with their days."""
    zone = timezone.get_default_timezone()
    for task in read(StatutoryTask.objects.all()):
        last = local_day(task.retired_at, zone) - ONE_DAY if task.retired_at else NEVER
        first = local_day(task.created_at, zone)
        if first <= last:
            yield task.code, Entry(planned(task, terms=terms), first, last)


def _exceptions(customers: Collection[int]) -> Any:
    rows = PlanException.objects.filter(customer__any_of=list(customers), status=ExceptionStatus.APPROVED)
    return rows.prefetch_related("responsible__group").order_by("pk")


def overlaid(entries: Iterable[Entry], exception: PlanException, days: Span, terms: TermDates) -> Iterator[Entry]:
    """Yield the entries of one code with the exception in place of what they have on these days."""
    for entry in entries:
        first, last = max(entry.first, days[0]), min(entry.last, days[1])
        action: Any = entry.action
        if first > last or action is None:
            yield entry
            continue
        if entry.first < first:
            yield Entry(action, entry.first, first - ONE_DAY)
        yield Entry(changed(action, exception, terms), first, last)
        if last < entry.last:
            yield Entry(action, day_after(last), entry.last)


def active_spans(customers: Collection[int]) -> dict[int, list[Span]]:
    """Return the days on which each customer is active: all but those of its times of inactivity."""
    inactive: dict[int, list[Span]] = defaultdict(list)
    rows = InactiveSpan.objects.filter(customer__any_of=list(customers)).order_by("first")
    for customer, first, last in rows.values_list("customer", "first", "last"):
        inactive[customer].append((first, last or NEVER))
    return {pk: list(between(inactive[pk])) for pk in customers}


def between(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the days that are in none of the spans, which are in the order of their beginnings."""
    start = dt.date.min
    for first, last in spans:
        if first > start:
            yield start, first - ONE_DAY
        if last == NEVER:
            return
        start = max(start, day_after(last))
    yield start, NEVER
