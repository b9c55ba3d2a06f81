"""What the start page shows of activities."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from activities.selectors import may_log, my_open
from activities.selectors_calendar import by_days, calendar_events, monday, week_window
from activities.views.feedback import as_panel
from crm.permissions import PermissionMixin

SHOWN = 8


class StartPanel(PermissionMixin, TemplateView):
    permission_required = "activities.view_activity"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return as_panel(self, super().render_to_response, context)


class OpenPanel(StartPanel):
    """The user's own open activities, the oldest first."""

    template_name = "activities/start/open.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [row for group in my_open(self.request.user) for row in group.rows]
        return super().get_context_data(
            title=_("My open activities"),
            rows=rows[:SHOWN],
            count=len(rows),
            may_log=may_log(self.request.user),
            **kwargs,
        )


class WeekPanel(StartPanel):
    """What the user has in the calendar this week."""

    template_name = "activities/start/week.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, first = self.request.user, monday(timezone.localdate())
        events, _is_cut = calendar_events(user, [user], week_window(first))
        days = [day for day in by_days(events, first, 7) if day.events or day.holiday]
        return super().get_context_data(title=_("This week"), days=days, **kwargs)
