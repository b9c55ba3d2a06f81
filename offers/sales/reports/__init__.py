"""The sales reports: for each its words, its tables and its charts, made from the figures of the selectors.

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
            "Offers that the customer has not decided yet, by how long they have stood at their stage, today. An "
            "accepted or lost offer is not among them."
        ),
        outcomes.open_offers,
        frozenset({"first", "last"}),
    ),
    Report(
        "types",
        gettext_lazy("Totals by type"),
        gettext_lazy("Offers dated in the period and what has become of them. Hit rate: won of decided, in numbers."),
        outcomes.by_type,
    ),
    Report(
        "people",
        gettext_lazy("Totals by person"),
        gettext_lazy(
            "Offers dated in the period by their account manager, and the orders of the period against the euro "
            "targets. A target is the year's own of a whole year, else the quarters' or a part of the year's by days."
        ),
        outcomes.by_person,
    ),
    Report(
        "hit-rate",
        gettext_lazy("Hit rate"),
        gettext_lazy("Offers decided in the period: won of all decided ones, in numbers and in euros."),
        outcomes.hit_rate,
    ),
    Report(
        "decision-time",
        gettext_lazy("Time to decision"),
        gettext_lazy(
            "Days from the first sending, or the offer's date where it was not sent from here, to the decision. Half "
            "of the decisions came within the median."
        ),
        outcomes.decision_time,
    ),
    Report(
        "recurring",
        gettext_lazy("Recurring buyers"),
        gettext_lazy("Customers with two orders or more in the period. Cancelled orders do not count."),
        buyers.recurring,
    ),
    Report(
        "reasons",
        gettext_lazy("Won and lost by reason"),
        gettext_lazy("Offers decided in the period: why they were lost and to whom."),
        outcomes.reasons,
    ),
    Report(
        "segments",
        gettext_lazy("Product groups by segment"),
        gettext_lazy(
            "Orders of the period by the product groups at the top of the register and the customers' present "
            "segment. Euros without VAT."
        ),
        buyers.segments,
    ),
)
REPORTS: dict[str, Report] = {report.name: report for report in _ALL}
