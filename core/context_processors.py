"""What every page's frame needs: navigation, theme, figures, the addresses of its buttons.

What is asked of the database is lazy: a fragment draws no frame. All figures come in one query.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from core import registry
from core.navigation import COOKIE, PARTS, RECENT, SECTIONS, group_name, open_groups
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

    @cached_property
    def lines(self) -> dict[str, list[registry.NavItem]]:
        """Return the pages of each group and each part of one, by its name."""
        lines: dict[str, list[registry.NavItem]] = {}
        for entry in self.entries:
            if not entry.needs or self.counts[f"needs {entry.name}"][0]:
                lines.setdefault(group_name(entry.section, entry.part), []).append(entry)
        return lines

    @cached_property
    def opened(self) -> set[str]:
        groups = dict.fromkeys((group_name(entries[0].section) for entries in self.lines.values()), 0)
        sizes = groups | {name: len(entries) for name, entries in self.lines.items()}
        return open_groups(self.request, sizes, next((one for one in self.entries if one.name == self.current), None))

    @property
    def nav_groups(self) -> list[dict[str, Any]]:
        """Return the groups of the menu with their lines and parts; a closed one shows the sum of its figures."""
        groups = [self._group(name, label, self._parts(name)) for name, label in SECTIONS.items()]
        return [group for group in groups if group["items"] or group["parts"]]

    def _parts(self, section: str) -> list[dict[str, Any]]:
        parts = {group_name(section, part): label for part, label in PARTS.items()}
        return [self._group(name, label) for name, label in parts.items() if name in self.lines]

    def _group(self, name: str, label: Any, parts: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
        entries = self.lines.get(name, [])
        below = [entry for part in parts for entry in self.lines[part["name"]]]
        return {
            "name": name,
            "label": label,
            "is_open": name in self.opened,
            "count": self._sum([*entries, *below]),
            "items": [self._line(entry) for entry in entries],
            "parts": parts,
        }

    def _sum(self, entries: list[registry.NavItem]) -> str | int | None:
        found = [self.counts[f"nav {entry.name}"] for entry in entries if entry.count]
        count, more = sum(number for number, _more in found), any(more for _number, more in found)
        return f"{count}+" if more else count or None

    def _line(self, entry: registry.NavItem) -> dict[str, Any]:
        return {
            "name": entry.name,
            "label": entry.short or entry.label,
            "url": reverse(entry.url_name),
            "icon": entry.icon,
            "count": self.figure(f"nav {entry.name}"),
            "count_url": entry.count_url,
            "count_label": entry.count_label,
            "active": entry.name == self.current,
        }
