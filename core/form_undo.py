"""The undo of a form: what its page had before a change is kept for a day, and sent to the same page again.

A form page says ``undoable = True`` where its empty form shows what the row has now. The undo is then a change like any
other: the same rule, form and service, so that nothing is written past them, and it can be undone itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from core.exceptions import BusinessRuleError
from core.forms import RichTextInput
from core.inline.forms import query_of, stored
from core.once import kept_for, kept_under
from core.permissions import SIGNED_IN, PermissionMixin

#: Fields that belong to one sending of the form.
TECHNICAL = ("version", "seen", "submission_key")
Content = dict[str, list[str]]


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


class UndoMixin(FormView if TYPE_CHECKING else object):  # type: ignore[misc]
    """A form page that can be undone: it compares and keeps the content of its form around a change."""

    undoable = False
    #: What is undone by this request, as :func:`kept_under` kept it.
    undoing: dict[str, Any] | None = None
    _before: Content | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.undoing = getattr(request, "undone_form", None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self._before = self.content_now() if self.undoable else None
        if self.undoing and self._before != self.undoing["after"]:
            return self.undo_refused(_("It has been changed since. Nothing was undone."))
        if self.undoing:
            request.POST = query_of(self.content_to_send(self.undoing["before"]))  # type: ignore[assignment]
        return super().post(request, *args, **kwargs)

    def content_now(self) -> Content:
        """Return the content of the form as the page would show it."""
        sent = ("data", "files")
        kwargs = {name: value for name, value in self.get_form_kwargs().items() if name not in sent}
        return content_of(self.get_form_class()(**kwargs))

    def get_undo_url(self) -> str:
        """Return the address that a POST undoes the change at, or nothing where there is nothing to undo."""
        after = self._content_after()
        if self._before is None or after is None or after == self._before:
            return ""
        kept = self.undoing or {"path": self.get_undone_path(), "back": self.get_success_url()}
        change = {"path": kept["path"], "back": kept["back"], "before": self._before, "after": after}
        return reverse("core:form_undo", args=[kept_under(self.request.user, {"form_undo": change})])

    def get_undone_path(self) -> str:
        """Return the address of the form that the undo sends."""
        return self.request.get_full_path()

    def check_undone(self) -> None:
        """Raise ``not_undone`` if the form has not got back all that it had: nothing is kept then."""
        if self.undoing and _meaning(self._content_after()) != _meaning(self.undoing["before"]):
            raise BusinessRuleError("not_undone", _("A part of what was there no longer exists."))

    def content_to_send(self, content: Content) -> Content:
        """Return what the undo sends of the earlier content, where that cannot be all of it."""
        return content

    def undo_refused(self, text: str) -> HttpResponse:
        """Say why nothing was undone, on the page that the change led to."""
        messages.error(self.request, text)
        return HttpResponseRedirect(self.undoing["back"] if self.undoing else "/")

    def _content_after(self) -> Content | None:
        """Return the content as a new visit would find it, None for a row that the user no longer sees."""
        page = type(self)()
        page.setup(self.request, *self.args, **self.kwargs)
        try:
            return page.content_now() if self.undoable else None
        except Http404:
            return None


class FormUndoView(PermissionMixin, View):
    """POST: send what was kept of a form under the id ``change`` to the form's own page, which asks its own rule."""

    permission_required = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, change: Any) -> HttpResponseBase:
        kept = (kept_for(request.user, str(change)) or {}).get("form_undo")
        if kept is None:
            messages.error(request, _("A change can be undone for 24 hours. Nothing was undone."))
            return HttpResponseRedirect("/")
        page = urlsplit(kept["path"])
        request.FILES  # noqa: B018 - read now: later it would bring back what was sent
        request.GET = QueryDict(page.query)
        request.undone_form = kept  # type: ignore[attr-defined]
        match = resolve(page.path)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response
