"""What a list opens with: its address, a saved view, the state in which it was left, a default."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from core.list_states import PASSING, ListState
from core.numbers import parse_id
from core.parameters import TextField
from core.permissions import allowed
from customers.saved_views import store
from customers.saved_views.lists import same, shown_query
from customers.saved_views.models import SavedView
from customers.saved_views.services import default_of

#: Where the session keeps the states in which lists were left, by name.
KEY = "list_states"
WHOLE = "all"
#: Parameters that are not kept: a search is for once.
FORGOTTEN = (PASSING - {"view"}) | {"q"}
#: Longer states are not kept.
LONGEST = 2_000


class ViewField(TextField):
    """A view of this list that the user may open, or ``all`` for the list without one."""

    def __init__(self, state: SavedState) -> None:
        super().__init__()
        self.state = state

    def clean(self, value: Any) -> Any:
        if value and value != WHOLE and self.state.saved is None:
            text = _("There is no such view of this list, or it is not shared with you (view).")
            raise ValidationError(text, code="unknown")
        return value


class SavedState(ListState):
    """The state of a list with saved views.

    An address with any parameter is taken as it is; ``view`` alone is all that the view was saved with. One without
    parameters, opened by a link in a browser, is sent to the state in which the user left the list in this session (but
    not to its search), or to the default; a typed or bookmarked one only to the default. Programs and other pages that
    read an address get what it says. Without any default the list's own standard opens (``standard_query``).
    """

    @cached_property
    def name(self) -> str:
        return super().name

    @cached_property
    def asked(self) -> str:
        """The ``view`` of the address, before the page reads it."""
        return str(self.request.GET.get("view", ""))

    @cached_property
    def saved(self) -> SavedView | None:
        """The view that the address names, if it is one of this list that the user sees."""
        pk = parse_id(self.asked)
        if pk is None or not self.name or not self.request.user.is_authenticated:
            return None
        usable = SavedView.objects.usable_by(self.request.user)
        return usable.filter(pk=pk, list=self.name).select_related("owner").first()

    @cached_property
    def stored(self) -> store.Stored:
        assert self.saved is not None  # noqa: S101 - asked of a view only
        return store.read(self.saved)

    def parameters(self) -> dict[str, forms.Field]:
        return {"view": ViewField(self)} if self.name else {}

    def expanded(self, query: QueryDict) -> QueryDict:
        if self.asked == WHOLE and self.name:
            rest = query.copy()
            del rest["view"]
            return rest
        if self.saved is None or not set(query) <= PASSING:
            return query
        whole = store.open_query(self.saved, self.stored)
        for name in query:
            whole.setlist(name, query.getlist(name))
        return whole

    # What was left

    @property
    def is_browser(self) -> bool:
        """Whether a browser asks for the page or a part of it, as those of today say."""
        return self.request.method == "GET" and "Sec-Fetch-Mode" in self.request.headers

    @property
    def is_within(self) -> bool:
        """Whether the user is already on this list and changes what it shows."""
        before = urlsplit(self.request.headers.get("Referer", ""))
        is_here = before.path in (self.request.path, reverse("selections:conditions"))
        return (is_here and before.netloc == self.request.get_host()) or self.view.htmx.target == "list"

    @property
    def is_followed(self) -> bool:
        """Whether the user comes by a link of the program; a typed or bookmarked address is not that."""
        return self.request.headers.get("Sec-Fetch-Site") == "same-origin"

    @property
    def left(self) -> dict[str, str]:
        return dict(self.request.session.get(KEY, {}))

    def opening(self) -> str:
        if not self.name or not self.is_browser or self.request.GET or self.asked or self.is_within:
            return ""
        if self.request.headers["Sec-Fetch-Mode"] != "navigate" or self.view.htmx:
            return ""
        left = self.left
        if self.name in left and self.is_followed:
            query = self._without_lost_view(left[self.name])
        else:
            pk = default_of(self.request.user, self.name)
            query = f"view={pk}" if pk else self.view.standard_query()
        return f"{self.request.path}?{query}" if query else ""

    def _without_lost_view(self, text: str) -> str:
        """Return a state without its view if that is gone or not shared any more, and without lost columns."""
        query = QueryDict(text, mutable=True)
        pk = parse_id(query.get("view")) or 0
        if "view" in query and not SavedView.objects.usable_by(self.request.user).filter(pk=pk).exists():
            del query["view"]
        known = {column.name for column in self.view.table.columns}
        for name in ("columns", "widths"):
            kept = [text for text in query.getlist(name) if text.partition(".")[0] in known]
            if name in query:
                query.setlist(name, kept)
        return query.urlencode()

    def remember(self) -> None:
        """Keep the state in the session when the user changes it here or opens a view; not when a link leads here."""
        if not self.name or not self.is_browser or not (self.is_within or self.asked):
            return
        text, left = self._left_as(), self.left
        if len(text) <= LONGEST and left.get(self.name) != text:
            self.request.session[KEY] = {**left, self.name: text}

    def _left_as(self) -> str:
        """Return the parameters that open what the list shows now; a view that was not changed by its own address."""
        if self.saved is not None and not self.is_changed:
            return f"view={self.saved.pk}"
        query = self.request.GET.copy()
        for name in FORGOTTEN:
            query.pop(name, None)
        return query.urlencode()

    def whole_url(self) -> str:
        return f"{self.request.path}?view={WHOLE}" if self.name else self.request.path

    # The menu of views

    def context(self) -> dict[str, Any]:
        if not self.name:
            return {}
        state: dict[str, Any] = {
            "name": self.name,
            "query": self.shown.urlencode(),
            "view": self.saved,
            "whole_url": self.whole_url(),
        }
        if self.saved is not None:
            may_edit = allowed(self.request.user, "views.edit_view", self.saved)
            state |= {"is_changed": self.is_changed, "may_edit": may_edit, "faults": self.stored.faults}
        return {"list_state": state}

    @cached_property
    def shown(self) -> QueryDict:
        return shown_query(self.view)

    @cached_property
    def is_changed(self) -> bool:
        """Whether the list shows something else than the view of its address was saved with."""
        assert self.saved is not None  # noqa: S101 - asked of a view only
        kept = store.open_query(self.saved, self.stored)
        del kept["view"]
        return not same(self.shown, kept)
