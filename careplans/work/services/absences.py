"""Entering, changing and deleting absences; each can be undone."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Team, User
from accounts.notifications import notify
from careplans.work.models import Absence
from careplans.work.plugs import absences_changed
from core import clock
from core.exceptions import BusinessRuleError
from core.permissions import allowed
from core.services import check_version, lock
from core.text import one_line

#: The longest absence, in days. Somebody who is away for longer has left.
MOST_DAYS = 3 * 366
#: What people write into an absence.
CONTENT = ("first", "last", "kind", "substitute", "note")
_KEPT = ("first", "last", "kind_id", "substitute_id", "note")


@transaction.atomic
def absence_add(*, absence: Absence, user: User | None, notifies: bool = True) -> Absence:
    """Add an absence that a form has filled in.

    Unless ``notifies`` is false the substitute is notified, and so are the people that the person would replace.
    Raises ``may_not_enter`` and ``person_inactive`` at the person, ``wrong_days`` and ``too_long`` at the end,
    ``overlap`` at the beginning, ``substitute_self``, ``substitute_inactive`` and ``substitute_absent`` at the
    substitute, ``retired_kind`` at the type.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=absence.person_id)
    if user is not None and not allowed(user, "carework.edit_absence", absence):
        text = _("You enter your own absences and those of the people you lead.")
        raise BusinessRuleError("may_not_enter", text, field="person")
    if not person.is_active:
        text = _("%(person)s no longer works here.") % {"person": person}
        raise BusinessRuleError("person_inactive", text, field="person")
    if absence.kind.is_retired:
        raise BusinessRuleError("retired_kind", _("The type of absence is not in use any more."), field="kind")
    absence.created_by = user
    _check(absence)
    absence.save()
    if notifies:
        _tell(absence, user)
        _tell_replaced(absence, user)
    absences_changed([absence])
    return absence


@transaction.atomic
def absence_change(
    *, absence: Absence, changes: dict[str, Any], user: User | None, version: int | None = None, notifies: bool = True
) -> Absence:
    """Write ``changes`` of :data:`CONTENT`; a new substitute is notified, as are others who have none any more.

    Raises as :func:`absence_add`, ``deleted`` and :class:`StaleVersionError`.
    """
    User.objects.select_for_update(no_key=True).get(pk=absence.person_id)
    locked = _alive(lock(absence))
    check_version(locked, version)
    before, kind = lock(absence), locked.kind_id
    for name in (name for name in CONTENT if name in changes):
        setattr(locked, name, changes[name])
    if locked.kind_id != kind and locked.kind.is_retired:
        raise BusinessRuleError("retired_kind", _("The type of absence is not in use any more."), field="kind")
    _check(locked, before)
    _save(locked)
    if notifies and locked.substitute_id != before.substitute_id:
        _tell(locked, user)
    if notifies:
        _tell_replaced(locked, user, before)
    absences_changed([before, locked])
    return locked


@transaction.atomic
def absence_undo(*, absence: Absence) -> Absence:
    """Put back what the last change replaced; once more brings the change back. Raises ``nothing_to_undo``."""
    locked = _alive(lock(absence))
    before = lock(absence)
    events: Any = Absence.pgh_event_model  # type: ignore[attr-defined]
    rows = events._default_manager.filter(pgh_obj=locked.pk).order_by("-pgh_id").values(*_KEPT)[:50]
    now = {name: getattr(locked, name) for name in _KEPT}
    earlier = next((row for row in rows if row != now), None)
    if earlier is None:
        raise BusinessRuleError("nothing_to_undo", _("The absence has not been changed."))
    for name, value in earlier.items():
        setattr(locked, name, value)
    _check(locked, before)
    _save(locked)
    _tell_replaced(locked, None, before)
    absences_changed([before, locked])
    return locked


