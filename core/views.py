"""The few generic pages of one row: a form that calls a service, an action with a question before it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.generic import FormView, View
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from core.constraints import violation
from core.exceptions import BusinessRuleError
from core.form_undo import UndoMixin
from core.notices import said
from core.once import once, result_of
from core.page_undo import PageUndoMixin
from core.parameters import OneOfField, Parameters, TextField
from core.people import rank_people
from core.permissions import PermissionMixin
from core.problems import problems_of


class VisibleObjectMixin(PermissionMixin):
    """A page about one row; rows that the user may not see return 404. The row is read once and is ``self.object``."""

    model: type[Model]
    kwargs: dict[str, Any]
    pk_kwarg = "pk"
    _object: Any = None

    def get_queryset(self) -> QuerySet[Any]:
        return self.model._default_manager.visible_to(self.user)  # type: ignore[attr-defined]

    @property
    def object(self) -> Any:
        if self._object is None:
            self._object = get_object_or_404(self.get_queryset(), pk=self.kwargs[self.pk_kwarg])
        return self._object

    def get_permission_object(self) -> Any:
        return self.object

    def get_denial(self) -> str:
        """Return why the row cannot be worked on at all, if it says so itself (``closed_text``)."""
        return str(getattr(self._object, "closed_text", ""))

    def get_denied_row(self) -> Any:
        return self._object if hasattr(self._object, "get_absolute_url") else None


class ServiceFormView(UndoMixin, PermissionMixin, FormView):
    """A form that passes its valid content to a service in :meth:`perform`.

    An invalid form and a broken business rule answer 422 with the form and the message at its field. A form with a
    ``submission_key`` is performed once. Inside a dialog (``HX-Target: dialog``) only the form is drawn and success
    redirects the whole page. A form that is ``undoable`` is undone from its message (:mod:`core.form_undo`).
    """

    template_name = "generic/form.html"
    title: Any = ""
    submit_label: Any = ""
    #: What is said of the change; without words of its own, what was saved. Empty says nothing.
    success_message: Any = None
    #: The words of the link in the message to what was changed, where its name says nothing.
    link_words: Any = ""

    def perform(self, form: Any) -> Any:
        """Perform the action; return the object to show next."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        return str(self.done.get_absolute_url())

    def get_success_message(self) -> str:
        if self.putting_back:
            return _("%(what)s is as it was before.") % {"what": self._what}
        if self.success_message is None:
            return _("Saved: %(what)s.") % {"what": self._what}
        return str(self.success_message)

    @property
    def _what(self) -> str:
        """Return the name of what was changed, else that of the form."""
        return str(self.done if isinstance(self.done, Model) else self.title)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=self.title,
            submit_label=self.submit_label or _("Save"),
            cancel_url=self.get_cancel_url(),
            in_dialog=self.htmx.target == "dialog",
            **kwargs,
        )

    def get_cancel_url(self) -> str:
        return ""

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        rank_people(form, self.user)
        return form

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            result = once(form.cleaned_data.get("submission_key"), self.user, lambda: self._performed(form))
        except BusinessRuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return self.form_invalid(form)
        except (ValidationError, IntegrityError) as error:
            refused = violation(error) if isinstance(error, IntegrityError) else error
            if refused is None:
                raise
            add_errors(form, refused)
            return self.form_invalid(form)
        return self._go_on(result)

    def form_invalid(self, form: Any) -> HttpResponse:
        if self.undoing:
            reason = " ".join(problem.text for problem in problems_of(form))
            return self.undo_refused(_("It could not be undone. %(reason)s") % {"reason": reason})
        done_before = result_of(form.data.get("submission_key"), self.user)
        if done_before and "url" in done_before:  # sent twice: what it made is why it is refused now
            return self._go_on(done_before)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _go_on(self, result: dict[str, Any]) -> HttpResponse:
        if result.get("message"):
            said(self.request, result["message"], **result.get("notice", {}))
        return redirect(self.request, result.get("url", self.request.path))  # a key may be of something else kept

    def _performed(self, form: Any) -> dict[str, Any]:
        self.done = self.perform(form)
        self.check_undone()
        url = self.putting_back["back"] if self.putting_back else self.get_success_url()
        text = self.get_success_message()
        return {"url": url, "message": text, "notice": self._notice(url, text)}

    def _notice(self, shown_next: str, text: str) -> dict[str, str]:
        """Return the link to what was changed, unless it is the page that is shown next, and the undo."""
        has_page = isinstance(self.done, Model) and hasattr(self.done, "get_absolute_url")
        url = str(self.done.get_absolute_url()) if has_page else ""
        words = self.link_words or (_("Open") if str(self.done) in text else str(self.done))
        link = {"url": url, "words": words} if url and url != shown_next else {}
        return {**link, "undo": self.get_undo_url()}


