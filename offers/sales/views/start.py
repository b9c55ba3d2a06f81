"""Panels of the start page about sales: key customers side by side, pipeline and forecast, targets by person."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from activities.feedback.selectors import FEEDBACK_TABS
from activities.log.models import Activity
from core import clock
from core.formatting import date_text, number_text
from core.start_panels import Cell, Content, Grid, StartPanelView
from customers.models import CustomerSummary
from offers.sales.selectors.overview import pipeline_overview, targets_overview
from offers.sales.selectors.pipeline import COLUMNS, Sums, month_after
from offers.sales.selectors.targets import Period, Progress, people_with_targets
from offers.sales.views.pipeline import EVERYONE
from segmentation.schemes.models import Segment

KEY_CUSTOMERS, PEOPLE = 10, 20
_DAY = dt.timedelta(days=1)
CLASSIFY = "customers.classify_customer"


def _euros(value: Any) -> str:
    return f"{number_text(value, 0)} €"


class KeyCustomersPanel(StartPanelView):
    """Key customers, those in segments that need approval, side by side, those that order most first.

    Every figure leads to what is in it.
    """

    panel = "start_key_customers"
    permission_required = "offers.view_offer"

    def get_content(self) -> Content:
        segments = list(Segment.objects.primary().in_use().filter(needs_approval=True).values_list("pk", flat=True))
        largest = (
            CustomerSummary.objects.filter(segment__in=segments, customer__state="active")
            .select_related("customer")
            .order_by("-ordered_12_months", "customer")
        )
        shown = list(largest[:KEY_CUSTOMERS]) if segments else []
        waiting = _waiting_feedback(self.user, shown)
        heads = (
            _("Customer"), _("Last contact"), _("Next contact"), _("Open activities"), _("Open offers"),
            _("Orders, 12 months"), _("Feedback to answer"),
        )  # fmt: skip
        rows = [_customer_row(summary, waiting.get(summary.pk, 0)) for summary in shown]
        return Content(
            grid=Grid(heads, rows) if rows else None,
            url=_list("customers:list", *(("segment", pk) for pk in segments)) if segments else "",
            empty=_("No customer is in the segment of key customers."),
            next_step=self.step(
                _("Customers without a segment"),
                "customers:list",
                "customers.classify_customer",
                query="no_segment=true",
            ),
        )


def _list(url_name: str, *query: tuple[str, Any]) -> str:
    return f"{reverse(url_name)}?{urlencode(query)}"


def _waiting_feedback(user: Any, summaries: list[CustomerSummary]) -> dict[int, int]:
    """Return the number of feedback that waits for an answer by customer, in one query."""
    waiting = Activity.objects.visible_to(user).filter(FEEDBACK_TABS["waiting"](user), feedback__isnull=False)
    counts = waiting.filter(customer__in=[summary.pk for summary in summaries]).order_by().values_list("customer")
    return dict(counts.annotate(count=Count("pk")))


def _customer_row(summary: CustomerSummary, waiting: int) -> list[Cell]:
    customer = summary.customer
    of_customer = reverse("activities:customer_tab", args=[customer.pk])
    offers = _list("offers:list", ("tab", "open"), ("customer", customer.pk))
    money = f"{summary.open_offers} · {_euros(summary.open_offers_net)}" if summary.open_offers else "–"
    return [
        Cell(customer.name, customer.get_absolute_url()),
        Cell(_day(summary.last_contact_at), tone="" if summary.last_contact_at else "warn"),
        Cell(_day(summary.next_contact_at), tone="" if summary.next_contact_at else "warn"),
        Cell(summary.open_activities, f"{of_customer}?status=open&status=in_progress"),
        Cell(money, offers if summary.open_offers else ""),
        Cell(_euros(summary.ordered_12_months), reverse("orders:customer_tab", args=[customer.pk])),
        Cell(waiting, _list("feedback:list", ("tab", "waiting"), ("customer", customer.pk)) if waiting else ""),
    ]


def _day(moment: Any) -> str:
    return date_text(moment) if moment else pgettext("contact", "none")


class PipelinePanel(StartPanelView):
    """Open leads and offers by stage with their value, and what is expected in the coming months.

    The sums are computed every few minutes; the panel says when.
    """

    panel = "start_pipeline"
    permission_required = "offers.view_offer"

    def get_content(self) -> Content:
        overview = pipeline_overview()
        heads = (_("Stage"), pgettext("count", "Number"), _("Value"))
        rows = [_stage_row(name, sums) for name, sums in overview.stages]
        rows += [_month_row(month, sums) for month, sums in overview.months]
        note = _("Expected: value weighted by probability. As of %(time)s.") % {
            "time": date_format(localtime(overview.at), "TIME_FORMAT")
        }
        return Content(grid=Grid(heads, rows), url=_board_url(), note=note)


def _board_url() -> str:
    """Return the board with everyone's cards, which are those of the sums."""
    return _list("sales:pipeline", ("tab", EVERYONE))


def _stage_row(name: str, sums: Sums) -> list[Cell]:
    label, url = COLUMNS[name][0], _board_url()
    return [Cell(label, url), Cell(number_text(sums.count), url), Cell(_euros(sums.net))]


def _month_row(month: dt.date, sums: Sums) -> list[Cell]:
    first = max(month, clock.today())
    days = [("expected_from", first), ("expected_to", month_after(month, 1) - _DAY)]
    url = _list("sales:pipeline_table", *days)
    label = _("Expected in %(month)s") % {"month": date_format(month, "YEAR_MONTH_FORMAT")}
    return [Cell(label, url), Cell(number_text(sums.count), url), Cell(_euros(sums.weighted))]


class TargetsByPersonPanel(StartPanelView):
    """The year's targets of each person that the user follows, in per cent; who is behind schedule is marked."""

    panel = "start_targets"
    permission_required = "sales.view_targets"

    def get_content(self) -> Content:
        period = Period.of(clock.today())
        progress = targets_overview()
        people = [person for person in people_with_targets(self.user, period) if person.pk in progress][:PEOPLE]
        heads = [_("Person"), *(str(row.label).capitalize() for row in progress[people[0].pk])] if people else []
        return Content(
            grid=Grid(heads, [_person_row(person, progress[person.pk]) for person in people]) if people else None,
            url=reverse("sales:targets"),
            empty=_("Nobody has targets for this year yet."),
            next_step=self.step(_("Set targets"), "sales:targets", "sales.set_targets", query="all=on"),
            note=_("Expected by today: %(percent)d %%.") % {"percent": period.passed * 100} if people else "",
        )


def _person_row(person: User, rows: list[Progress]) -> list[Cell]:
    return [Cell(str(person), person.get_absolute_url()), *(_target_cell(row) for row in rows)]


def _target_cell(row: Progress) -> Cell:
    if row.percent is None:
        return Cell("–")
    return Cell(f"{row.percent} %", tone="warn" if row.state == "behind" else "")
