"""The sales reports, each with its texts and the function that makes its tables and charts.

Screen, export and API show the same tables.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from offers.sales.reports import buyers, outcomes
from offers.sales.reports.tables import Report

_ALL = (
    Report(
        "open",
        gettext_lazy("Open offers"),
        gettext_lazy(
            "Offers that await the customer's decision today, by the days at their current stage. Accepted and lost "
            "offers are not included."
        ),
        outcomes.open_offers,
        frozenset({"first", "last"}),
    ),
    Report(
        "types",
        gettext_lazy("Totals by type"),
        gettext_lazy(
            "Offers dated in the period and their outcomes. Hit rate: the share of decided offers that were won, by "
            "number."
        ),
        outcomes.by_type,
    ),
    Report(
        "people",
        gettext_lazy("Totals by person"),
        gettext_lazy(
            "Offers dated in the period by account manager, and the orders of the period against the euro targets. "
            "For a whole year the target is the yearly one; otherwise it is the sum of the quarterly targets or a "
            "share of the yearly one by days."
        ),
        outcomes.by_person,
    ),
    Report(
        "hit-rate",
        gettext_lazy("Hit rate"),
        gettext_lazy("Offers decided in the period: the share that was won, by number and by value."),
        outcomes.hit_rate,
    ),
    Report(
        "decision-time",
        gettext_lazy("Time to decision"),
        gettext_lazy(
            "Days from the first sending, or from the offer date if the offer was not sent from this system, to the "
            "decision. Half of the decisions were made within the median."
        ),
        outcomes.decision_time,
    ),
    Report(
        "recurring",
        gettext_lazy("Recurring buyers"),
        gettext_lazy("Customers with two or more orders in the period. Cancelled orders are not counted."),
        buyers.recurring,
    ),
    Report(
        "reasons",
        gettext_lazy("Won and lost by reason"),
        gettext_lazy("Offers decided in the period: why they were lost, and to which competitors."),
        outcomes.reasons,
    ),
    Report(
        "segments",
        gettext_lazy("Product groups by segment"),
        gettext_lazy(
            "Orders of the period by top-level product group and the customer's current segment. Euros without VAT."
        ),
        buyers.segments,
    ),
)
REPORTS: dict[str, Report] = {report.name: report for report in _ALL}
