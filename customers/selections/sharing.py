"""What selections and saved views have in common: an owner, sharing with others, deleting, undo, the menu.

Both are rows with ``owner``, ``sharing``, ``team``, ``deleted_at``, ``version`` and ``earlier``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Team
from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock
from customers.selections.enums import Sharing


def shared_with(user: Any, path: str = "") -> Q:
    """Return the condition that a row at ``path`` is the user's own or shared with the user, and not deleted."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    own, all_, of_team = Q(owner=user.pk), Q(sharing=Sharing.ALL), Q(sharing=Sharing.TEAM, team__in=user.teams.all())
    return _at(path, (own | all_ | of_team) & Q(deleted_at__isnull=True))


def _at(path: str, condition: Q) -> Q:
    """Return the condition with its fields at ``path``."""
    parts: list[Any] = list(condition.children)
    children = [_at(path, one) if isinstance(one, Q) else (f"{path}{one[0]}", one[1]) for one in parts]
    return Q(*children, _connector=condition.connector, _negated=condition.negated)


class SharedQuerySet(models.QuerySet[Any]):
    """Rows of which each user sees the own ones and those that are shared."""

    def visible_to(self, user: Any) -> Any:
        """Return one's own rows (deleted ones too), those of one's teams and those shared with everyone."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(Q(owner=user.pk) | shared_with(user))

    def alive(self) -> Any:
        return self.filter(deleted_at__isnull=True)

    def deleted(self) -> Any:
        return self.filter(deleted_at__isnull=False)

    def usable_by(self, user: Any) -> Any:
        """Return the rows that the user can open, or filter by."""
        return self.visible_to(user).alive()


def folders_of(rows: Any, user: Any) -> list[str]:
    """Return the names of the folders that the user sees."""
    found = rows.usable_by(user).exclude(folder="")
    return sorted(set(found.values_list("folder", flat=True)), key=str.casefold)


def offer_sharing(form: Any, user: Any) -> None:
    """Leave in a form of name and sharing what the user may choose: one's own teams, everyone for those who may."""
    teams = user.teams.all()
    form.fields["team"].queryset = teams
    sharing = form.instance.sharing if form.instance.pk else Sharing.OWN
    choices = dict(Sharing.choices)
    if sharing != Sharing.ALL and not user.has_perm("selections.share_with_all"):
        del choices[Sharing.ALL.value]
    if sharing != Sharing.TEAM and not teams.exists():
        del choices[Sharing.TEAM.value]
        del form.fields["team"]
    form.fields["sharing"].choices = list(choices.items())


def check_sharing(row: Any, user: Any, refusal: Any) -> None:
    """Raise if the user may not share the row so; one that is not for a team names none.

    Raises :class:`BusinessRuleError` ``may_not_share`` with the text ``refusal``, or ``team_required``.
    """
    if row.sharing == Sharing.ALL and not user.has_perm("selections.share_with_all"):
        before = type(row)._default_manager.filter(pk=row.pk).values_list("sharing", flat=True).first()
        if before != Sharing.ALL:
            raise BusinessRuleError("may_not_share", str(refusal), field="sharing")
    if row.sharing != Sharing.TEAM:
        row.team = None
    elif row.team is None or not user.teams.filter(pk=row.team.pk).exists():
        raise BusinessRuleError("team_required", _("Choose one of your own teams."), field="team")


def earlier_of(row: Any, names: Collection[str]) -> dict[str, Any]:
    """Return the fields of a row as JSON, to be put back by an undo."""
    return {"fields": {name: row.team_id if name == "team" else getattr(row, name) for name in names}}


def last_change(row: Any) -> dict[str, Any]:
    """Return what the last change of a row replaced.

    Raises :class:`BusinessRuleError` ``nothing_to_undo`` if it has never been changed, ``changed_since`` if something
    else has been done to it since.
    """
    if not row.earlier:
        raise BusinessRuleError("nothing_to_undo", _("It has not been changed: there is nothing to undo."))
    earlier: dict[str, Any] = row.earlier
    if earlier.get("version") != row.version:
        raise BusinessRuleError("changed_since", _("It has been changed again since: nothing was undone."))
    return earlier


def restored(earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that an undo puts back; what was for a team that has gone is for its owner alone."""
    fields = dict(earlier["fields"])
    fields["team"] = Team.objects.filter(pk=fields["team"]).first()
    if fields["sharing"] == Sharing.TEAM and fields["team"] is None:
        fields["sharing"] = Sharing.OWN
    return fields


@transaction.atomic
def shared_delete(row: Any) -> Any:
    """Put a row among the deleted ones of its owner, who can restore it; it is nobody's default any more."""
    row = lock(row)
    return _next_version(row, row.deleted_at or clock.now())


@transaction.atomic
def shared_restore(row: Any) -> Any:
    """Bring a deleted row back."""
    return _next_version(lock(row), None)


def _next_version(row: Any, deleted_at: Any) -> Any:
    row.deleted_at = deleted_at
    row.version += 1
    row.save()
    return row


def favourite_toggle(row: Any, user: Any) -> bool:
    """Put a row into the user's menu or take it out; return whether it is there now."""
    favourite, is_new = row.favourites.get_or_create(user=user)
    if not is_new:
        favourite.delete()
    return bool(is_new)
