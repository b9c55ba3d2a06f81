"""The undo of a step, an addition or a deletion: which page takes it back, and what it is sent.

A page names the other one in a line. What is to be sent is kept for a day under a key of the user
(:mod:`core.form_undo` sends it), so that the undo asks the rule of the other page, uses its service and is
refused where somebody has changed the row since.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve, reverse

from core.once import kept_under
from core.undo.references import references_to

#: What the address of the form of a row has in the place of a row that is added again.
NEW = None


class PageUndoMixin:
    """A page of which another one takes the change back: it names that one in a line."""

    #: The step that takes this one back, about the same row.
    opposite = ""
    #: The page that removes the row that this one adds, while nothing refers to it that did not at first.
    removed_by = ""
    #: The form page (``undoable``) that shows all that this step changes.
    undo_form = ""
    #: The page that adds again what this one deletes, and the form page that shows what the row had; without that one
    #: ``get_undo_content`` says what is sent.
    added_again: tuple[str, ...] = ()
    #: What only the page that adds asks of the row: its code.
    added_fields: tuple[str, ...] = ()
    #: The models of the parts of a row that the form shows: with others that refer to it, it is not added again.
    added_with: tuple[str, ...] = ()
    #: Whether the address of the other page names the row of this page first.
    undo_below = False
    #: Columns of the row that the program itself writes meanwhile.
    undo_ignores: tuple[str, ...] = ()
    request: HttpRequest
    user: Any
    _kept: dict[str, Any] | None = None

    def get_undo_row(self) -> Any:
        """Return the row that the other page is about: the one that was added, else that of the page."""
        done = getattr(self, "done", None)
        return done if isinstance(done, Model) else getattr(self, "object", None)

    def get_undo_args(self, row: Any) -> list[Any]:
        """Return what the address of the other page says; ``row`` is NEW in that of one that is added again."""
        above = [self.object.pk] if self.undo_below else []  # type: ignore[attr-defined]
        return [*above, row.pk if isinstance(row, Model) else row]

    def get_undo_content(self) -> dict[str, list[str]]:
        """Return what the other page is sent."""
        return {}

    def get_again_args(self) -> list[Any]:
        """Return what the address of the page says that adds the row again."""
        return [self.object.pk] if self.undo_below else []  # type: ignore[attr-defined]

    def get_again_query(self) -> dict[str, Any]:
        """Return the query of that address."""
        return {}

    def may_undo(self) -> bool:
        """Return whether this change, which has been made, is one that can be taken back."""
        return True

    def keep_before(self) -> None:
        """Keep what the change is going to replace."""
        if self.undo_form:
            path = reverse(self.undo_form, args=self.get_undo_args(self.object))  # type: ignore[attr-defined]
            self._kept = {"path": path, "before": content_at(self.request, path)}
        elif self.added_again:
            self._kept = self._kept_of_row()

    def _kept_of_row(self) -> dict[str, Any]:
        add, *shown = self.added_again
        again = {"path": reverse(add, args=self.get_again_args(), query=self.get_again_query()), "once": True}
        if not shown:
            return again | {"sent": self.get_undo_content()}
        row = self.get_undo_row()
        path = reverse(shown[0], args=self.get_undo_args(row))
        content = None if self._is_referred_to(row) else content_at(self.request, path)
        more = {name: [str(getattr(row, name))] for name in self.added_fields}
        return again | {"before": content, "more": more, "shown": [shown[0], self.get_undo_args(NEW)]}

    def _is_referred_to(self, row: Model) -> bool:
        own = {field.remote_field.through._meta.db_table for field in row._meta.many_to_many}  # type: ignore[union-attr]
        parts = own | {apps.get_model(name)._meta.db_table for name in self.added_with}
        return any(reference.by[0] not in parts for reference in references_to(type(row), [row.pk], set()))

    def undo_of_change(self, back: str) -> str:
        """Return the address that a POST undoes the change at, or nothing. ``back`` is shown where it is refused."""
        kept = self._kept_to_undo() if self.may_undo() else None
        if kept is None or not may_take(self.request, kept["path"]):
            return ""
        return reverse("core:form_undo", args=[kept_under(self.user, {"form_undo": {**kept, "back": back}})])

    def _kept_to_undo(self) -> dict[str, Any] | None:
        if page := self.opposite or self.removed_by:
            row = self.get_undo_row()
            if row is None:
                return None
            state = row_as_it_is(row, ignored=self.undo_ignores, is_new=bool(self.removed_by))
            return {
                "path": reverse(page, args=self.get_undo_args(row)), "sent": self.get_undo_content(), "row": state
            }  # fmt: skip
        if self.undo_form and self._kept:
            after = content_at(self.request, self._kept["path"])
            return {**self._kept, "after": after} if after and after != self._kept["before"] else None
        return self._kept if self._kept and (self._kept.get("before") or "sent" in self._kept) else None


def page_at(request: HttpRequest, path: str) -> Any:
    """Return the page of an address for the user of a request, as its view before it answers."""
    parts = urlsplit(path)
    match = resolve(parts.path)
    request.POST  # noqa: B018 - read now: the copy would read it away
    asked = copy.copy(request)
    asked.GET = QueryDict(parts.query)
    page = match.func.view_class(**match.func.view_initkwargs)  # type: ignore[attr-defined]
    page.setup(asked, *match.args, **match.kwargs)
    return page


def content_at(request: HttpRequest, path: str) -> Any:
    """Return the content of the form page at an address, None where the user may not have it."""
    try:
        page = page_at(request, path)
        page.check_permissions()
        return page.content_now()
    except (PermissionDenied, Http404):
        return None


def may_take(request: HttpRequest, path: str) -> bool:
    """Return whether the user may take the step at an address now."""
    try:
        page = page_at(request, path)
        page.check_permissions()
        return not (hasattr(page, "get_refusal") and page.get_refusal())
    except (PermissionDenied, Http404):
        return False


def row_as_it_is(row: Model, *, ignored: Iterable[str] = (), is_new: bool = False) -> dict[str, Any]:
    """Return JSON that shows whether a row is still as it is now: of a new one, what refers to it too."""
    model, ignored = type(row), sorted(ignored)
    columns = [field.attname for field in model._meta.concrete_fields if field.name not in ("updated_at", *ignored)]
    found = model._base_manager.filter(pk=row.pk).values(*columns).first()
    references = references_to(model, [row.pk], set()) if is_new else ()
    text = json.dumps([found, sorted(reference.by for reference in references)], cls=DjangoJSONEncoder)
    about = {"model": model._meta.label_lower, "pk": row.pk, "ignored": ignored, "is_new": is_new}
    return {**about, "state": hashlib.sha256(text.encode()).hexdigest()}


def is_as_it_was(kept: dict[str, Any]) -> bool:
    """Return whether a row is still as :func:`row_as_it_is` has found it."""
    model: Any = apps.get_model(kept["model"])
    row = model._base_manager.filter(pk=kept["pk"]).first()
    return row is not None and row_as_it_is(row, ignored=kept["ignored"], is_new=kept["is_new"]) == kept
