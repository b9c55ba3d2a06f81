"""Keeping one open activity for the next occurrence of each internal event, as ``careplans.work`` does of customers.

A second run writes nothing. What people have edited stays: an activity with another version than the one that was
written here has been edited.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection, transaction
from django.utils.translation import override

from accounts.models import User
from activities.log.enums import UNFINISHED, ActivityStatus
from activities.log.models import Activity, ActivityType, Participation
from activities.log.services.effects import reminders_follow
from activities.log.services.status import write_many
from activities.log.services.whole_days import days_between
from careplans.adherence.days import plus_days
from careplans.adherence.occurrences import Occurrence, State
from careplans.adherence.work import work_for
from careplans.caremodels.services.models import care_settings
from careplans.clock.internal import Internal, internal_read
from careplans.clock.models import InternalAction, InternalWork
from careplans.clock.words import REASONS
from careplans.work.enums import WorkState
from careplans.work.generation.days import Calendars, Loads
from careplans.work.generation.holders import Holder, Holders, leader_of
from careplans.work.generation.texts import GOAL_LENGTH
from careplans.work.generation.traces import with_traces
from core import clock
from core.richtext import clean, from_text

#: The lock of runs: there is one at a time.
LOCK = 7_204_415
LONGEST = 400


def work_refresh(codes: Collection[str] | None = None, today: dt.date | None = None) -> None:
    """Bring the work of these internal events up to date, of all if none are named."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        today = today or clock.today()
        ahead = care_settings().work_ahead
        _Run(internal_read(today, plus_days(today, ahead), codes), today, plus_days(today, ahead)).run()