def add_errors(form: Any, error: ValidationError) -> None:
    """Show each message at its field; those of fields that the form does not have are shown on top."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, found in by_field.items():
        form.add_error(field if field in form.fields else None, found)


class ObjectFormView(VisibleObjectMixin, ServiceFormView):
    """A form about one visible row. The row is locked while the service runs, so that its version can be trusted."""

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if hasattr(self.get_form_class(), "Meta"):
            kwargs["instance"] = self.object
        return kwargs

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            if self.model._default_manager.select_for_update().filter(pk=self.object.pk).first() is None:
                raise Http404  # removed meanwhile
            self.object.refresh_from_db()
            response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())


class ActionView(PageUndoMixin, VisibleObjectMixin, View):
    """An action on one visible row: GET asks for confirmation, POST performs it and redirects to the row's page.

    Its message undoes it where it names the page that does (:mod:`core.page_undo`).
    """

    question: Any = ""
    submit_label: Any = ""
    #: What is said of the action; without words of its own, what it was done to. Empty says nothing.
    success_message: Any = None
    danger = False
    template_name = "generic/confirm.html"

    def perform(self) -> Any:
        raise NotImplementedError

    def get_effects(self) -> list[Any]:
        """Return what the action brings with it, in sentences."""
        return []

    def get_refusal(self) -> str:
        """Return why it cannot be done now, which the page says instead of asking."""
        return ""

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())

    def get_undo_url(self) -> str:
        """Return the address that a POST undoes the action at, or nothing."""
        return self.undo_of_change(self.get_success_url())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        in_dialog = self.htmx.target == "dialog"
        if refusal := self.get_refusal():
            name = "generic/refused.html#form" if in_dialog else "generic/refused.html"
            url = self.object.get_absolute_url()
            context = {"title": self.question, "error": refusal, "in_dialog": in_dialog, "cancel_url": url}
            return TemplateResponse(request, name, context)
        context = {
            "title": self.question,
            "object": self.object,
            "submit_label": self.submit_label or _("Yes"),
            "cancel_url": self.object.get_absolute_url(),
            "in_dialog": in_dialog,
            "effects": self.get_effects(),
            "danger": self.danger,
        }
        return TemplateResponse(request, f"{self.template_name}#form" if in_dialog else self.template_name, context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                self.keep_before()
                self.perform()
        except BusinessRuleError as error:
            return self._refuse(str(error))
        except (ValidationError, IntegrityError) as error:
            refused = violation(error) if isinstance(error, IntegrityError) else error
            if refused is None:
                raise
            return self._refuse(" ".join(refused.messages))
        text = _("Done: %(what)s.") % {"what": self.object} if self.success_message is None else self.success_message
        if text:
            said(request, str(text), undo=self.get_undo_url())
        return redirect(request, self._next or self.get_success_url())

    def get_refused_url(self) -> str:
        """Return where to say that it cannot be done: where one comes after it, unless that is far from the row."""
        return self.get_success_url()

    def _refuse(self, text: str) -> HttpResponse:
        messages.error(self.request, text)
        return redirect(self.request, self._next or self.get_refused_url())

    @property
    def _next(self) -> str:
        return safe_next_url(self.request, self.request.POST.get("next", ""))


class RetireRowView(ActionView):
    """Retire a row, or take a retired one into use again; the message turns it back while it is still so."""

    parameters: Parameters | None = {"was": OneOfField("retired", "used")}

    def is_off(self) -> bool:
        """Return whether the row is retired now."""
        return bool(self.object.is_retired)

    @property
    def question(self) -> Any:
        return (_("Restore “%s”?") if self.is_off() else _("Retire “%s”?")) % self.object

    @property
    def success_message(self) -> Any:
        return (_("“%s” is in use again.") if self.was_off else _("“%s” was retired.")) % self.object

    def get_undo_url(self) -> str:
        return f"{self.request.path}?was={'used' if self.was_off else 'retired'}"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.was_off, expected = self.is_off(), request.GET.get("was")
        if expected and (expected == "retired") != self.was_off:
            messages.error(request, _("It has been changed since. Nothing was undone."))
            return redirect(request, self.get_success_url())
        return super().post(request, *args, **kwargs)


class ReturnMixin:
    """A form that can be opened from other pages: it returns to the one that its address names (``next``)."""

    request: HttpRequest
    parameters: Parameters | None = {"next": TextField()}

    def get_success_url(self) -> str:
        return self._next or str(super().get_success_url())  # type: ignore[misc]

    def get_cancel_url(self) -> str:
        return self._next or str(super().get_cancel_url())  # type: ignore[misc]

    @property
    def _next(self) -> str:
        return safe_next_url(self.request, self.request.GET.get("next", ""))


def redirect(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to ``url``; a request made by htmx gets the header that makes the whole page go there."""
    htmx = HtmxDetails(request)
    if htmx and not htmx.boosted:
        return HttpResponseClientRedirect(url, status=204)
    return HttpResponseRedirect(url)


def safe_next_url(request: HttpRequest, url: str) -> str:
    """Return ``url`` when it leads to this site, else nothing: an address from a request is never trusted."""
    ours = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return url if ours else ""


def current_page(request: HttpRequest) -> str:
    """Return the address of the page that htmx asks from, if it is one of ours."""
    return safe_next_url(request, HtmxDetails(request).current_url_abs_path or "")
