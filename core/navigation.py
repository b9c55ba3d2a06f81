"""The side menu: its groups of pages, which of them are open, and figures that mean "needs my action"."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy, pgettext_lazy

#: The groups of the menu, in order. A page names its group by ``NavItem.section``.
SECTIONS: dict[str, Any] = {
    "work": pgettext_lazy("menu", "Work"),
    "customers": pgettext_lazy("menu", "Customers"),
    "sales": pgettext_lazy("menu", "Sales"),
    "management": pgettext_lazy("menu", "Management"),
    "admin": gettext_lazy("Administration"),
}
#: So many pages the menu shows at first; the groups that would make it longer are closed.
MOST_OPEN = 9
#: Remembers which groups are open; the script of the menu writes it (static/js/menu.js).
COOKIE = "menu"
RECENT = "recent"


def open_groups(request: HttpRequest, sizes: dict[str, int], current: str) -> set[str]:
    """Return the names of the open groups: those that the user has opened, or as many as fit; always the current."""
    kept = request.COOKIES.get(COOKIE)
    if kept is not None:
        return {name for name in kept.split(".") if name in sizes} | {current}
    opened, shown = {current}, sizes.get(current, 0)
    for name, size in sizes.items():
        if name in opened:
            continue
        if shown + size > MOST_OPEN:
            break
        opened.add(name)
        shown += size
    return opened