@dataclass
class _Run:
    """The work of some events on a day."""

    internal: Internal
    today: dt.date
    until: dt.date
    _cancelled: dict[str, list[InternalWork]] = field(default_factory=dict)

    def run(self) -> None:
        open_rows = self._open_rows()
        for code, action in self.internal.actions.items():
            row, want = open_rows.get(code), self._wanted(code)
            if row is not None and self._is_kept(row, want):
                assert want is not None  # noqa: S101 - what is kept is wanted
                self._keep(row, action, want)
            elif want is not None and not self._was_done(want):
                self._create(action, want)

    def _open_rows(self) -> dict[str, InternalWork]:
        """Return the open work by code, with its activities locked first, so that an edit at the moment is seen."""
        rows = InternalWork.objects.filter(code__in=list(self.internal.actions), state=WorkState.OPEN)
        ids = [pk for pk in rows.values_list("activity", flat=True) if pk]
        acts = Activity.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True)
        found = {act.pk: act for act in acts}
        open_rows = {row.code: row for row in rows.order_by("pk").select_for_update(of=("self",))}
        for row in open_rows.values():
            row.activity = found.get(row.activity_id or 0)
        return open_rows

    def _wanted(self, code: str) -> Occurrence | None:
        if not self.internal.is_in_force(code):
            return None
        work = work_for(self.internal.evaluation, code, self.until)
        return work.occurrence if work else None

    @staticmethod
    def _was_done(want: Occurrence) -> bool:
        """Return whether the work was done without counting: it is not asked for a second time."""
        key = want.key
        done = InternalWork.objects.filter(code=key.code, kind=key.kind.value, start=key.start, state=WorkState.DONE)
        return done.exists()

    # What is there

    def _is_kept(self, row: InternalWork, want: Occurrence | None) -> bool:
        """Return whether open work stays, or close it by what became of its occurrence."""
        act = row.activity
        if act is None or act.status == ActivityStatus.CANCELLED:
            self._close(row, WorkState.ENDED)
        elif act.status == ActivityStatus.DONE:
            self._close(row, WorkState.DONE)
        elif want is None or want.key != row.key:
            fate = self._fate(row)
            if want is not None and fate is WorkState.ENDED:
                return True  # the same event at another time
            self._close(row, fate)
        else:
            return True
        return False

    def _fate(self, row: InternalWork) -> WorkState:
        known = self.internal.evaluation.occurrences.get(row.code, ())
        found = next((one for one in known if one.key == row.key), None)
        if found is None or not self.internal.is_in_force(row.code):
            return WorkState.ENDED
        if found.completed_by is not None:
            return WorkState.REPLACED
        return WorkState.MISSED if found.state is State.MISSED else WorkState.ENDED

    def _close(self, row: InternalWork, state: WorkState) -> None:
        row.state, row.closed_on, act = state, self.today, row.activity
        if act is not None and act.status in UNFINISHED:
            if state is WorkState.REPLACED and self._is_removed(row, act):
                return
            self._cancel(act, state)
        row.save()

    @staticmethod
    def _is_removed(row: InternalWork, act: Activity) -> bool:
        """Remove an activity that nobody has touched."""
        if _is_set(row, act) or act.version != row.written_version:
            return False
        row.activity = None
        row.save()
        if with_traces([act.pk]):
            row.activity = act
            return False
        act.delete()
        return True

    def _cancel(self, act: Activity, state: WorkState) -> None:
        with override("fi"):
            reason = str(REASONS[state])
        write_many({act.pk: act.status}, ActivityStatus.CANCELLED, None, reason, clock.now())
        reminders_follow([act.pk])

    def _keep(self, row: InternalWork, action: InternalAction, want: Occurrence) -> None:
        """Bring the work up to date with its occurrence, title and holder; what a person has edited stays."""
        act: Any = row.activity
        before = _columns(row)
        was_written, is_set = act.version == row.written_version, _is_set(row, act)
        is_changed = self._is_renamed(row, act, action)
        self._hand_over(row, self._holder(action))
        day, is_same = row.written_day, (row.due, row.last) == (want.due, want.last)
        row.kind, row.start, row.due, row.last = want.key.kind.value, want.key.start, want.due, want.last
        # Of a window that is over, the day is one after it and stays.
        is_outside = day is None or day < want.first or (day > want.last and not is_same)
        if not is_set and (is_outside or self._is_away(row)):
            row.written_day = self.calendars.place(row.person_id or row.list_key, want.first, want.last)
            if row.written_day != day:
                act.start, act.end = days_between(row.written_day, row.written_day)
                is_changed = True
        if is_changed:
            act.version, act.updated_at = act.version + 1, clock.now()
            act.save(update_fields=["title", "start", "end", "version", "updated_at"])
            row.written_version = act.version if was_written else row.written_version
        if _columns(row) != before:
            row.save()

    def _is_renamed(self, row: InternalWork, act: Activity, action: InternalAction) -> bool:
        title = self._title(action, row.person_id)
        if title == row.written_title:
            return False
        is_own = act.title == row.written_title
        act.title, row.written_title = title if is_own else act.title, title
        return is_own

    def _is_away(self, row: InternalWork) -> bool:
        day = row.written_day
        return row.person_id is not None and day is not None and self.calendars.is_away(row.person_id, day)

    # Whose it is

    @cached_property
    def _holders(self) -> Holders:
        return Holders([], self.today)

    def _holder(self, action: InternalAction) -> Holder:
        """Return the person of the event if that is active, else the first group or team with anybody."""
        person = action.person
        if person is not None and person.is_active:
            return Holder(person.pk)
        rows: Any = action
        return self._holders.of(0, [row.key for row in rows.responsible.all()])

    def _hand_over(self, row: InternalWork, holder: Holder) -> None:
        """Give work to its holder; who has claimed it from the list, or leads the team, keeps it."""
        if row.list_key == holder.list_key and row.person_id in self._keepers(holder):
            return
        if row.person_id is not None and row.person_id != holder.person:
            Participation.objects.filter(activity=row.activity_id, user=row.person_id).delete()
        if holder.person is not None:
            Participation.objects.get_or_create(activity=row.activity, user_id=holder.person)
        if row.person_id == holder.person and row.list_key == holder.list_key:
            return
        row.person_id, row.list_key = holder.person, holder.list_key
        row.listed_on = None if holder.person else self.today

    @staticmethod
    def _keepers(holder: Holder) -> set[int | None]:
        if holder.person is not None or not holder.list_key:
            return {holder.person}
        return {*holder.members, leader_of(holder.list_key)} - {None}

    @cached_property
    def calendars(self) -> Calendars:
        holders = [self._holder(action) for action in self.internal.actions.values()]
        people = {one.person for one in holders if one.person}
        claimed = InternalWork.objects.filter(state=WorkState.OPEN, person__isnull=False)
        people.update(pk for pk in claimed.values_list("person", flat=True) if pk)
        lists = {one.list_key for one in holders if not one.person}
        return Calendars(people, lists, Loads(self.today, plus_days(self.today, LONGEST)))

    def _title(self, action: InternalAction, person: int | None) -> str:
        with override(self._languages.get(person or 0, "fi")):
            return str(action)[:200]

    @cached_property
    def _languages(self) -> dict[int, str]:
        return dict(User.objects.active().values_list("pk", "language"))

    # What is new

    def _create(self, action: InternalAction, want: Occurrence) -> None:
        holder = self._holder(action)
        day = self.calendars.place(holder.person or holder.list_key, want.first, want.last)
        act = self._activity(action, day, holder.person)
        act.save()
        if holder.person is not None:
            Participation.objects.create(activity=act, user_id=holder.person)
        InternalWork.objects.create(
            code=action.code, kind=want.key.kind.value, start=want.key.start, due=want.due, last=want.last,
            activity=act, person_id=holder.person, list_key=holder.list_key,
            listed_on=None if holder.person else self.today, written_day=day, written_title=act.title,
            written_version=act.version,
        )  # fmt: skip

    def _activity(self, action: InternalAction, day: dt.date, person: int | None) -> Activity:
        """Return the unsaved activity of a whole day, without a customer."""
        kind: ActivityType | None = action.activity_type
        assert kind is not None  # noqa: S101 - check_action
        start, end = days_between(day, day)
        with override(self._languages.get(person or 0, "fi")):
            title = str(action)[:200]
            goal = str(action.description)[:GOAL_LENGTH] or (title if kind.needs_goal else "")
            memo = action.memo_template or kind.memo_template
        return Activity(
            type=kind, title=title, start=start, end=end, is_all_day=True, goal=goal,
            memo=clean(memo) if "<" in memo else from_text(memo), channel=action.channel or kind.channel,
            place=action.place, status=ActivityStatus.OPEN,
        )  # fmt: skip


def _columns(row: InternalWork) -> Sequence[Any]:
    return [getattr(row, one.attname) for one in row._meta.concrete_fields]


def _is_set(row: InternalWork, act: Activity) -> bool:
    """Return whether a person has given the work a time or another day, or begun it."""
    is_placed = act.is_all_day and clock.day_of(act.start) == row.written_day
    return not is_placed or act.status != ActivityStatus.OPEN
