"""Views that change, close and reopen an activity."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from django_htmx.http import trigger_client_event

from activities.log.enums import ActivityStatus
from activities.log.forms.activities import ActivityChangeForm
from activities.log.forms.closing import FinishForm, ReasonForm
from activities.log.models import Activity
from activities.log.selectors import needs_settlement, status_form_url
from activities.log.services.follow_ups import activity_change_with_follow_ups, follow_ups_log
from activities.log.services.status import activity_set_status, activity_status_undo
from activities.log.views.detail import ActivityMixin
from core.exceptions import BusinessRuleError
from core.views import ObjectFormView, redirect


class ActivityChangeView(ActivityMixin, ObjectFormView):
    template_name = "activities/form.html"
    form_class = ActivityChangeForm
    permission_required = "activities.edit_activity"
    title = gettext_lazy("Change activity")
    success_message = gettext_lazy("Saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user, "type": self.object.type}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(type=self.object.type, activity=self.object, **kwargs)

    def get_success_url(self) -> str:
        return _next(self.request) or super().get_success_url()

    def perform(self, form: Any) -> Activity:
        return activity_change_with_follow_ups(
            activity=self.object, user=self.user, changes=form.changes(), follow_ups=form.follow_ups.agreed
        )


class FinishView(ActivityMixin, ObjectFormView):
    """Mark an activity done with its memo or resolution, and add follow-ups."""

    form_class = FinishForm
    permission_required = "activities.edit_activity"
    title = gettext_lazy("Report and mark done")
    submit_label = gettext_lazy("Mark done")
    success_message = gettext_lazy("Marked done.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = (self.object.title, self.object.type, self.object.customer)
        intro = " · ".join(str(part) for part in parts if part)
        return super().get_context_data(intro=intro, keeps_draft=True, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        needs = needs_settlement(self.object)
        return super().get_form_kwargs() | {"user": self.user, "needs_settlement": needs}

    def get_success_url(self) -> str:
        return _next(self.request) or super().get_success_url()

    def perform(self, form: Any) -> Activity:
        activity = activity_set_status(
            activity=self.object,
            status=ActivityStatus.DONE,
            user=self.user,
            memo=form.cleaned_data["memo"],
            settlement=form.cleaned_data.get("settlement", ""),
        )
        follow_ups_log(activity=activity, user=self.user, agreed=form.follow_ups.agreed)
        return activity


class ReopenView(ActivityMixin, ObjectFormView):
    """Set an activity back to open, with the reason."""

    form_class = ReasonForm
    permission_required = "activities.edit_activity"
    success_message = gettext_lazy("The activity is open again.")

    @property
    def title(self) -> str:
        return _("Reopen “%s”") % self.object if self.object.status == ActivityStatus.DONE else _("Set to open")

    submit_label = gettext_lazy("Set to open")

    def perform(self, form: Any) -> Activity:
        return activity_set_status(
            activity=self.object,
            status=ActivityStatus.OPEN,
            user=self.user,
            reason=form.cleaned_data["reason"],
        )


class StatusView(ActivityMixin, View):
    """POST ``status`` from a button of the page or of "my open"; redirect to a form where one is required first."""

    permission_required = "activities.edit_activity"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        activity, status = self.object, request.POST.get("status", request.GET.get("status", ""))
        if status not in ActivityStatus.values:
            raise Http404
        back = _next(request) or activity.get_absolute_url()
        if form_url := status_form_url(activity, status):
            return redirect(request, f"{form_url}?{urlencode({'next': back})}")
        try:
            activity = activity_set_status(activity=activity, status=ActivityStatus(status), user=self.user)
        except BusinessRuleError as error:
            messages.error(request, str(error))
            return redirect(request, back)
        if (self.htmx.target or "").startswith("mine-"):
            return self._row_done(activity)
        messages.success(request, _("Marked done.") if status == ActivityStatus.DONE else _("Status changed."))
        return redirect(request, back)

    def _row_done(self, activity: Activity) -> HttpResponse:
        """Return the row of "my open" as done, and a toast with Undo."""
        undo = f"{reverse('activities:undo', args=[activity.pk])}?next={reverse('activities:mine')}"
        toast = {"text": _("Marked done."), "action": {"label": _("Undo"), "url": undo}}
        response = render(self.request, "activities/mine_done.html", {"activity": activity})
        return trigger_client_event(response, "toast", toast)


class UndoView(ActivityMixin, View):
    """POST: undo the user's own recent change of status."""

    permission_required = "activities.edit_activity"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            activity_status_undo(activity=self.object, user=self.user)
            messages.success(request, _("Undone."))
        except BusinessRuleError as error:
            messages.error(request, str(error))
        return redirect(request, _next(request) or self.object.get_absolute_url())


def _next(request: HttpRequest) -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""
