"""The list of stale activities, and closing many of them with one explanation."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from activities.log.filters import STALE_AFTER, StaleFilter
from activities.log.forms.closing import CloseManyForm
from activities.log.jobs import closing_text, start_closing
from activities.log.models import Activity
from activities.log.services.overdue import Closing, activities_close, activities_close_undo
from activities.log.tables import STALE_TABLE
from core.actions import Action
from core.bulk import BulkFormView, selected_ids
from core.exceptions import BusinessRuleError
from core.list_views import FilteredListView
from core.permissions import PermissionMixin
from core.views import redirect

AT_ONCE = 2_000
MAX_ROWS = 50_000
NAMED = 3


def stale(user: Any) -> QuerySet[Any]:
    return Activity.objects.visible_to(user).open_longer_than(STALE_AFTER)


class StaleView(FilteredListView):
    """Stale activities, oldest first, also those that the user may not close."""

    model = Activity
    filterset_class = StaleFilter
    table = STALE_TABLE
    title = gettext_lazy("Overdue over 2 weeks")
    permission_required = "activities.view_activity"
    bulk_actions = (
        Action(
            gettext_lazy("Close with an explanation"),
            "activities:close_many",
            name="close",
            icon="check",
            dialog=True,
            rule="activities.log_activity",
        ),
    )
    empty = {
        "title": gettext_lazy("Nothing is overdue."),
        "text": gettext_lazy("Activities that are more than two weeks overdue are listed here."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return stale(self.user).with_names()  # type: ignore[attr-defined]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(bulk_all=True, **kwargs)

    def get_secondary_actions(self) -> list[Action]:
        mine = f"participant={self.user.pk}"
        return [Action(_("Only mine"), "activities:stale", icon="user-check", query=mine)]


class CloseManyView(BulkFormView):
    """Close the selected activities with an explanation; more than 2,000 are closed by a job."""

    form_class = CloseManyForm
    confirm_field, max_rows = "reason", MAX_ROWS
    permission_required = "activities.log_activity"

    @cached_property
    def ids(self) -> list[int]:
        if not self.is_all:
            return selected_ids(self.request, self.max_rows)
        found = StaleFilter(self.query, queryset=stale(self.user), request=self.request).qs
        return list(found.order_by("start", "pk").values_list("pk", flat=True)[: self.max_rows])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, count = super().get_context_data(**kwargs), len(self.ids)
        text = ngettext("Close %(count)d activity", "Close %(count)d activities", count)
        return context | {
            "title": text % {"count": count},
            "text": _(
                "Unresolved negative feedback, leads in progress and activities that you may not change stay open."
            ),
            "submit_label": _("Close"),
        }

    def get_cancel_url(self) -> str:
        return reverse("activities:stale")

    def perform(self, form: CloseManyForm) -> Any:
        reason = form.cleaned_data["reason"]
        if len(self.ids) > AT_ONCE:
            return start_closing(user=self.user, ids=self.ids, reason=reason)
        result = activities_close(user=self.user, ids=self.ids, reason=reason)
        messages.success(self.request, closing_toast(self.request, result))
        return result

    def get_success_url(self) -> str:
        is_done = isinstance(self.done, Closing)
        return self.get_cancel_url() if is_done else reverse("core:job", args=[self.done.pk])


def closing_toast(request: HttpRequest, result: Closing) -> str:
    """Return the result as HTML: how many were closed, links to some left open, a button Undo."""
    left = Activity.objects.filter(pk__in=result.left_open[:NAMED])
    context = {"text": closing_text(result), "closing": result, "left": left, "token": get_token(request)}
    return render_to_string("activities/overdue_toast.html", context)


class CloseUndoView(PermissionMixin, View):
    """POST ``at``: reopen the activities that the user closed together at that time."""

    permission_required = "activities.log_activity"

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            count = activities_close_undo(user=self.user, at=_closing_time(request.POST.get("at", "")))
            text = ngettext("%(count)d activity is open again.", "%(count)d activities are open again.", count)
            messages.success(request, text % {"count": count})
        except BusinessRuleError as error:
            messages.error(request, str(error))
        return redirect(request, reverse("activities:stale"))


def _closing_time(text: str) -> dt.datetime:
    """Return the time in ``text``, or the year 1900 where it is invalid."""
    try:
        time = parse_datetime(text)
    except ValueError:
        time = None
    return time if time and time.tzinfo else dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
