"""Pages of calendar feeds and of the import of calendar files."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.cache import cache
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from activities.calendar.forms import CalendarFileForm, CalendarTypesForm, FeedForm
from activities.calendar.ical.read import read_calendar
from activities.calendar.ical.text import CalendarError
from activities.calendar.models import CalendarFeed
from activities.calendar.services.feeds import (
    feed_address,
    feed_content,
    feed_create,
    feed_note_read,
    feed_of,
    feed_revoke,
)
from activities.calendar.services.file_plan import (
    CANCELLED,
    CHANGED,
    NEW,
    REFUSED,
    SAME,
    WRITTEN,
    Plan,
    Types,
    import_plan,
    key_of,
    size_of,
)
from activities.calendar.services.files import import_run
from core.client_ip import client_network
from core.jobs import job_start
from core.once import once
from core.parameters import ANYTHING, of_form
from core.permissions import PUBLIC, PermissionMixin
from core.ratelimit import is_too_often
from core.views import ActionView, ServiceFormView, redirect

FILE_SECONDS = 24 * 3600
#: The numbers of events, and of activities made of them, that are imported at once; more are imported by a job.
AT_ONCE, ACTIVITIES_AT_ONCE = 20, 400


class CalendarFileView(View):
    """GET ``/calendar/feed/<secret>.ics``, open to anyone with the address, as calendar programs cannot sign in."""

    permission_required = PUBLIC
    parameters = ANYTHING

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        if is_too_often("calendar_feed", client_network(request), limit=120, seconds=60):
            return HttpResponse(status=429, headers={"Retry-After": "60"})
        feed = feed_of(secret)
        if feed is None:
            raise Http404
        content, changed = feed_content(feed.user)
        feed_note_read(feed)
        return self._response(request, content, int(changed.timestamp()) if changed else None)

    def _response(self, request: HttpRequest, content: bytes, changed: int | None) -> HttpResponse:
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="portaali.ics"'
        headers = {"ETag": etag, "Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex"}
        headers |= {"Last-Modified": http_date(changed)} if changed else {}
        for name, value in headers.items():
            response[name] = value
        # Only the ETag is compared: a removed activity changes the content but not the latest change.
        conditional = get_conditional_response(request, etag=etag, response=response)
        if isinstance(conditional, HttpResponseNotModified):
            conditional["Cache-Control"] = headers["Cache-Control"]
        return conditional or response


class FeedsView(PermissionMixin, TemplateView):
    """The user's private addresses."""

    template_name = "calendar/feeds.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        feeds = CalendarFeed.objects.filter(user=self.user.pk).order_by("-pk")
        return super().get_context_data(title=_("Subscribe to the calendar"), feeds=feeds, **kwargs)


class FeedAddView(ServiceFormView):
    """Create a private address and show it, only once."""

    form_class = FeedForm
    permission_required = "activities.view_activity"
    title = gettext_lazy("New calendar address")
    submit_label = gettext_lazy("Create the address")

    def form_valid(self, form: Any) -> HttpResponse:
        addresses: list[str] = []

        def create() -> dict[str, Any]:
            feed, secret = feed_create(user=self.user, name=form.cleaned_data["name"])
            addresses.append(feed_address(secret))
            return {"feed": feed.pk}

        once(form.cleaned_data["submission_key"], self.user, create)
        if addresses:
            return render(self.request, "calendar/feed.html", {"title": self.title, "address": addresses[0]})
        messages.warning(self.request, _("The address has already been created and is not shown again."))
        return redirect(self.request, self.get_cancel_url())

    def get_cancel_url(self) -> str:
        return reverse("calendar:feeds")


class FeedRevokeView(ActionView):
    model = CalendarFeed
    permission_required = "activities.view_activity"
    submit_label = gettext_lazy("Revoke")
    success_message = gettext_lazy("The address no longer works.")
    danger = True

    def get_queryset(self) -> QuerySet[CalendarFeed]:
        return CalendarFeed.objects.filter(user=self.user.pk)

    @property
    def question(self) -> str:
        return _("Revoke the address “%s”?") % (self.object.name or _("no name"))

    def get_effects(self) -> list[Any]:
        return [_("Calendar programs that use it no longer receive your activities.")]

    def perform(self) -> None:
        feed_revoke(feed=self.object)


