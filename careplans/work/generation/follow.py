"""Keeping at most one open generated activity for each customer and action, after each evaluation of their plans.

Each batch is read once and written in a constant number of statements. A second run writes nothing. What people have
edited stays: an activity with another version than the one that was written here has been edited.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter

from django.urls import reverse
from django.utils.translation import override

from accounts.models import User
from accounts.notifications import notify
from activities.log.enums import UNFINISHED, ActivityStatus
from activities.log.models import Activity, ActivityType, Participation
from activities.log.services.effects import contact_dates_refresh, reminders_follow
from activities.log.services.status import write_many
from activities.log.services.whole_days import days_between
from careplans.adherence.days import plus_days
from careplans.adherence.occurrences import Occurrence, State
from careplans.caremodels.services.models import care_settings
from careplans.plans.evaluations import CustomerEvaluation, kept_in_run
from careplans.plans.services.occurrences import key_values
from careplans.work.enums import INACTIVE, REASONS, WorkState
from careplans.work.generation.creation import Creation, New
from careplans.work.generation.days import Calendars, Loads
from careplans.work.generation.holders import Holder, Holders, leader_of
from careplans.work.generation.texts import title_of
from careplans.work.generation.traces import with_traces
from careplans.work.generation.wanted import Place, Wanted, wanted_of
from careplans.work.models import CareWork
from core import clock
from core.metrics import untouched
from customers.enums import CustomerState
from customers.models import Customer

#: Windows are looked at so many days ahead for what people have to do.
LONGEST = 400
ROW_FIELDS = (
    "kind", "start", "event", "due", "first", "last", "state", "closed_on", "activity", "replaced_by", "person",
    "list_key", "listed_on", "is_scheduled", "written_day", "written_title", "written_version",
)  # fmt: skip
ACTIVITY_FIELDS = ("title", "start", "end", "version", "updated_at")


def work_follow(found: Sequence[CustomerEvaluation], today: dt.date) -> None:
    """Bring the generated work of these customers up to date."""
    if found:
        with untouched():  # what is written here makes no evaluation necessary
            Generation(found, today).run()


@dataclass
class Generation:
    """The work of a batch of customers, of which the looks are locked."""

    found: Sequence[CustomerEvaluation]
    today: dt.date
    _rows: set[int] = field(default_factory=set)
    _activities: dict[int, Activity] = field(default_factory=dict)
    _cancelled: dict[str, list[CareWork]] = field(default_factory=lambda: defaultdict(list))
    _removed: list[CareWork] = field(default_factory=list)
    _ended: list[CareWork] = field(default_factory=list)
    _left: list[tuple[int, int]] = field(default_factory=list)
    _joined: list[tuple[int, int]] = field(default_factory=list)
    _told: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.ids = [one.customer for one in self.found]
        self.evaluations = {one.customer: one.evaluation for one in self.found}
        self.wanted = wanted_of(self.found, self.today, care_settings().work_ahead)
        rows = CareWork.objects.filter(customer__any_of=self.ids, state=WorkState.OPEN).order_by("pk")
        self.open = {(row.customer_id, row.code): row for row in rows}
        acts = Activity.objects.filter(pk__any_of=[row.activity_id for row in rows if row.activity_id])
        self.acts = {act.pk: act for act in acts.order_by("pk").select_for_update(no_key=True)}
        self.holders = Holders(self.ids, self.today)

    def run(self) -> None:
        """Keep, close and create what has to be; write it."""
        made = []
        for place, row in self.open.items():
            if not self._kept(row, self.wanted.get(place)):
                made.append(place)
        taken = self.open.keys() - set(made)
        self._close_ended()
        self._write()
        self._create([want for place, want in sorted(self.wanted.items()) if place not in taken])
        self._tell()

    # What is there

    def _kept(self, row: CareWork, want: Wanted | None) -> bool:
        """Keep the open work for what is wanted, or close it; return whether it is kept."""
        act = self.acts.get(row.activity_id or 0)
        if act is None or act.status == ActivityStatus.CANCELLED:
            self._close(row, WorkState.ENDED)
        elif act.status == ActivityStatus.DONE:
            self._close(row, WorkState.DONE)
        elif want is not None and want.key == row.key:
            return self._keep(row, act, want)
        else:
            return self._kept_for_another(row, act, want)
        return False

    def _kept_for_another(self, row: CareWork, act: Activity, want: Wanted | None) -> bool:
        """Keep the work for another occurrence than it was for, or close it by what became of that one."""
        before = self._occurrence(row)
        state = _fate(before)
        is_ahead = want is not None and clock.day_of(act.start) >= max(want.occurrence.first, self.today)
        if want is not None and (state is None or (state is WorkState.MISSED and _is_set(row, act) and is_ahead)):
            return self._keep(row, act, want)
        if state is None and before is not None and before.first > self.today:  # the horizon has become shorter
            if _is_set(row, act) or act.version != row.written_version:
                return True
            self._removed.append(row)
        self._close(row, state or WorkState.ENDED, before)
        return False

    def _occurrence(self, row: CareWork) -> Occurrence | None:
        known = self.evaluations[row.customer_id].occurrences.get(row.code, ())
        return next((one for one in known if one.key == row.key), None)

    def _close(self, row: CareWork, state: WorkState, occurrence: Occurrence | None = None) -> None:
        row.state, row.closed_on = state, self.today
        self._rows.add(row.pk)
        if state is WorkState.REPLACED and occurrence is not None and occurrence.completed_by is not None:
            source, pk = occurrence.completed_by.name
            row.replaced_by_id = pk if source == "activity" else None
        act = self.acts.get(row.activity_id or 0)
        if act is None or act.status not in UNFINISHED or row in self._removed:
            return
        if state is WorkState.REPLACED and act.version == row.written_version and not _is_set(row, act):
            self._removed.append(row)
        elif state is WorkState.ENDED:
            self._ended.append(row)
        else:
            self._cancelled[str(state)].append(row)

    def _close_ended(self) -> None:
        """Say of what has ended whether the customer is inactive; remove what nobody has touched, cancel the rest."""
        customers = {row.customer_id for row in self._ended}
        passive = Customer.objects.filter(pk__in=customers, state=CustomerState.PASSIVE) if customers else ()
        inactive = {customer.pk for customer in passive}
        for row in self._ended:
            self._cancelled["inactive" if row.customer_id in inactive else str(WorkState.ENDED)].append(row)
        touched = with_traces([row.activity_id for row in self._removed if row.activity_id])
        for row in [row for row in self._removed if row.activity_id in touched]:
            self._removed.remove(row)
            self._cancelled[str(row.state)].append(row)

    def _keep(self, row: CareWork, act: Activity, want: Wanted) -> bool:
        """Bring the work up to date with its occurrence and holder; what a person has edited stays."""
        before = {name: getattr(row, name) for name in ("due", "first", "last", "person_id", "list_key")}
        was_written = act.version == row.written_version
        occurrence = want.occurrence
        for name, value in {**key_values(want.key), **_window(occurrence)}.items():
            self._set(row, name, value)
        self._hand_over(row, self._holder(want))
        title = title_of(want, self._language(row.person_id))
        is_changed = False
        if title != row.written_title:
            is_changed = act.title == row.written_title
            act.title = title if is_changed else act.title
            self._set(row, "written_title", title)
        is_set = _is_set(row, act)
        if not is_set and self._has_to_move(row, before, occurrence):
            day = self._place(row, occurrence)
            if day != row.written_day:
                act.start, act.end = days_between(day, day)
                self._set(row, "written_day", day)
                is_changed = True
        self._set(row, "is_scheduled", is_set)
        if is_changed:
            act.version, act.updated_at = act.version + 1, clock.now()
            self._activities[act.pk] = act
            if was_written:
                self._set(row, "written_version", act.version)
        return True

    def _set(self, row: CareWork, name: str, value: object) -> None:
        if getattr(row, name) != value:
            setattr(row, name, value)
            self._rows.add(row.pk)

    def _has_to_move(self, row: CareWork, before: dict[str, object], occurrence: Occurrence) -> bool:
        """Return whether the day of the work suits its window, or its person, no longer."""
        day = row.written_day
        if day is None or (day < self.today and row.last >= self.today and before["due"] == row.due):
            return day is None
        is_same = all(getattr(row, name) == value for name, value in before.items() if name in ("first", "last"))
        if not is_same and not row.first <= day <= row.last:
            return True
        if occurrence.postponed_to and before["due"] != row.due and day < row.due:
            return True
        return row.person_id is not None and day >= self.today and self.calendars.is_away(row.person_id, day)

    def _place(self, row: CareWork, occurrence: Occurrence) -> dt.date:
        first = occurrence.first
        if occurrence.postponed_to:
            first = max(first, min(plus_days(occurrence.due, -4), occurrence.last))
        return self.calendars.place(row.person_id or row.list_key, first, occurrence.last)

    # Whose it is

    def _holder(self, want: Wanted) -> Holder:
        return self.holders.of(want.customer, want.action.responsible)

    def _hand_over(self, row: CareWork, holder: Holder) -> None:
        """Give work to its holder; who has claimed it from a list keeps it."""
        if holder.person is None and row.person_id is not None:
            is_claimed = row.person_id in holder.members or row.person_id == self._leader(holder.list_key)
            if is_claimed:
                self._set(row, "list_key", holder.list_key)
                return
        if holder.person is None and row.list_key != holder.list_key:
            self._set(row, "listed_on", self.today)
        self._set(row, "list_key", holder.list_key)
        if row.person_id == holder.person:
            return
        assert row.activity_id is not None  # noqa: S101 - open work has its activity
        if row.person_id is not None:
            self._left.append((row.activity_id, row.person_id))
        if holder.person is not None:
            self._joined.append((row.activity_id, holder.person))
            self._told[holder.person] += 1
        else:
            self._set(row, "listed_on", self.today)
        self._set(row, "person_id", holder.person)

    def _leader(self, key: str) -> int | None:
        if key not in self._leaders:
            self._leaders[key] = leader_of(key)
        return self._leaders[key]

    @cached_property
    def _leaders(self) -> dict[str, int | None]:
        return {}

    def _language(self, person: int | None) -> str:
        return self._languages.get(person or 0, "fi")

    @cached_property
    def _languages(self) -> dict[int, str]:
        people = {row.person_id for row in self.open.values()} | self._people
        return dict(User.objects.filter(pk__in=people - {None}).values_list("pk", "language"))

    @cached_property
    def _types(self) -> dict[int, ActivityType]:
        return ActivityType.objects.in_bulk()

    @cached_property
    def _people(self) -> set[int]:
        return {holder.person for want in self.wanted.values() if (holder := self._holder(want)).person}

    @cached_property
    def calendars(self) -> Calendars:
        people = self._people | {row.person_id for row in self.open.values() if row.person_id}
        lists = {holder.list_key for want in self.wanted.values() if not (holder := self._holder(want)).person}
        until = plus_days(self.today, LONGEST)
        return Calendars(people, lists, kept_in_run(Loads, lambda: Loads(self.today, until)))

    # Writing

    def _write(self) -> None:
        at = clock.now()
        Activity.objects.bulk_update(self._activities.values(), ACTIVITY_FIELDS)
        for activity, user in self._left:
            Participation.objects.filter(activity=activity, user=user).delete()
        self._join(self._joined)
        for name, rows in self._cancelled.items():
            with override("fi"):
                reason = str(INACTIVE if name == "inactive" else REASONS[WorkState(name)])
            statuses = {row.activity_id: self.acts[row.activity_id].status for row in rows if row.activity_id}
            write_many(statuses, ActivityStatus.CANCELLED, None, reason, at)
            reminders_follow(list(statuses))
        gone = [row.activity_id for row in self._removed if row.activity_id]
        for row in self._removed:
            row.activity = None
        changed = [row for row in self.open.values() if row.pk in self._rows]
        CareWork.objects.bulk_update(changed, ROW_FIELDS)
        Activity.objects.filter(pk__in=gone).delete()
        contact_dates_refresh({row.customer_id for row in changed})

    @staticmethod
    def _join(pairs: Iterable[tuple[int, int]]) -> None:
        rows = [Participation(activity_id=activity, user_id=user) for activity, user in pairs]
        Participation.objects.bulk_create(rows, ignore_conflicts=True)

    def _create(self, wants: Sequence[Wanted]) -> None:
        """Create the work for what has none. What was done without counting is not asked for a second time."""
        wants = self._without_done(wants)
        if not wants:
            return
        news = sorted([self._new(want) for want in wants], key=attrgetter("day"))  # near each other in the indexes
        Creation(self._types, self.today).write(news)
        contact_dates_refresh({want.customer for want in wants})

    def _new(self, want: Wanted) -> New:
        holder, occurrence = self._holder(want), want.occurrence
        day = self.calendars.place(holder.person or holder.list_key, occurrence.first, occurrence.last)
        return New(want, holder, day, self._language(holder.person))

    def _without_done(self, wants: Sequence[Wanted]) -> list[Wanted]:
        """Leave out what has been done already; open again what somebody has reopened."""
        places: dict[Place, Wanted] = {want.place: want for want in wants}
        done = CareWork.objects.filter(
            customer__any_of=list({want.customer for want in wants}), code__in={want.key.code for want in wants},
            start__in={want.key.start for want in wants}, state=WorkState.DONE,
        )  # fmt: skip
        for row in done.select_related("activity").order_by("pk") if wants else ():
            place = row.customer_id, row.code
            if place not in places or places[place].key != row.key:
                continue
            del places[place]
            if row.activity is not None and row.activity.status in UNFINISHED:
                CareWork.objects.filter(pk=row.pk).update(state=WorkState.OPEN, closed_on=None)
        return list(places.values())

    def _tell(self) -> None:
        """Notify people once that work has become theirs."""
        for user in User.objects.filter(pk__in=self._told, is_active=True):
            notify(users=[user], kind="care_work_moved", url=reverse("activities:mine"), count=self._told[user.pk])


def _is_set(row: CareWork, act: Activity) -> bool:
    """Return whether a person has given the work a time or another day, confirmed its day, or begun it."""
    is_placed = act.is_all_day and clock.day_of(act.start) == row.written_day
    return row.is_confirmed or not is_placed or act.status != ActivityStatus.OPEN


def _fate(occurrence: Occurrence | None) -> WorkState | None:
    """Return what became of an occurrence, None: it still waits, or there is none such any more."""
    if occurrence is None:
        return None
    if occurrence.completed_by is not None:
        return WorkState.REPLACED
    return {State.SKIPPED: WorkState.SKIPPED, State.MISSED: WorkState.MISSED}.get(occurrence.state)


def _window(occurrence: Occurrence) -> dict[str, dt.date]:
    return {"first": occurrence.first, "due": occurrence.due, "last": occurrence.last}
