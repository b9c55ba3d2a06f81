"""The one address of each model's editing in place: the editor of a field, its answer, and the undo of a change."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.generic import View
from django_htmx.http import trigger_client_event

from core.inline.declarations import Editable, Editing, Steps
from core.inline.forms import differs, keep_only, query_of, seen_of, stored, text_of
from core.inline.undo import is_too_old, read_undo, undo_url
from core.notices import said
from core.parameters import TextField
from core.views import ObjectFormView, VisibleObjectMixin, current_page, redirect, safe_next_url


class InlineView(VisibleObjectMixin, View):
    """GET the editor of ``field``, POST its value, or with ``?undo=`` the value before it.

    The row must be visible; whether it may be changed is the matter of the field's own form page. In a list
    (``?column=``) the answer has the cell as it is now. An app has a subclass for each model.
    """

    editing: Editing
    parameters = {"column": TextField(), "undo": TextField(), "next": TextField()}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        field = self._field
        return self._steps(field) if isinstance(field, Steps) else self._page(field)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        field = self._field
        if isinstance(field, Steps):
            return self.http_method_not_allowed(request)
        return self._page(field)

    @property
    def _field(self) -> Editable | Steps:
        field = self.editing.get(self.kwargs["field"])
        if field is None:
            raise Http404
        return field

    def _page(self, field: Editable) -> HttpResponseBase:
        page = inline_page(self.editing, field)
        response: HttpResponseBase = page.as_view()(self.request, pk=self.object.pk)
        return response

    def _steps(self, field: Steps) -> HttpResponse:
        back = current_page(self.request) or self.object.get_absolute_url()
        steps = field.steps(self.user, self.object, back)
        context = {"label": field.label, "object": self.object, "steps": steps, "next_url": back}
        return TemplateResponse(self.request, "inline/steps.html", context)


def inline_page(editing: Editing, field: Editable) -> type[Any]:
    """Return the form page of a field as one that answers an editor in place."""
    parameters = {**(field.page.parameters or {}), **InlineView.parameters}
    own = {"editing": editing, "editable": field, "parameters": parameters}
    return type(f"Inline{field.page.__name__}", (InlineFormMixin, field.page), own)


class InlineFormMixin(ObjectFormView):
    """A form page cut down to one field: the editor, and after a change the answer to the page or the list."""

    editing: Editing
    editable: Editable
    #: What :meth:`perform` says became of the change when the row has not got the value; there is nothing to undo.
    outcome = ""
    undoable = False  # the change of the one field has its own undo

    def get_template_names(self) -> list[str]:
        return ["inline/editor.html"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.htmx:
            return redirect(request, self.editable.form_url(self.object.pk))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_too_old(request.GET.get("undo", "")):
            messages.error(request, _("A change can be undone for 24 hours. Nothing was undone."))
            return self._back()
        return super().post(request, *args, **kwargs)

    @cached_property
    def undone(self) -> dict[str, Any] | None:
        """Return the change that is to be undone. Raises Http404 for a token that is not ours."""
        token = self.request.GET.get("undo", "")
        change = read_undo(token, [self.editing.place, self.object.pk, self.editable.name]) if token else None
        if token and change is None:
            raise Http404
        return change

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if self.editable.initial:
            kwargs["initial"] = {**kwargs.get("initial", {}), **self.editable.initial(self.object)}
        if self.undone and "data" in kwargs:
            kwargs["data"] = query_of(self.undone["old"])
        return kwargs

    def get_form(self, form_class: Any = None) -> Any:
        names = self.undone["old"] if self.undone else self.editable.field_names(self.object)
        return keep_only(super().get_form(form_class), names)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form, row = context["form"], self.object
        return context | {
            "label": self.editable.label,
            "object": row,
            "form_url": self.editable.form_url(row.pk),
            "seen": stored(form),
            "action": self.request.get_full_path(),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        seen = self.undone["new"] if self.undone else seen_of(form.data, form.fields)
        if seen and any(differs(form[name], seen[name]) for name in form.fields):
            return self._conflict(form)
        self.before = stored(form)
        if not any(differs(form[name], form.data.getlist(name)) for name in form.fields):
            return self._back() if self.undone else self._answer({})
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        if not self.undone:
            return super().form_invalid(form)
        texts = [str(error) for errors in form.errors.values() for error in errors]
        messages.error(self.request, _("It could not be undone. %(reason)s") % {"reason": " ".join(texts)})
        return self._back()

    def _conflict(self, form: Any) -> HttpResponse:
        """Show both values and let the user choose; nothing is written."""
        if self.undone:
            messages.error(self.request, _("It has been changed since. Nothing was undone."))
            return self._back()
        theirs = text_of(form, stored(form))
        context = self.get_context_data(form=form, theirs=theirs, cell=self._cell(), is_conflict=True)
        return self.render_to_response(context, status=422)

    def _performed(self, form: Any) -> dict[str, Any]:
        """Write by the form page's service; return what to say of it."""
        self.perform(form)
        if self.outcome:
            return {"text": self.outcome, "undo": ""}
        sent = {name: form.data.getlist(name) for name in form.fields}
        now = self._form_now()
        text = f"{self.editable.label}: {text_of(form, self.before)} → {text_of(now, stored(now))}"
        where = (self.editing.place, self.editable.name, self.object.pk)
        back = current_page(self.request)
        return {"text": text, "undo": undo_url(*where, form=form, old=self.before, new=sent, back=back)}

    def _form_now(self) -> Any:
        """Return the form of the row as it is after the change."""
        self._object = None
        kwargs = {name: value for name, value in self.get_form_kwargs().items() if name not in ("data", "files")}
        return keep_only(self.get_form_class()(**kwargs), self.before)

    def _go_on(self, result: dict[str, Any]) -> HttpResponse:
        if self.undone:
            said(self.request, _("%(what)s is as it was before.") % {"what": self.object})
            return self._back()
        return self._answer(result)

    def _answer(self, result: dict[str, Any]) -> HttpResponse:
        response = HttpResponse(status=204)
        if result:
            undo = {"action": {"label": _("Undo"), "url": result["undo"]}} if result["undo"] else {}
            trigger_client_event(response, "toast", {"text": self._named(result["text"]), **undo})
        done = {"cell": self._cell(), "changed": bool(result)}
        return trigger_client_event(
            response, "inline:done", done
        )  # last: it removes the form that the other event is sent from

    def _named(self, text: str) -> str:
        return f"{self.object} · {text}" if self.request.GET.get("column") else text

    def _cell(self) -> SafeString | None:
        """Return the cell of the list that the editor was opened in, as it is now."""
        column = self.editing.column(self.request.GET.get("column", ""))
        row = self.editing.listed(self.user, self.object.pk) if column else None
        return column.html(row) if column and row is not None else None

    def _back(self) -> HttpResponse:
        back = safe_next_url(self.request, self.request.GET.get("next", ""))
        return redirect(self.request, back or self.object.get_absolute_url())
