"""What every page's frame needs: navigation, theme, figures, the addresses of its buttons.

What is asked of the database is lazy: a fragment draws no frame. All figures come in one query.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from core import registry
from core.paging import counts_up_to

#: No figure counts further.
MOST = 99


def layout(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "auto"}
    frame = Frame(request)
    context = {"theme": user.theme, "nav_items": SimpleLazyObject(lambda: frame.nav_items)}
    for item in registry.declared("FRAME_COUNTS"):
        context[item.name] = SimpleLazyObject(partial(frame.number, item.name))
    for extend in registry.declared("FRAME"):  # functions of the apps: favourites, the address of "+ Log"
        context |= extend(request)
    return context


class Frame:
    """The navigation and the figures of one page's frame."""

    def __init__(self, request: HttpRequest) -> None:
        self.user, self.path = request.user, request.path

    @cached_property
    def entries(self) -> list[registry.NavItem]:
        return registry.nav.allowed("main", self.user)

    @cached_property
    def counts(self) -> dict[str, tuple[int, bool]]:
        """Return the figures by name, up to ``MOST``, and whether there are more."""
        rows = {f"nav {entry.name}": entry.count(self.user) for entry in self.entries if entry.count}
        others = {item.name: item.rows(self.user) for item in registry.declared("FRAME_COUNTS")}
        return counts_up_to(rows | others, MOST)

    def number(self, name: str) -> int:
        """Return a figure as a number, one above ``MOST`` for more."""
        return sum(self.counts[name])

    def figure(self, name: str) -> str | int | None:
        """Return a figure as the navigation shows it: nothing for 0, and "99+" for more than are counted."""
        count, more = self.counts.get(name, (0, False))
        return f"{count}+" if more else count or None

    @property
    def nav_items(self) -> list[dict[str, Any]]:
        """Return the lines of the navigation; the longest with which the page's address begins is the current one."""
        urls = {entry.name: reverse(entry.url_name) for entry in self.entries}
        current = max((url for url in urls.values() if self.path.startswith(url)), key=len, default="")
        return [
            {
                "label": entry.label,
                "url": urls[entry.name],
                "icon": entry.icon,
                "section": entry.section,
                "count": self.figure(f"nav {entry.name}"),
                "active": urls[entry.name] == current,
            }
            for entry in self.entries
        ]