@transaction.atomic
def absence_delete(*, absence: Absence) -> Absence:
    """Delete an absence; it can be restored. Raises ``deleted``."""
    locked = _alive(lock(absence))
    locked.deleted_at = clock.now()
    _save(locked)
    absences_changed([locked])
    return locked


@transaction.atomic
def absence_restore(*, absence: Absence) -> Absence:
    """Bring a deleted absence back. Raises ``overlap`` where another one has its days by now."""
    User.objects.select_for_update(no_key=True).get(pk=absence.person_id)
    locked = lock(absence)
    if locked.deleted_at is None:
        return locked
    locked.deleted_at = None
    _check(locked, locked)
    _save(locked)
    _tell_replaced(locked, None)
    absences_changed([locked])
    return locked


def _alive(absence: Absence) -> Absence:
    if absence.deleted_at is not None:
        raise BusinessRuleError("deleted", _("The absence has been deleted."))
    return absence


def _save(absence: Absence) -> None:
    absence.version += 1
    absence.save()


def _check(absence: Absence, before: Absence | None = None) -> None:
    absence.note = one_line(absence.note)
    if absence.last < absence.first:
        raise BusinessRuleError("wrong_days", _("The end is before the start."), field="last")
    if (absence.last - absence.first).days >= MOST_DAYS:
        text = _("An absence has three years at most. The account of somebody who has left is deactivated.")
        raise BusinessRuleError("too_long", text, field="last")
    others = Absence.objects.between(absence.first, absence.last).exclude(pk=absence.pk)
    if others.filter(person=absence.person_id).exists():
        text = _("The person is away on some of these days already.")
        raise BusinessRuleError("overlap", text, field="first")
    days = (absence.first, absence.last, absence.substitute_id)
    if before is None or days != (before.first, before.last, before.substitute_id):
        _check_substitute(absence, others)


def _check_substitute(absence: Absence, others: Any) -> None:
    substitute = absence.substitute
    if substitute is None:
        return
    if substitute.pk == absence.person_id:
        raise BusinessRuleError("substitute_self", _("A substitute is another person."), field="substitute")
    if not substitute.is_active:
        text = _("%(person)s no longer works here.") % {"person": substitute}
        raise BusinessRuleError("substitute_inactive", text, field="substitute")
    if others.filter(person=substitute).exists():
        text = _("%(person)s is away on some of these days too. Choose somebody else.") % {"person": substitute}
        raise BusinessRuleError("substitute_absent", text, field="substitute")


def replaced_by(absence: Absence) -> list[Absence]:
    """Return the absences of others of which the person of this one is the substitute on some of its days."""
    rows = Absence.objects.between(absence.first, absence.last).filter(substitute=absence.person_id)
    return list(rows.select_related("person").order_by("first", "pk"))


def _tell_replaced(absence: Absence, user: User | None, before: Absence | None = None) -> None:
    """Notify people of a substitute who is away too, and their leaders: their work waits until one is chosen."""
    told = {one.pk for one in replaced_by(before)} if before else set()
    for one in (one for one in replaced_by(absence) if one.pk not in told):
        leaders = Team.objects.filter(members=one.person_id).values("leader")
        concerned = User.objects.active().filter(Q(pk=one.person_id) | Q(staff=one.person_id) | Q(pk__in=leaders))
        first, last = max(one.first, absence.first), min(one.last, absence.last)
        notify(
            users=set(concerned) - {user, absence.person}, kind="stand_in_away", url=absence.get_absolute_url(),
            substitute=str(absence.person), who=str(one.person), first=first.isoformat(), last=last.isoformat(),
        )  # fmt: skip


def _tell(absence: Absence, user: User | None) -> None:
    if absence.substitute is not None and absence.substitute != user:
        days = {"first": absence.first.isoformat(), "last": absence.last.isoformat()}
        notify(
            users=[absence.substitute], kind="stand_in", url=absence.get_absolute_url(), who=str(absence.person), **days
        )
