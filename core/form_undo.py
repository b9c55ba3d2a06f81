"""The undo of a change: what its page had before is kept for a day and sent again, by the button of the message.

A form page says ``undoable = True`` where its empty form shows what the row has now. The undo is then a change like any
other: the same rule, form and service, so that nothing is written past them, and it can be undone itself. A step, an
addition or a deletion names the page that takes it back (:mod:`core.page_undo`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import resolve, reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from core.exceptions import BusinessRuleError
from core.forms import RichTextInput
from core.inline.forms import query_of, stored
from core.once import is_used_up, kept_for, kept_under, use_up
from core.page_undo import NEW, PageUndoMixin, content_at, is_as_it_was
from core.permissions import SIGNED_IN, PermissionMixin

#: Fields that belong to one sending of the form.
TECHNICAL = ("version", "seen", "submission_key")
Content = dict[str, list[str]]
CHANGED = gettext_lazy("It has been changed since. Nothing was undone.")


def content_of(form: Any) -> Content:
    """Return what a browser would send of a form as it is shown, with its parts, without empty values.

    A form that has more than fields and ``parts()`` returns the rest in ``more_content()``.
    """
    parts = form.parts() if hasattr(form, "parts") else []
    content = dict(pair for part in (form, *parts) for pair in _sent(part))
    return content | (form.more_content() if hasattr(form, "more_content") else {})


def _sent(form: Any) -> Iterator[tuple[str, list[str]]]:
    for name, values in stored(form).items():
        kept = [value for value in values if value]
        if name not in TECHNICAL and kept:
            yield form[name].html_name, kept
            if isinstance(form.fields[name].widget, RichTextInput):
                yield f"{form[name].html_name}-format", ["html"]


def _meaning(content: Content | None) -> Content:
    """Return content without the ids of rows: one that is added again has another."""
    return {name: values for name, values in (content or {}).items() if not name.endswith("-ref")}


class UndoMixin(PageUndoMixin, FormView if TYPE_CHECKING else object):  # type: ignore[misc]
    """A form page that can be undone: it compares and keeps the content of its form around a change."""

    undoable = False
    #: What is undone by this request, as :func:`kept_under` kept it.
    undoing: dict[str, Any] | None = None
    #: The same if it is what this form had, or a row that this form adds again.
    putting_back: dict[str, Any] | None = None
    _before: Content | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.undoing = getattr(request, "undone_form", None)
        self.putting_back = self.undoing if "before" in (self.undoing or {}) else None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._before = self.content_now() if self.undoable else None
        if self.putting_back and self._before != self.putting_back.get("after", self._before):
            return self.undo_refused(CHANGED)
        if self.putting_back:
            content = self.putting_back["before"] | self.putting_back.get("more", {})
            request.POST = query_of(self.content_to_send(content))  # type: ignore[assignment]
        self.keep_before()
        return super().post(request, *args, **kwargs)

    def content_now(self) -> Content:
        """Return the content of the form as the page would show it."""
        sent = ("data", "files")
        kwargs = {name: value for name, value in self.get_form_kwargs().items() if name not in sent}
        return content_of(self.get_form_class()(**kwargs))

    def get_undo_url(self) -> str:
        """Return the address that a POST undoes the change at, or nothing where there is nothing to undo."""
        if not self.undoable:
            return self.undo_of_change(self.get_success_url())
        after = self._content_after()
        if self._before is None or after is None or after == self._before or not self._takes(self._before):
            return ""
        kept = self.putting_back or {"path": self.get_undone_path(), "back": self.get_success_url()}
        change = {"path": kept["path"], "back": kept["back"], "before": self._before, "after": after}
        return reverse("core:form_undo", args=[kept_under(self.request.user, {"form_undo": change})])

    def get_undone_path(self) -> str:
        """Return the address of the form that the undo sends."""
        return self.request.get_full_path()

    def check_undone(self) -> None:
        """Raise ``not_undone`` if the form has not got back all that it had: nothing is kept then."""
        if self.putting_back and _meaning(self._content_shown()) != _meaning(self.putting_back["before"]):
            raise BusinessRuleError("not_undone", _("A part of what was there no longer exists."))
        if self.undoing and self.undoing.get("once"):  # pressed again, it would be added again
            use_up(self.request.user, self.undoing["key"])

    def content_to_send(self, content: Content) -> Content:
        """Return what the undo sends of the earlier content, where that cannot be all of it."""
        return content

    def undo_refused(self, text: Any) -> HttpResponse:
        """Say why nothing was undone, on the page that the change led to."""
        messages.error(self.request, text)
        return HttpResponseRedirect(self.undoing["back"] if self.undoing else "/")

    def _takes(self, content: Content) -> bool:
        """Return whether the form would take what it had: a required field may have been empty before."""
        page = type(self)()
        page.setup(self.request, *self.args, **self.kwargs)
        kwargs = {**page.get_form_kwargs(), "data": query_of(self.content_to_send(content)), "files": MultiValueDict()}
        return bool(page.get_form_class()(**kwargs).is_valid())

    def _content_shown(self) -> Content | None:
        """Return what the form page of the row shows now: of one that was added again, it is another page."""
        shown = (self.putting_back or {}).get("shown")
        if not shown:
            return self._content_after()
        page, args = shown
        path = reverse(page, args=[self.get_undo_row().pk if arg is NEW else arg for arg in args])
        content: Content | None = content_at(self.request, path)
        return content

    def _content_after(self) -> Content | None:
        """Return the content as a new visit would find it, None for a row that the user no longer sees."""
        page = type(self)()
        page.setup(self.request, *self.args, **self.kwargs)
        try:
            return page.content_now() if self.undoable else None
        except Http404:
            return None


class FormUndoView(PermissionMixin, View):
    """POST: send what was kept under the id ``change`` to the page that takes it back, which asks its own rule."""

    permission_required = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, change: Any) -> HttpResponseBase:
        kept = (kept_for(request.user, str(change)) or {}).get("form_undo")
        if kept is None:
            messages.error(request, _("A change can be undone for 24 hours. Nothing was undone."))
            return HttpResponseRedirect("/")
        with transaction.atomic():
            used = is_used_up(request.user, str(change))
            return self._refused(request, kept) if used else self._sent(request, {**kept, "key": str(change)})

    @staticmethod
    def _refused(request: HttpRequest, kept: dict[str, Any]) -> HttpResponseBase:
        messages.error(request, CHANGED)
        return HttpResponseRedirect(kept["back"])

    def _sent(self, request: HttpRequest, kept: dict[str, Any]) -> HttpResponseBase:
        if "row" in kept and not is_as_it_was(kept["row"]):
            return self._refused(request, kept)
        page = urlsplit(kept["path"])
        request.FILES  # noqa: B018 - read now: later it would bring back what was sent
        request.GET = QueryDict(page.query)
        request.POST = query_of(kept.get("sent", {}))  # type: ignore[assignment]
        request.undone_form = kept  # type: ignore[attr-defined]
        return _answered_at(request, page.path)


def _answered_at(request: HttpRequest, path: str) -> HttpResponseBase:
    """Return what the page at an address answers to a request of another one."""
    own, match = (request.path, request.resolver_match), resolve(path)
    request.path, request.resolver_match = path, match
    try:
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    finally:
        request.path, request.resolver_match = own
    return response