class CalendarImportView(ServiceFormView):
    """Upload a calendar file; the next page previews its events."""

    form_class = CalendarFileForm
    permission_required = "activities.log_activity"
    title = gettext_lazy("Import a calendar file")
    submit_label = gettext_lazy("Preview")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            read_calendar(form.cleaned_data["file"], ZoneInfo(self.user.time_zone))
        except CalendarError as error:
            form.add_error("file", str(error))
            return self.form_invalid(form)
        token = uuid.uuid4()
        cache.set(cache_key(self.user, token), form.cleaned_data["file"], FILE_SECONDS)
        return redirect(self.request, reverse("calendar:file_preview", args=[token]))

    def get_cancel_url(self) -> str:
        return reverse("calendar:view")


def cache_key(user: Any, token: uuid.UUID | str) -> str:
    return f"calendar-file:{user.pk}:{token}"


class CalendarPreviewView(PermissionMixin, TemplateView):
    """Preview of the events of a file; POST imports the selected ones."""

    template_name = "calendar/file_import.html"
    permission_required = "activities.log_activity"
    parameters = of_form(CalendarTypesForm)

    def get_permission_object(self) -> Any:
        """Check the file first: that of another user is not found."""
        return self.text and None

    @property
    def text(self) -> str:
        text: str | None = cache.get(cache_key(self.user, self.kwargs["token"]))
        if text is None:
            raise Http404
        return text

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = CalendarTypesForm(self.request.GET or None)
        types = form.types()
        plans = self._plans(types) if types else []
        return super().get_context_data(
            title=_("Events in the file"),
            form=form,
            rows=[_preview_row(plan) for plan in plans],
            ready=sum(plan.result in WRITTEN for plan in plans),
            **kwargs,
        )

    def post(self, request: HttpRequest, token: uuid.UUID) -> HttpResponse:
        form, text = CalendarTypesForm(request.POST), self.text
        types, chosen = form.types(), request.POST.getlist("event")
        if not chosen or types is None:
            messages.error(request, _("Select the events to import."))
            return redirect(request, request.get_full_path())
        if len(chosen) > AT_ONCE or self._activities(chosen, types) > ACTIVITIES_AT_ONCE:
            return self._as_job(chosen, types)
        try:
            results = import_run(user=self.user, text=text, types=types, chosen=chosen)
        except CalendarError as error:
            messages.error(request, str(error))
            return redirect(request, request.get_full_path())
        messages.success(request, summary_of(results))
        return redirect(request, reverse("calendar:view"))

    def _plans(self, types: Types) -> list[Plan]:
        try:
            return import_plan(user=self.user, text=self.text, types=types)
        except CalendarError as error:
            messages.error(self.request, str(error))
            return []

    def _activities(self, chosen: list[str], types: Types) -> int:
        return sum(size_of(plan) for plan in self._plans(types) if key_of(plan) in chosen)

    def _as_job(self, chosen: list[str], types: Any) -> HttpResponse:
        params = {
            "token": str(self.kwargs["token"]),
            "chosen": chosen,
            "types": [types.with_customer.pk, types.without.pk],
        }
        job = job_start("calendar_import", owner=self.user, params=params, title=_("Calendar import"))
        back = reverse("calendar:view")
        return redirect(self.request, f"{reverse('core:job', args=[job.pk])}?back={back}")


def _preview_row(plan: Plan) -> dict[str, Any]:
    labels = {
        NEW: _("new"),
        CHANGED: _("changes"),
        SAME: _("already exists"),
        CANCELLED: _("cancelled"),
        REFUSED: _("not imported"),
    }
    kinds = {NEW: "ok", CHANGED: "warn", SAME: "muted", CANCELLED: "warn", REFUSED: "late"}
    return {
        "plan": plan, "event": plan.event, "key": key_of(plan), "word": labels[plan.result], "kind": kinds[plan.result],
        "reason": plan.told, "is_importable": plan.result in WRITTEN,
    }  # fmt: skip


def summary_of(results: Any) -> str:
    """Return the numbers of imported, changed, existing and refused events as text."""
    parts = [
        ngettext("%(n)d event imported", "%(n)d events imported", results[NEW]) % {"n": results[NEW]},
        ngettext("%(n)d changed", "%(n)d changed", results[CHANGED]) % {"n": results[CHANGED]}
        if results[CHANGED]
        else "",
        ngettext("%(n)d cancelled", "%(n)d cancelled", results[CANCELLED]) % {"n": results[CANCELLED]}
        if results[CANCELLED]
        else "",
        ngettext("%(n)d already existed", "%(n)d already existed", results[SAME]) % {"n": results[SAME]}
        if results[SAME]
        else "",
        ngettext("%(n)d not imported", "%(n)d not imported", results[REFUSED]) % {"n": results[REFUSED]}
        if results[REFUSED]
        else "",
    ]
    return ", ".join(part for part in parts if part) + "."
