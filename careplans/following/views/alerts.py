"""The page of alerts from care plans, and their panel on the start page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from careplans.following.alerts import ALERTS, Alert, never_done
from careplans.following.permissions import sees_everyone
from careplans.following.selectors import RELATED
from core.addresses import row_url
from core.formatting import date_text
from core.paging import counts_up_to
from core.parameters import SwitchField
from core.permissions import PermissionMixin
from core.start_panels import MOST, Content, Figure, Link, StartPanelView
from customers.models import Customer

VIEW = "carefollow.view_adherence"
#: So many rows of each kind are on the page.
SHOWN = 8


@dataclass
class Section:
    """A kind of alert on the page: how many rows, the first ones, and the list of all."""

    alert: Alert
    count: str
    url: str
    lines: list[tuple[str, str, str]]


class AlertsView(PermissionMixin, TemplateView):
    """What asks for attention among the user's customers and work; who keeps care plans may look at all."""

    permission_required = VIEW
    template_name = "carefollow/alerts.html"
    parameters = {"all": SwitchField()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_see_all = sees_everyone(self.user)
        of_all = may_see_all and self.request.GET.get("all") == "on"
        rows = {alert.kind: alert.rows() if of_all else alert.of(self.user) for alert in ALERTS.values()}
        counts = counts_up_to(rows, MOST)
        return super().get_context_data(
            title=_("Care plan alerts"),
            sections=[self._section(ALERTS[kind], found, counts[kind], of_all) for kind, found in rows.items()],
            may_see_all=may_see_all,
            of_all=of_all,
            never_done=never_done(self.user) if may_see_all else None,
            **kwargs,
        )

    @staticmethod
    def _section(alert: Alert, rows: Any, count: tuple[int, bool], of_all: bool) -> Section:
        number, more = count
        lines = [line_of(row) for row in related(rows).order_by(*alert.order)[:SHOWN]] if number else []
        return Section(alert, f"{number}+" if more else str(number), alert.url(mine=not of_all), lines)


def related(rows: Any) -> Any:
    """Read with the rows what their lines say."""
    if rows.model is Customer:
        return rows.select_related("summary__segment", "summary__owner")
    names = RELATED if hasattr(rows.model, "code") else ("customer__summary__segment", "customer__summary__owner")
    return rows.select_related(*names)


def line_of(row: Any) -> tuple[str, str, str]:
    """Return the name, the address and the details of a row."""
    if isinstance(row, Customer):
        return str(row), row_url("careplans:tab", row.pk), _about(row)
    if hasattr(row, "overdue_since"):
        return str(row.customer), row_url("careplans:tab", row.pk), f"{_about(row.customer)} · {_since(row)}"
    return f"{row.customer}: {row.name}", row.get_absolute_url(), _("missed %s") % date_text(row.last)


def _about(customer: Any) -> str:
    parts = [customer.summary.segment, customer.summary.owner or _("no owner")]
    return " · ".join(str(part) for part in parts if part)


def _since(row: Any) -> str:
    return _("since %s") % date_text(row.overdue_since)


class AlertsPanel(StartPanelView):
    """How much of each kind of alert the user has; nothing else."""

    panel = "start_care_alerts"
    permission_required = VIEW

    def get_content(self) -> Content:
        kinds = [alert for alert in ALERTS.values() if alert.kind != "overdue"]  # it has a panel of its own
        return Content(
            folded=[Figure(alert.label, alert.of(self.user), alert.url()) for alert in kinds],
            url=reverse("carefollow:alerts"),
            empty=_("Nothing of your care plans asks for attention."),
            next_step=Link(_("Care plans"), f"{reverse('careplans:list')}?mine=true"),
        )
