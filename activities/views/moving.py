"""Moving an activity by dragging it in the calendar."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.generic import View

from activities.forms.calendar_query import ClockField
from activities.models import Activity
from activities.services.moving import activity_move
from activities.views.pages import ActivityMixin
from crm.exceptions import BusinessRuleError
from crm.views import own_address


class MoveForm(forms.Form):
    start = ClockField()
    end = ClockField(required=False)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    @property
    def sentence(self) -> str:
        return " ".join(str(error) for found in self.errors.values() for error in found)


class MoveView(ActivityMixin, View):
    """POST start, end and version, in the body or the address (undo): JSON for a script, else back to the calendar."""

    permission_required = "activities.edit_activity"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        before: Activity = self.object
        names = ("start", "end", "version")
        form = MoveForm({name: request.POST.get(name, request.GET.get(name, "")) for name in names})
        if not form.is_valid():
            return self._refused("invalid", form.sentence, 422)
        try:
            moved = activity_move(activity=before, user=self.user, **form.cleaned_data)
        except BusinessRuleError as error:
            return self._refused(error.code, str(error), 409)
        if self._by_script:
            return JsonResponse({"version": moved.version, "message": said(moved), "undo": undo_url(before, moved)})
        messages.success(request, said(moved))
        return self._back()

    @property
    def _by_script(self) -> bool:
        return self.request.accepts("application/json") and not self.request.accepts("text/html")

    def _refused(self, code: str, message: str, status: int) -> HttpResponse:
        if self._by_script:
            return JsonResponse({"error": {"code": code, "message": message}}, status=status)
        messages.error(self.request, message)
        return self._back()

    def _back(self) -> HttpResponse:
        back = own_address(self.request, self.request.GET.get("next", ""))
        return HttpResponseRedirect(back or reverse("activities:calendar"))


def said(activity: Activity) -> str:
    local = timezone.localtime(activity.start)
    when = f"{date_format(local, 'WEEKDAY_FORMAT')} {date_format(local, 'TIME_FORMAT')}"
    return _("“%(title)s” moved to %(when)s.") % {"title": activity.title, "when": when}


def undo_url(before: Activity, moved: Activity) -> str:
    times = {"start": before.start.isoformat(), "end": before.end.isoformat() if before.end else ""}
    return f"{reverse('activities:move', args=[moved.pk])}?{urlencode(times | {'version': moved.version})}"
