"""The side menu: its groups of pages, which of them are open, and figures that mean "needs my action"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

if TYPE_CHECKING:
    from core.registry import NavItem

#: The groups of the menu, in order. A page names its group by ``NavItem.section``.
SECTIONS: dict[str, Any] = {
    "work": pgettext_lazy("menu", "Work"),
    "customers": pgettext_lazy("menu", "Customers"),
    "sales": pgettext_lazy("menu", "Sales"),
    "management": pgettext_lazy("menu", "Management"),
    "admin": gettext_lazy("Administration"),
}
#: What a group folds below its own pages. A page names its part by ``NavItem.part``.
PARTS: dict[str, Any] = {
    "segmentation": gettext_lazy("Segmentation"),
    "care": pgettext_lazy("menu", "Customer care"),
}
#: So many pages the menu shows at first, whatever page is open; the groups that would make it longer are closed.
MOST_OPEN = 9
#: Remembers which groups are open; the script of the menu writes it (static/js/menu.js).
COOKIE = "menu"
RECENT = "recent"


def group_name(section: str, part: str = "") -> str:
    """Return the name of a group, or of a part of it."""
    return f"{section}-{part}" if part else section


def open_groups(request: HttpRequest, sizes: dict[str, int], current: NavItem | None) -> set[str]:
    """Return the names of the open groups and parts: those that the user has opened, or as many as fit.

    ``sizes`` are the numbers of pages by name, 0 of a group that has only parts. The group and the part of the current
    page are always open.
    """
    opened = {group_name(current.section), group_name(current.section, current.part)} if current else set()
    kept = request.COOKIES.get(COOKIE)
    if kept is not None:
        return {name for name in kept.split(".") if name in sizes} | opened
    shown = sum(sizes.get(name, 0) for name in opened)
    for name in SECTIONS:
        if name in opened or name not in sizes:
            continue
        if shown + sizes[name] > MOST_OPEN:
            break
        opened.add(name)
        shown += sizes[name]
    return opened
