"""The panel of the start page about hours: this week by person."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from activities.calendar.selectors.calendar import monday, week_window
from activities.calendar.selectors.hours import ZERO, hour_sums, people_with_hours_seen_by, targets
from core import clock
from core.formatting import number_text
from core.start_panels import Cell, Content, Grid, Link, StartPanelView, cut_note

#: The people that the panel shows, and those that it looks at.
SHOWN, MOST = 10, 200


class HoursPanel(StartPanelView):
    """Hours of this week by person: who is furthest from the target first, then who has most hours without one."""

    panel = "start_hours"
    permission_required = "activities.view_activity"

    def get_content(self) -> Content:
        week = week_window(monday(clock.user_today()))
        seen = list(people_with_hours_seen_by(self.user).order_by("sort_key", "pk").distinct()[: MOST + 1])
        people = {person.pk: person for person in seen[:MOST]}
        hours = {row["user"]: row["hours"] for row in hour_sums(list(people), week, "user")}
        aims = targets(people)
        shown = [pk for pk in people if hours.get(pk) or aims.get(pk)]
        shown.sort(key=lambda pk: (pk not in aims, hours.get(pk, ZERO) - aims[pk] if pk in aims else -hours[pk]))
        rows = [_row(people[pk], hours.get(pk, ZERO), aims.get(pk)) for pk in shown[:SHOWN]]
        heads = (_("Person"), _("Hours"), _("Target"))
        return Content(
            grid=Grid(heads, rows) if rows else None,
            url=reverse("calendar:hours"),
            note=cut_note(seen, MOST),
            beside=Link(_("Team week"), reverse("calendar:team_week")),
            empty=_("Nobody has entered hours this week."),
            next_step=self.step(_("Enter hours"), "calendar:hours", "activities.log_activity"),
        )


def _row(person: User, hours: Any, target: Any) -> list[Cell]:
    url = f"{reverse('calendar:hours')}?user={person.pk}"
    is_over = target is not None and hours > target
    return [
        Cell(str(person), person.get_absolute_url()),
        Cell(number_text(hours), url, "warn" if is_over else ""),
        Cell(number_text(target) if target is not None else "–"),
    ]
