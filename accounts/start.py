"""The start page of a user: which page opens first, and the panels in the user's order.

Groups give the standard (``Role.start_page``, ``Role.start_panels``), users their own choice (``StartChoice``). Names
of pages are those of the navigation, names of panels those of the place ``start``; others are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role, StartChoice, User
from core import registry
from core.exceptions import BusinessRuleError
from core.registry import NavItem, Panel

PLACE = "start"
#: The page of users whose groups name none: the customer view.
USUAL_PAGE = "customers"
MOVES = ("up", "down", "hide", "show")


@dataclass(frozen=True)
class Arrangement:
    """The panels that a start page shows, in order, and those that are hidden."""

    shown: list[Panel]
    hidden: list[Panel]

    def names(self) -> list[str]:
        return [panel.name for panel in self.shown]


def roles_of(user: Any) -> list[Role]:
    """Return the user's groups in their order; one query."""
    return list(Role.objects.filter(user=user.pk).order_by("order", "name"))


def standard_panels(roles: Iterable[Role]) -> list[str]:
    """Return the names of the panels of these groups, each once; without any, those that are usual."""
    names = dict.fromkeys(name for role in roles for name in role.start_panels)
    return list(names) or [panel.name for panel in registry.panels.of(PLACE) if panel.usual]


def start_choice_of(user: Any) -> StartChoice:
    """Return what the user has chosen, as an unsaved row where that is nothing."""
    return StartChoice.objects.filter(pk=user.pk).first() or StartChoice(user_id=user.pk)


def arrangement_of(user: Any) -> Arrangement:
    """Return the panels of the user's start page, in two queries.

    Panels of the groups that came after the user's own choice are added at the end.
    """
    choice, standard = start_choice_of(user), standard_panels(roles_of(user))
    asked = [*choice.shown, *(name for name in standard if name not in choice.hidden)]
    return _arranged(registry.panels.allowed(PLACE, user), asked)


def role_arrangement(role: Role) -> Arrangement:
    """Return the standard panels of a group; all others are hidden."""
    return _arranged(registry.panels.of(PLACE), role.start_panels)


def _arranged(panels: Sequence[Panel], asked: Iterable[str]) -> Arrangement:
    by_name = {panel.name: panel for panel in panels}
    shown = {name: by_name[name] for name in asked if name in by_name}
    return Arrangement(list(shown.values()), [panel for panel in panels if panel.name not in shown])


def pages_for(user: Any) -> list[NavItem]:
    """Return the pages of the navigation that may open first for the user."""
    return [item for item in registry.nav.allowed("main", user) if item.section != "admin" and item.has_needs(user)]


def opening_url(user: Any) -> str:
    """Return the address of the page that opens first: the user's choice, the groups', the customer view."""
    pages = {item.name: item for item in pages_for(user)}
    asked = [start_choice_of(user).page, *(role.start_page for role in roles_of(user)), USUAL_PAGE]
    page = next((pages[name] for name in asked if name in pages), None)
    return reverse(page.url_name if page else "crm:start")


def moved(arrangement: Arrangement, move: str, name: str) -> list[str]:
    """Return the names of the shown panels after one step: ``up`` or ``down`` in its column, ``hide`` or ``show``.

    Raises :class:`BusinessRuleError` (``unknown_panel``) for other steps and panels.
    """
    known = {panel.name: panel for panel in (*arrangement.shown, *arrangement.hidden)}
    if move not in MOVES or name not in known:
        raise BusinessRuleError("unknown_panel", _("There is no such panel on the start page."))
    names = arrangement.names()
    if move == "show":
        return [*names, name] if name not in names else names
    if move == "hide":
        return [other for other in names if other != name]
    same_column = [panel.name for panel in arrangement.shown if panel.aside == known[name].aside]
    return _swapped(names, same_column, name, -1 if move == "up" else 1)


def _swapped(names: list[str], column: list[str], name: str, step: int) -> list[str]:
    """Return ``names`` with ``name`` and its neighbour in the column in each other's place."""
    place = column.index(name) + step if name in column else -1
    if not 0 <= place < len(column):
        return names
    swap = {name: column[place], column[place]: name}
    return [swap.get(other, other) for other in names]


def start_panels_set(*, user: User, shown: Sequence[str]) -> StartChoice:
    """Store the panels that the user wants, in order; others that were shown are hidden.

    Raises :class:`BusinessRuleError` (``unknown_panel``) if one is not there for the user.
    """
    before, choice = arrangement_of(user), start_choice_of(user)
    if set(shown) - {panel.name for panel in (*before.shown, *before.hidden)}:
        raise BusinessRuleError("unknown_panel", _("There is no such panel on the start page."), field="shown")
    wanted = list(dict.fromkeys(shown))
    known = dict.fromkeys([*choice.hidden, *before.names()])
    values = {"shown": wanted, "hidden": [name for name in known if name not in wanted]}
    return StartChoice.objects.update_or_create(user=user, defaults=values)[0]


def start_page_set(*, user: User, page: str) -> StartChoice:
    """Store which page opens first; an empty one follows the groups. Raises ``unknown_page``."""
    if page and page not in {item.name for item in pages_for(user)}:
        raise BusinessRuleError("unknown_page", _("You cannot open this page first."), field="page")
    choice, _is_new = StartChoice.objects.update_or_create(user=user, defaults={"page": page})
    return choice


def start_reset(*, user: User) -> None:
    """Remove all that the user has chosen: the standard of the groups is back."""
    StartChoice.objects.filter(pk=user.pk).delete()


@transaction.atomic
def role_start_set(*, role: Role, panels: Sequence[str] | None = None, page: str | None = None) -> Role:
    """Store the standard of a group. Raises :class:`BusinessRuleError` (``unknown_panel``, ``unknown_page``)."""
    locked = Role.objects.select_for_update().get(pk=role.pk)
    if panels is not None:
        if set(panels) - {panel.name for panel in registry.panels.of(PLACE)}:
            raise BusinessRuleError("unknown_panel", _("There is no such panel on the start page."), field="shown")
        locked.start_panels = list(dict.fromkeys(panels))
    if page is not None:
        if page and page not in {item.name for item in registry.nav.of("main")}:
            raise BusinessRuleError("unknown_page", _("You cannot open this page first."), field="page")
        locked.start_page = page
    locked.version += 1
    locked.save()
    return locked
