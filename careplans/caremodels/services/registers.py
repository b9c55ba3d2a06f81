"""Services of what models share: statutory tasks, terms, settings."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from activities.log.models import ActivityType
from careplans.caremodels.models import CareAction, CareSettings, StatutoryTask, Term
from careplans.caremodels.plugs import follow, is_taken
from careplans.caremodels.services.actions import responsible_set, tidy_code
from careplans.caremodels.validators import check_action, who_of
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock, versioned_save


def _follow_all() -> None:
    """Let the other apps know that every plan applies in another way."""
    follow(None)


@transaction.atomic
def statutory_save(
    *, task: StatutoryTask, types: Collection[ActivityType], responsible: Sequence[str], seen: int | None = None
) -> StatutoryTask:
    """Add or change a statutory task that a form has filled in.

    Raises as :func:`check_action`, ``model_code``, ``own_code``.
    """
    before = lock(task) if task.pk else None
    if before is not None:
        check_version(before, seen)
    task.code = tidy_code(task, before)
    if CareAction.objects.filter(code__iexact=task.code).exists():
        text = _("A care model has an action with this code: no model may change a statutory task.")
        raise BusinessRuleError("model_code", text, field="code")
    if is_taken(task.code):
        raise BusinessRuleError("own_code", _("A customer's own action has this code."), field="code")
    check_action(task, types)
    who = who_of(responsible)
    task.is_mandatory = True
    versioned_save(task)
    task.types.set(types)
    responsible_set(task.responsible, who)
    _follow_all()
    return task


@transaction.atomic
def statutory_set_retired(*, task: StatutoryTask, retired: bool) -> StatutoryTask:
    """Retire a statutory task, or restore it."""
    locked = lock(task)
    if locked.is_retired != retired:
        locked.retired_at = clock.now() if retired else None
        versioned_save(locked)
        _follow_all()
    return locked


@transaction.atomic
def term_save(*, term: Term) -> Term:
    """Add or change a term that a form has filled in. Two terms have no day in common (a constraint)."""
    if term.last < term.first:
        raise BusinessRuleError("wrong_days", _("The end is before the start."), field="last")
    _check_begun(term)
    others = Term.objects.exclude(pk=term.pk).filter(first__lte=term.last, last__gte=term.first)
    if other := others.first():
        text = _("%(term)s has some of these days already.") % {"term": other}
        raise BusinessRuleError("overlap", text, field="first")
    versioned_save(term)
    _follow_all()
    return term


def _check_begun(term: Term) -> None:
    """Raise ``begun`` if days that have passed would change: what was due on them is in figures."""
    before, today = (lock(term), clock.today()) if term.pk else (None, clock.today())
    if before is None:
        return
    text = _("The term has begun: this day stays, because figures name it.")
    if before.first != term.first and min(before.first, term.first) <= today:
        raise BusinessRuleError("begun", text, field="first")
    if before.last != term.last and min(before.last, term.last) < today:
        raise BusinessRuleError("begun", text, field="last")


@transaction.atomic
def term_delete(*, term: Term) -> None:
    """Delete a term. One that has begun stays: what was due at its end is in figures."""
    locked = lock(term)
    if locked.first <= clock.today():
        raise BusinessRuleError("begun", _("The term has begun: it stays, because figures name it."))
    locked.delete()
    _follow_all()


@transaction.atomic
def settings_change(*, settings: CareSettings) -> CareSettings:
    """Save the settings that a form has filled in."""
    before = lock(settings)
    saved = versioned_save(settings)
    if saved.work_ahead != before.work_ahead:
        _follow_all()
    return saved
