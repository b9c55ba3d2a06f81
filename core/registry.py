"""Places where an app adds entries to a lower app's page, without the lower app knowing it.

An app declares small entries as tuples of its module ``registrations`` (or of the modules of a package of that name)::

    TABS = (Tab(place="customer", name="activities", label=_("Activities"), url_name="activities:customer_tab"),)

:func:`autodiscover` reads them once, when all apps are loaded. A page asks for the entries of its place and loads them
by URL. Nothing imports upward.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import chain
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.db.models import QuerySet
from django.urls import reverse

from core.permissions import allowed


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What all entries have: the page's ``place``, a stable ``name``, a label, a URL name, its rule and the order."""

    place: str
    name: str
    label: Any
    url_name: str
    permission: str = ""
    order: int = 100

    def allowed(self, user: Any, obj: Any = None) -> bool:
        return not self.permission or allowed(user, self.permission, obj)


@dataclass(frozen=True, kw_only=True)
class Tab(Entry):
    """A tab of an object's page; its URL takes the object's ``pk``. ``count`` may give the figure beside the label.

    A ``rare`` tab is under "more" at the end of the tabs while another one is open.
    """

    count: Callable[[Any, Any], int | None] | None = None
    rare: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel(Entry):
    """A box on a page (``aside`` for the narrow column), loaded by URL with the object's ``pk``.

    On the start page ``usual`` panels are those of users without panels by their groups.
    """

    aside: bool = False
    usual: bool = False


@dataclass(frozen=True, kw_only=True)
class NavItem(Entry):
    """A line of the side navigation, in one of the groups ``core.navigation.SECTIONS``.

    It may be in a ``part`` of the group (``PARTS``); ``short`` is its name below the heading of the part. ``count``
    returns the rows that need the user's action. Their number is beside the line: ``count_label`` says what they are,
    and ``count_query`` is that of the address that opens exactly them. Without any row of ``needs`` (of the user) there
    is no line: it is asked with the figures of the frame, so that no page pays for it.
    """

    place: str = "main"
    icon: str = "point"
    section: str = "work"
    part: str = ""
    short: Any = ""
    count: Callable[[Any], QuerySet[Any]] | None = None
    count_query: str = ""
    count_label: Any = ""
    needs: Callable[[Any], QuerySet[Any]] | None = None

    def has_needs(self, user: Any) -> bool:
        """Return whether there is what the line needs."""
        return self.needs is None or self.needs(user).exists()

    @property
    def count_url(self) -> str:
        return reverse(self.url_name) + (f"?{self.count_query}" if self.count_query else "")


@dataclass(frozen=True)
class FrameCount:
    """A figure of every page's frame that is not of its navigation, under its name in templates."""

    name: str
    rows: Callable[[Any], QuerySet[Any]]


@dataclass(frozen=True, kw_only=True)
class Command(Entry):
    """Something the Ctrl-K palette can do: a page to open or, with ``fields``, an address to which they are sent.

    ``named(user, text, limit)`` returns what it does about the records that match the text after its name or a keyword.
    """

    place: str = "top"
    icon: str = "arrow-right"
    keywords: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    named: Callable[[Any, str, int], list[SearchHit]] | None = None

    @classmethod
    def opening(cls, item: NavItem, keywords: str = "", permission: str = "") -> Command:
        """Return the command that opens the page of a navigation item, with its permission or another."""
        return cls(
            name=item.name,
            label=item.label,
            url_name=item.url_name,
            permission=permission or item.permission,
            order=item.order,
            icon=item.icon,
            keywords=keywords,
        )


@dataclass(frozen=True, kw_only=True)
class SearchSource:
    """A group of hits in the top search. ``find(user, text, limit)`` returns ``SearchHit``s that the user may see."""

    name: str
    label: Any
    find: Callable[[Any, str, int], list[SearchHit]]
    order: int = 100
    place: str = "top"


