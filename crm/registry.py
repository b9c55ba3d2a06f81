"""Places where an app shows something of its own on a lower app's page, without the lower app knowing it.

An app registers small declarative entries in its ``AppConfig.ready``::

    tabs.add("customer", Tab("activities", _("Activities"), "activities:customer_tab", order=40))

The page asks for the entries of its place and loads them by URL. Nothing imports upward.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.urls import reverse

from crm.permissions import allowed


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What all entries have: a stable ``name``, a ``label``, a URL name, the rule that opens it and the order."""

    name: str
    label: Any
    url_name: str
    permission: str = ""
    order: int = 100

    def allowed(self, user: Any, obj: Any = None) -> bool:
        return not self.permission or allowed(user, self.permission, obj)


@dataclass(frozen=True, kw_only=True)
class Tab(Entry):
    """A tab of an object's page; its URL takes the object's ``pk``. ``count`` may give the figure beside the label."""

    count: Callable[[Any, Any], int | None] | None = None


@dataclass(frozen=True, kw_only=True)
class Panel(Entry):
    """A box on a page (``aside`` for the narrow column), loaded by URL with the object's ``pk``."""

    aside: bool = False


@dataclass(frozen=True, kw_only=True)
class NavItem(Entry):
    """A line of the side navigation. ``count`` returns the figure beside it for a user (None hides it)."""

    icon: str = "point"
    section: str = "main"
    count: Callable[[Any], int | str | None] | None = None


@dataclass(frozen=True, kw_only=True)
class Command(Entry):
    """Something the Ctrl-K palette can do: a page to open."""

    icon: str = "arrow-right"
    keywords: str = ""


@dataclass(frozen=True, kw_only=True)
class BulkAction(Entry):
    """A button of a list's bulk bar: the ids of the ticked rows are posted to its URL."""

    icon: str = ""
    dialog: bool = False


@dataclass(frozen=True, kw_only=True)
class SearchSource:
    """A group of hits in the top search. ``find(user, text, limit)`` returns ``SearchHit``s that the user may see."""

    name: str
    label: Any
    find: Callable[[Any, str, int], list[SearchHit]]
    order: int = 100


@dataclass(frozen=True)
class SearchHit:
    label: str
    detail: str
    url: str
    icon: str = ""


@dataclass(frozen=True)
class NotificationKind:
    """A kind of notification. ``text(data)`` says it in the reader's language, from what was stored with it."""

    name: str
    label: Any
    text: Callable[[dict[str, Any]], str]
    icon: str = "bell"
    by_email: bool = False  # until the user chooses otherwise
    order: int = 100


E_ = TypeVar("E_", Entry, SearchSource, Tab, Panel, NavItem, Command, BulkAction, NotificationKind)


class Registry(Generic[E_]):
    """Entries by place, each name once, in order."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, E_]] = defaultdict(dict)

    def add(self, place: str, entry: E_) -> None:
        if entry.name in self._entries[place]:
            raise ValueError(f"{entry.name} is registered twice at {place}")
        self._entries[place][entry.name] = entry

    def get(self, place: str, name: str) -> E_ | None:
        return self._entries[place].get(name)

    def of(self, place: str) -> list[E_]:
        return sorted(self._entries[place].values(), key=lambda entry: entry.order)

    def allowed(self, place: str, user: Any, obj: Any = None) -> list[Any]:
        return [entry for entry in self.of(place) if entry.allowed(user, obj)]  # type: ignore[attr-defined]


def placed_panels(place: str, user: Any, obj: Any = None) -> dict[str, list[tuple[Panel, str]]]:
    """Return what a page shows of the panels of its place, with their addresses: ``panels`` and ``aside_panels``."""
    args = [] if obj is None else [obj.pk]
    found = [(panel, reverse(panel.url_name, args=args)) for panel in panels.allowed(place, user, obj)]
    return {
        "panels": [(panel, url) for panel, url in found if not panel.aside],
        "aside_panels": [(panel, url) for panel, url in found if panel.aside],
    }


tabs: Registry[Tab] = Registry()
panels: Registry[Panel] = Registry()
nav: Registry[NavItem] = Registry()
commands: Registry[Command] = Registry()
searches: Registry[SearchSource] = Registry()
bulk_actions: Registry[BulkAction] = Registry()
notifications: Registry[NotificationKind] = Registry()
