"""Services of saved views: keeping, sharing, deleting and restoring them, favourites, what a list opens with."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role, User
from accounts.start import roles_of
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from customers.saved_views import store
from customers.saved_views.models import DefaultView, RoleView, SavedView, ViewFavourite
from customers.selections.enums import Sharing
from customers.selections.sharing import check_sharing, earlier_of, last_change, restored

MAY_NOT_SHARE = gettext_lazy("You may not share views with everyone.")
FIELDS = ("name", "sharing", "team", "folder", "description")


@transaction.atomic
def view_create(
    *, user: User, list: str, query: str, in_menu: bool = False, is_default: bool = False, is_demo: bool = False,
    **fields: Any,
) -> SavedView:  # fmt: skip
    """Save the state of a list (the parameters of ``query``) as a view of one's own.

    Raises :class:`BusinessRuleError`: ``no_list``, ``unreadable``, ``may_not_share``, ``team_required``.
    """
    view = SavedView(owner=user, list=list, is_demo=is_demo, **fields)
    check_sharing(view, user, MAY_NOT_SHARE)
    store.write(view, query, user)
    if in_menu:
        ViewFavourite.objects.create(user=user, view=view)
    if is_default:
        default_set(view=view, user=user)
    return view


@transaction.atomic
def view_change(
    *, view: SavedView, user: User, query: str | None = None, version: int | None = None, **fields: Any
) -> SavedView:
    """Change a view; a ``query`` replaces what it shows.

    What it replaces is kept for :func:`view_undo`. Raises as :func:`view_create`; :class:`StaleVersionError` if it has
    changed since ``version``.
    """
    view = lock(view)
    check_version(view, version)
    before = earlier_of(view, FIELDS)
    if query is not None:
        before["query"] = store.read(view).query.urlencode()
    _set(view, fields)
    check_sharing(view, user, MAY_NOT_SHARE)
    return _keep(view, user, query, before)


def _set(view: SavedView, fields: dict[str, Any]) -> None:
    for name in FIELDS:
        if name in fields:
            setattr(view, name, fields[name])


def _keep(view: SavedView, user: User, query: str | None, before: dict[str, Any]) -> SavedView:
    """Save a changed view as its next version, with what it was before."""
    view.version += 1
    roles = RoleView.objects.filter(view=view)
    view.earlier = before | {"version": view.version, "roles": list(roles.values_list("role", flat=True))}
    if query is None:
        view.save()
    else:
        store.write(view, query, user)
    if view.sharing != Sharing.ALL:
        roles.delete()
    return view


@transaction.atomic
def view_undo(*, view: SavedView, user: User) -> SavedView:
    """Put back what the last change of a view replaced: its content, its name and sharing, the groups' defaults.

    It can be undone itself. Raises :class:`BusinessRuleError` ``changed_since`` if that was not its last change,
    ``unreadable`` if something of it has gone.
    """
    view = lock(view)
    earlier = last_change(view)
    query = earlier.get("query")
    before = earlier_of(view, FIELDS)
    if query is not None:
        before["query"] = store.read(view).query.urlencode()
    _set(view, restored(earlier))
    view = _keep(view, user, query, before)
    if view.sharing == Sharing.ALL:
        for role in Role.objects.filter(pk__in=earlier["roles"]):
            RoleView.objects.get_or_create(role=role, list=view.list, defaults={"view": view})
    return view


def views_reword(views: QuerySet[SavedView] | None = None) -> int:
    """Put the present names into the words of views that name what was renamed; return how many.

    A view with a fault keeps the words that it had: they say what it named.
    """
    number = 0
    alive = SavedView.objects.alive() if views is None else views.filter(pk__in=SavedView.objects.alive())
    for view in alive.select_related("owner").iterator(chunk_size=500):
        stored = store.read(view)
        words = {} if stored.faults else store.both_words(view.list, stored.query.urlencode(), view.owner)
        if all(words.values()) and any(getattr(view, name) != text for name, text in words.items()):
            number += SavedView.objects.filter(pk=view.pk, version=view.version).update(**words)
    return number


def default_set(*, view: SavedView, user: User, is_default: bool = True) -> None:
    """Let the view's list open with it for the user, or no longer."""
    if is_default:
        DefaultView.objects.update_or_create(user=user, list=view.list, defaults={"view": view})
    else:
        DefaultView.objects.filter(user=user, view=view).delete()


@transaction.atomic
def role_default_set(*, view: SavedView, role: Role, is_default: bool = True) -> None:
    """Let the view's list open with it for a group, or no longer.

    Raises :class:`BusinessRuleError` ``not_shared`` for a view that not everyone sees.
    """
    if not is_default:
        RoleView.objects.filter(role=role, view=view).delete()
        return
    if view.sharing != Sharing.ALL:
        text = _("Share the view with everyone first: the members of the group must see it.")
        raise BusinessRuleError("not_shared", text, field="view")
    RoleView.objects.update_or_create(role=role, list=view.list, defaults={"view": view})


def default_of(user: Any, name: str) -> int | None:
    """Return the key of the view that a list opens with: the user's own default, else that of the first group."""
    usable = SavedView.objects.usable_by(user)
    own = DefaultView.objects.filter(user=user.pk, list=name, view__in=usable).values_list("view", flat=True).first()
    if own is not None:
        return own
    found = RoleView.objects.filter(list=name, role__user=user.pk, view__in=usable)
    order = [role.pk for role in roles_of(user)] if found.exists() else []
    by_role = dict(found.values_list("role", "view"))
    return next((by_role[pk] for pk in order if pk in by_role), None)
