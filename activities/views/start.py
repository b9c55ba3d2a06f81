"""What the start page shows of activities."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from activities.selectors import may_log, my_open
from activities.selectors_calendar import Window, by_days, calendar_events, midnight, monday
from crm import clock
from crm.panels import PanelMixin

SHOWN, COMING = 8, 15


class StartPanel(PanelMixin, TemplateView):
    permission_required = "activities.view_activity"


class OpenPanel(StartPanel):
    """The user's own open activities, the oldest first."""

    template_name = "activities/start/open.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [row for group in my_open(self.user) for row in group.rows]
        return super().get_context_data(
            title=_("My open activities"),
            rows=rows[:SHOWN],
            count=len(rows),
            may_log=may_log(self.user),
            **kwargs,
        )


class WeekPanel(StartPanel):
    """What is still to come in the user's calendar from today to the end of the week, on Fridays to the next one's."""

    template_name = "activities/start/week.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.user_today()
        last = monday(today + dt.timedelta(days=3)) + dt.timedelta(days=6)
        window = Window(midnight(today), midnight(last + dt.timedelta(days=1)))
        events = [event for event in calendar_events(self.user, [self.user], window)[0] if not event.is_done][:COMING]
        days = by_days(events, today, (last - today).days + 1)
        shown = [day for day in days if day.events or day.holiday]
        return super().get_context_data(title=_("Coming days"), days=shown, **kwargs)
