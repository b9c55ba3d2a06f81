"""Panels of the start page about activities: the user's own work, and the load of the team."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import User
from activities.log.models import Participation
from activities.log.selectors import may_log, midnight, mine_rows, own_due_within
from core import clock
from core.paging import counts_up_to
from core.start_panels import Cell, Content, Figure, Grid, StartPanelView, cut_note
from customers.querysets import of_active

SHOWN = 6
#: The people and the activities of each that the panel of the team counts.
PEOPLE, MOST = 12, 500
#: What is due in so many days is the load of today; what plans ask for in coming months is not.
LOAD_DAYS = 7
LOAD_NOTE = gettext_lazy("Open are the activities that are late or due within 7 days.")


def _due_url(name: str) -> str:
    return reverse("activities:list", query={"my_due": name})


class OpenPanel(StartPanelView):
    """The user's work: due today, overdue this week, and what is older in one line each."""

    panel = "start_open"
    template_name = "activities/start/open.html"
    permission_required = "activities.view_activity"

    def get_content(self) -> Content:
        return Content(
            total=Figure("", self._due("until_today"), _due_url("until_today")),
            url=reverse("activities:mine"),
            folded=[
                Figure(_("overdue by a week to a month"), self._due("month"), _due_url("month")),
                Figure(_("overdue by more than a month: go through them"), self._due("older"), _due_url("older")),
            ],
            extra={"groups": self._groups(), "may_log": may_log(self.user)},
        )

    def _due(self, name: str) -> Any:
        return own_due_within(self.user, name)

    def _groups(self) -> list[dict[str, Any]]:
        """Return the groups with their first rows, each with the address of all its rows."""
        labels = (("today", pgettext("start", "Today")), ("week", _("Overdue this week")))
        groups = []
        for name, label in labels:
            rows = mine_rows(self.user, self._due(name).order_by("due_at", "pk"), SHOWN + 1)
            more = _due_url(name) if len(rows) > SHOWN else ""
            groups.append({"name": name, "label": label, "rows": rows[:SHOWN], "more_url": more})
        return groups


class TeamLoadPanel(StartPanelView):
    """Open and overdue activities of the people that the user leads; for readers of reports, of those who sell."""

    panel = "start_team"
    permission_required = "activities.view_activity"

    def get_content(self) -> Content:
        led = list(people_led_by(self.user)[: PEOPLE + 1])
        people = led[:PEOPLE]
        counts = counts_up_to({name: rows for person in people for name, rows in _load(person)}, MOST)
        heads = (_("Person"), _("Open, 7 days"), _("Overdue"))
        rows = [self._row(person, counts) for person in people]
        grid = Grid(heads, rows) if rows else None
        step = self.step(_("Teams"), "accounts:teams", "accounts.manage_users")
        note = " ".join(filter(None, (str(LOAD_NOTE) if rows else "", cut_note(led, PEOPLE))))
        return Content(grid=grid, note=note, empty=_("You do not lead a team yet."), next_step=step)

    def _row(self, person: User, counts: dict[str, tuple[int, bool]]) -> list[Cell]:
        cells = [Cell(str(person), person.get_absolute_url())]
        queries = (
            ("open", [("participant", person.pk), ("open_by", (_load_end() - dt.timedelta(days=1)).isoformat())]),
            ("late", [("participant", person.pk), ("overdue", "true")]),
        )
        for name, query in queries:
            count, more = counts[f"{name} {person.pk}"]
            url = f"{reverse('activities:list')}?{urlencode(query)}"
            cells.append(Cell(f"{count}+" if more else count, url, "warn" if name == "late" and count else ""))
        return cells


def people_led_by(user: Any) -> Any:
    """Return the active people that the user leads: staff and members of the user's teams.

    For readers of reports who lead nobody, those who own customers or write offers.
    """
    led = User.objects.active().filter(memberships__team__in=user.teams.values("pk")) | User.objects.active().filter(
        manager=user
    )
    led = led.exclude(pk=user.pk).distinct().order_by("sort_key", "pk")
    if user.has_perm("accounts.view_reports") and not led.exists():
        sells = {
            "groups__permissions__codename": "change_own_customer",
            "groups__permissions__content_type__app_label": "customers",
        }
        return User.objects.active().filter(**sells).distinct().order_by("sort_key", "pk")
    return led


def _load_end() -> dt.date:
    """Return the first day of which the work is not counted yet."""
    return clock.user_today() + dt.timedelta(days=LOAD_DAYS + 1)


def _load(person: User) -> list[tuple[str, Any]]:
    """Return the load and the overdue activities of a person, as the lists that the figures open show them."""
    due = Participation.objects.filter(user=person, due_at__lt=midnight(_load_end()))
    unfinished = due.filter(of_active("activity__customer"))
    late = unfinished.filter(due_at__lt=clock.now())
    return [(f"open {person.pk}", unfinished), (f"late {person.pk}", late)]
