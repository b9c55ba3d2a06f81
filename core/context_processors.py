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
from core.navigation import COOKIE, RECENT, SECTIONS, open_groups
from core.paging import counts_up_to

#: No figure counts further.
MOST = 99


def layout(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "auto"}
    frame = Frame(request)
    context = {
        "theme": user.theme,
        "nav_groups": SimpleLazyObject(lambda: frame.nav_groups),
        "recent_is_open": RECENT in request.COOKIES.get(COOKIE, "").split("."),
    }
    for item in registry.declared("FRAME_COUNTS"):
        context[item.name] = SimpleLazyObject(partial(frame.number, item.name))
    for extend in registry.declared("FRAME"):  # functions of the apps: favourites, the address of "+ Log"
        context |= extend(request)
    return context


class Frame:
    """The navigation and the figures of one page's frame."""

    def __init__(self, request: HttpRequest) -> None:
        self.request, self.user, self.path = request, request.user, request.path

    @cached_property
    def entries(self) -> list[registry.NavItem]:
        return registry.nav.allowed("main", self.user)

    @cached_property
    def counts(self) -> dict[str, tuple[int, bool]]:
        """Return the figures by name, up to ``MOST``, and whether there are more."""
        rows = {f"nav {entry.name}": entry.count(self.user) for entry in self.entries if entry.count}
        rows |= {f"needs {entry.name}": entry.needs(self.user) for entry in self.entries if entry.needs}
        others = {item.name: item.rows(self.user) for item in registry.declared("FRAME_COUNTS")}
        return counts_up_to(rows | others, MOST)

    def number(self, name: str) -> int:
        """Return a figure as a number, one above ``MOST`` for more."""
        return sum(self.counts[name])

    def figure(self, name: str) -> str | int | None:
        """Return a figure as the navigation shows it: nothing for 0, and "99+" for more than are counted."""
        count, more = self.counts.get(name, (0, False))
        return f"{count}+" if more else count or None

    @cached_property
    def current(self) -> str:
        """Return the name of the page's line: that with the longest address with which the page's address begins."""
        urls = {entry.name: reverse(entry.url_name) for entry in self.entries}
        found = [name for name, url in urls.items() if self.path.startswith(url)]
        return max(found, key=lambda name: len(urls[name]), default="")

    @property
    def nav_groups(self) -> list[dict[str, Any]]:
        """Return the groups of the menu with their lines; a closed one shows the sum of its figures."""
        shown = [entry for entry in self.entries if not entry.needs or self.counts[f"needs {entry.name}"][0]]
        lines = {name: [entry for entry in shown if entry.section == name] for name in SECTIONS}
        sizes = {name: len(entries) for name, entries in lines.items() if entries}
        section = next((entry.section for entry in self.entries if entry.name == self.current), "")
        opened = open_groups(self.request, sizes, section)
        return [
            {
                "name": name,
                "label": SECTIONS[name],
                "is_open": name in opened,
                "count": self._sum(lines[name]),
                "items": [self._line(entry) for entry in lines[name]],
            }
            for name in sizes
        ]

    def _sum(self, entries: list[registry.NavItem]) -> str | int | None:
        found = [self.counts[f"nav {entry.name}"] for entry in entries if entry.count]
        count, more = sum(number for number, _more in found), any(more for _number, more in found)
        return f"{count}+" if more else count or None

    def _line(self, entry: registry.NavItem) -> dict[str, Any]:
        return {
            "name": entry.name,
            "label": entry.label,
            "url": reverse(entry.url_name),
            "icon": entry.icon,
            "count": self.figure(f"nav {entry.name}"),
            "count_url": entry.count_url,
            "count_label": entry.count_label,
            "active": entry.name == self.current,
        }
