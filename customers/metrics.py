"""Metrics of customers' own data: size and its change, framework agreement, contact persons."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.metrics import Metric, MetricSource, Missing, Section, Unit

UNKNOWN: dict[str, Any] = {"section": Section.SIZE, "missing": Missing.UNKNOWN}
METRIC_SOURCES = (
    MetricSource(
        name="customer",
        label=_("The customer's own data"),
        rows="customers_customer c LEFT JOIN customers_customersummary s ON s.customer_id = c.id "
        "LEFT JOIN customers_classificationnode z ON z.id = s.size_id",
        customer="c.id",
        is_single=True,
    ),
    MetricSource(
        name="agreements",
        label=_("The classification of framework agreements"),
        rows="customers_customerclassification k JOIN customers_classificationnode n ON n.id = k.node_id "
        "JOIN customers_classificationbranch b ON b.id = n.branch_id",
        customer="k.customer_id",
        where="b.code = 'framework_agreement'",
    ),
    MetricSource(
        name="positions",
        label=_("Contact persons who work for the customer"),
        rows="customers_position p JOIN customers_contact h ON h.id = p.contact_id AND NOT h.is_hidden "
        "LEFT JOIN customers_classificationnode r ON r.id = p.role_id",
        customer="p.customer_id",
        where='(p.start IS NULL OR p.start <= %(day)s) AND (p."end" IS NULL OR p."end" >= %(day)s)',
    ),
)
METRICS = (
    Metric(
        code="personnel", label=_("Personnel"), definition=_("Employees, as entered on the customer's page."),
        source="customer", sql="c.personnel", unit=Unit.PERSONS, order=10, is_needed=True, is_asked=False,
        **UNKNOWN,
    ),
    Metric(
        code="personnel_at_least", label=_("Personnel or size class"),
        definition=_("Employees; where the number is not known, the lower limit of the size class."),
        source="customer", sql="coalesce(c.personnel, z.lower)", unit=Unit.PERSONS, order=11, **UNKNOWN,
    ),
    Metric(
        code="personnel_change", label=_("Change in personnel"), definition=_("Employees per year, + or −."),
        source="customer", sql="c.personnel_change", unit=Unit.PERSONS, order=12, **UNKNOWN,
    ),
    Metric(
        code="personnel_change_percent", label=_("Change in personnel, %"),
        definition=_("Change in personnel ÷ the personnel a year before, per cent."), source="customer",
        sql="c.personnel_change * 100.0 / nullif(c.personnel - c.personnel_change, 0)", unit=Unit.PERCENT, order=13,
        **UNKNOWN,
    ),
    Metric(
        code="turnover", label=_("Turnover"), definition=_("Euros per year, as entered on the customer's page."),
        source="customer", sql="c.turnover", unit=Unit.EUROS, order=14, is_asked=False,
        **UNKNOWN,
    ),
    Metric(
        code="company_age", label=_("Age of the organisation"),
        definition=_("Years from the year in which the organisation was founded."), source="customer",
        sql="extract(year FROM %(day)s) - c.founded", unit=Unit.YEARS, order=15, **UNKNOWN,
    ),
    Metric(
        code="framework_agreement", label=_("Framework agreement"),
        definition=_("Yes, if the customer has the class of a framework agreement in force."), source="agreements",
        sql="bool_or(n.code = 'in_force')", unit=Unit.YES, section=Section.RELATION, order=20,
    ),
    Metric(
        code="contacts_known", label=_("Contact persons known"),
        definition=_("How many contact persons work for the customer on the day."), source="positions",
        sql="count(DISTINCT p.contact_id)", section=Section.RELATION, order=30,
    ),
    Metric(
        code="decision_maker_known", label=_("Decision maker known"),
        definition=_("Yes, if a contact person who works for the customer has the role of a decision maker."),
        source="positions", sql="coalesce(bool_or(r.code = 'decision_maker'), false)", unit=Unit.YES,
        section=Section.RELATION, order=31, is_asked=False,
    ),
)  # fmt: skip
