"""Services that change teams and the knowledge notes of care teams."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team, TeamNote, User
from accounts.selectors import ids_below
from accounts.services import check_unused, members_changed
from core import clock
from core.exceptions import BusinessRuleError, GoneError
from core.services import check_version, lock


@transaction.atomic
def team_save(*, team: Team, members: Iterable[User]) -> Team:
    """Save a team and its members; its leader is one of them.

    All teams are locked, so that two changes at once make no loop. Raises ``ValidationError``, and
    :class:`BusinessRuleError` (``team_loop`` at ``parent``, ``gone``).
    """
    present = set(Team.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    if team.pk and team.pk not in present:
        raise GoneError
    if team.parent_id and team.pk and team.parent_id in {team.pk, *ids_below(team)}:
        text = _("“%(parent)s” is part of “%(team)s”: choose another one.")
        raise BusinessRuleError("team_loop", text % {"parent": team.parent, "team": team}, field="parent")
    team.full_clean()
    if team.pk:
        team.version += 1
    team.save()
    team.members.set({*members, *([team.leader] if team.leader else [])})
    members_changed()
    return team


@transaction.atomic
def team_delete(*, team: Team) -> None:
    """Delete a team that nobody is in and nothing is part of. Raises :class:`BusinessRuleError` (``in_use``)."""
    if team.memberships.exists():
        raise BusinessRuleError("in_use", _("The team has members: remove them first."))
    if team.children.exists():
        raise BusinessRuleError("in_use", _("Other teams are part of it: move them first."))
    if team.notes.alive().exists():
        raise BusinessRuleError("in_use", _("The team has knowledge notes: delete them first."))
    check_unused(team)
    team.delete()


@transaction.atomic
def note_add(*, team: Team, user: User, title: str, text: str) -> TeamNote:
    """Add a knowledge note to a care team. Raises ``ValidationError``."""
    note = TeamNote(team=team, added_by=user, title=title, text=text)
    note.full_clean()
    note.save()
    return note


@transaction.atomic
def note_change(*, note: TeamNote, title: str, text: str, version: int | None = None) -> TeamNote:
    """Change a note.

    Raises ``ValidationError``, :class:`StaleVersionError`, :class:`BusinessRuleError` (``deleted``).
    """
    locked = _lock_alive(note, version)
    locked.title, locked.text = title, text
    return _save(locked)


@transaction.atomic
def note_undo(*, note: TeamNote) -> TeamNote:
    """Put back what the last change of a note replaced; once more brings the change back.

    Raises :class:`BusinessRuleError`: ``nothing_to_undo``, ``deleted``.
    """
    locked = _lock_alive(note, None)
    events = TeamNote.pgh_event_model._default_manager.filter(pgh_obj=locked.pk)  # type: ignore[attr-defined]
    rows = events.order_by("-pgh_id").values_list("title", "text")
    before = next((row for row in rows[:50] if row != (locked.title, locked.text)), None)
    if before is None:
        raise BusinessRuleError("nothing_to_undo", _("The note has not been changed."))
    locked.title, locked.text = before
    return _save(locked)


@transaction.atomic
def note_delete(*, note: TeamNote) -> TeamNote:
    """Delete a note; it can be restored. Raises :class:`BusinessRuleError` (``deleted``)."""
    locked = _lock_alive(note, None)
    locked.deleted_at = clock.now()
    return _save(locked)


@transaction.atomic
def note_restore(*, note: TeamNote) -> TeamNote:
    """Bring a deleted note back."""
    locked = lock(note)
    locked.deleted_at = None
    return _save(locked)


def _lock_alive(note: TeamNote, version: int | None) -> TeamNote:
    locked = lock(note)
    check_version(locked, version)
    if locked.deleted_at is not None:
        raise BusinessRuleError("deleted", _("The note has been deleted."))
    return locked


def _save(note: TeamNote) -> TeamNote:
    note.full_clean()
    note.version += 1
    note.changed_at = clock.now()
    note.save()
    return note
