"""Panels of the start page: what they are made of, and the view that answers one of them.

Each panel is loaded by its own request and may take :data:`SECONDS`, so that one that is slow or fails keeps nothing
else from the user. Its figures are numbers of rows with the list that shows exactly these rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core import registry
from core.paging import counts_up_to
from core.permissions import allowed
from core.tabs import PanelMixin
from core.timeouts import limited

#: The longest that one statement of a panel may take.
SECONDS = 5
#: No figure of a panel counts further.
MOST = 999
#: The number of rows that a panel lists.
SHOWN = 5
#: The most columns of a grid that a phone shows side by side.
NARROW_COLUMNS = 4


@dataclass(frozen=True)
class Link:
    """A link or, with ``dialog``, one that opens a dialog."""

    label: Any
    url: str
    icon: str = ""
    dialog: bool = False


@dataclass(frozen=True)
class Line:
    """A row of a panel: what it is, details in grey, a day or another short fact, and what can be done with it."""

    label: Any
    url: str
    detail: str = ""
    fact: str = ""
    icon: str = ""
    at: dt.date | None = None
    tone: str = ""  # of the fact: late, warn or nothing
    links: Sequence[Link] = ()


@dataclass(frozen=True)
class Figure:
    """A number of rows, and the address of the list that shows exactly them."""

    label: Any
    rows: QuerySet[Any]
    url: str
    tone: str = ""


@dataclass(frozen=True)
class Counted:
    """A figure with its rows counted; ``text`` is the number, or "999+"."""

    label: Any
    text: str
    url: str
    tone: str


@dataclass(frozen=True)
class Cell:
    text: Any
    url: str = ""
    tone: str = ""
    numeric: bool = True


@dataclass(frozen=True)
class Grid:
    """A small table: heads and rows of cells; the first cell of a row is its head."""

    heads: Sequence[Any]
    rows: Sequence[Sequence[Cell]]

    @property
    def labelled(self) -> list[list[tuple[Any, Cell]]]:
        """The rows with the head of each cell, which a phone shows beside it."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]

    @property
    def is_wide(self) -> bool:
        """Whether a phone shows each row as a card."""
        return len(self.heads) > NARROW_COLUMNS


@dataclass
class Content:
    """What a panel shows, from top to bottom. ``folded`` are figures in one line each; ``url`` leads to all rows.

    ``beside`` leads to a page that shows the same in another way.
    """

    lines: Sequence[Line] = ()
    figures: Sequence[Figure] = ()
    folded: Sequence[Figure] = ()
    grid: Grid | None = None
    total: Figure | None = None
    url: str = ""
    beside: Link | None = None
    note: Any = ""
    empty: Any = ""
    next_step: Link | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def cut_note(people: Sequence[Any], most: int) -> str:
    """Return that some of more than ``most`` people are left out; nothing if none are."""
    if len(people) <= most:
        return ""
    return _("Only the first %(count)d people by name are included.") % {"count": most}


def counted(figures: Sequence[Figure]) -> list[Counted]:
    """Count the rows of figures, all in one query; those that are late lose their tone when there are none."""
    counts = counts_up_to({str(number): figure.rows for number, figure in enumerate(figures)}, MOST)
    found = []
    for number, figure in enumerate(figures):
        count, more = counts[str(number)]
        tone = figure.tone if count else ""
        found.append(Counted(figure.label, f"{count}+" if more else str(count), figure.url, tone))
    return found


class StartPanelView(PanelMixin, TemplateView):
    """A panel of the start page; ``panel`` is the name under which it is registered at the place ``start``."""

    template_name = "generic/start_panel.html"
    panel = ""

    def get_content(self) -> Content:
        """Return what the panel shows."""
        raise NotImplementedError

    def step(self, label: Any, url_name: str, rule: str = "", *, query: str = "", dialog: bool = False) -> Link | None:
        """Return what to do next where there is nothing to show, None if the user may not do it (``rule``)."""
        if rule and not allowed(self.user, rule):
            return None
        return Link(label, reverse(url_name) + (f"?{query}" if query else ""), dialog=dialog)

    def get_title(self) -> Any:
        entry = registry.panels.get("start", self.panel)
        return entry.label if entry else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        content = self.get_content()
        totals = [content.total] if content.total else []
        numbers = counted([*totals, *content.figures, *content.folded])
        split = len(totals) + len(content.figures)
        return super().get_context_data(
            title=self.get_title(),
            content=content,
            total=numbers[0] if totals else None,
            figures=numbers[len(totals) : split],
            folded=[figure for figure in numbers[split:] if figure.text != "0"],
            **content.extra,
            **kwargs,
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with limited(SECONDS):
            response: Any = super().get(request, *args, **kwargs)
            response.render()
        return response