@dataclass(frozen=True)
class SearchHit:
    """A line of a search: a link, which may open a dialog, or a button that sends ``fields`` to ``url``."""

    label: str
    detail: str
    url: str
    icon: str = ""
    dialog: bool = False
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NotificationKind:
    """A kind of notification. ``text(data)`` says it in the reader's language, from what was stored with it.

    ``details(data)`` returns what else its mail says: lines, each with the address of its page.
    """

    name: str
    label: Any
    text: Callable[[dict[str, Any]], str]
    icon: str = "bell"
    details: Callable[[dict[str, Any]], Sequence[tuple[str, str]]] | None = None
    by_email: bool = False  # until the user chooses otherwise
    order: int = 100
    place: str = "user"


E_ = TypeVar("E_", Entry, SearchSource, Tab, Panel, NavItem, Command, NotificationKind)


class Registry(Generic[E_]):
    """Entries by place, each name once, in order."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, E_]] = defaultdict(dict)

    def add(self, entry: E_) -> None:
        if entry.name in self._entries[entry.place]:
            raise ValueError(f"{entry.name} is registered twice at {entry.place}")
        self._entries[entry.place][entry.name] = entry

    def get(self, place: str, name: str) -> E_ | None:
        return self._entries[place].get(name)

    def of(self, place: str) -> list[E_]:
        return sorted(self._entries[place].values(), key=lambda entry: entry.order)

    def allowed(self, place: str, user: Any, obj: Any = None) -> list[Any]:
        return [entry for entry in self.of(place) if entry.allowed(user, obj)]  # type: ignore[attr-defined]


def placed_panels(place: str, user: Any, obj: Any = None) -> dict[str, list[tuple[Panel, str]]]:
    """Return what a page shows of the panels of its place, with their addresses: ``panels`` and ``aside_panels``."""
    return in_columns(panels.allowed(place, user, obj), obj)


def in_columns(shown: Sequence[Panel], obj: Any = None) -> dict[str, list[tuple[Panel, str]]]:
    """Return panels with their addresses by column: ``panels`` and ``aside_panels``, each in the order of ``shown``."""
    args = [] if obj is None else [obj.pk]
    found = [(panel, reverse(panel.url_name, args=args)) for panel in shown]
    return {
        "panels": [(panel, url) for panel, url in found if not panel.aside],
        "aside_panels": [(panel, url) for panel, url in found if panel.aside],
    }


tabs: Registry[Tab] = Registry()
panels: Registry[Panel] = Registry()
nav: Registry[NavItem] = Registry()
commands: Registry[Command] = Registry()
searches: Registry[SearchSource] = Registry()
notifications: Registry[NotificationKind] = Registry()

#: The tuples of ``registrations`` that hold entries of pages, each with its registry.
REGISTRIES: dict[str, Registry[Any]] = {
    "TABS": tabs,
    "PANELS": panels,
    "NAV": nav,
    "COMMANDS": commands,
    "SEARCHES": searches,
    "NOTIFICATIONS": notifications,
}
_modules: list[ModuleType] = []


def autodiscover() -> None:
    """Import what the apps declare: their ``registrations``, and their job handlers in ``jobs`` and ``jobs_*``."""
    for config in apps.get_app_configs():
        for name in _module_names(config.module):
            if name == "jobs" or name.startswith("jobs_"):
                import_module(f"{config.name}.{name}")
            elif name == "registrations":
                _modules.extend(_with_submodules(import_module(f"{config.name}.{name}")))
    for name, registry in REGISTRIES.items():
        for entry in declared(name):
            registry.add(entry)


def declared(name: str) -> Iterator[Any]:
    """Return the items of all tuples called ``name`` of the apps' registrations, in the order of the apps."""
    return chain.from_iterable(getattr(module, name, ()) for module in _modules)


def _with_submodules(module: ModuleType) -> list[ModuleType]:
    return [module, *(import_module(f"{module.__name__}.{name}") for name in _module_names(module))]


def _module_names(package: Any) -> list[str]:
    return sorted(info.name for info in iter_modules(getattr(package, "__path__", ())))
