"""The metric of received messages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.metrics import AT_12, Metric, MetricSource, Section

METRIC_SOURCES = (
    MetricSource(
        name="received_mail",
        label=_("E-mails received from the customer"),
        rows="activities_activity a JOIN activities_activitytype t ON t.id = a.type_id AND t.details = 'email' "
        "JOIN mail_emailmessage m ON m.activity_id = a.id AND m.direction = 'in'",
        customer="a.customer_id",
        where=f"a.start < %(day_end)s AND {AT_12.format('a.start')}",
    ),
)
METRICS = (
    Metric(
        code="enquiries_12",
        label=_("Enquiries in 12 months"),
        definition=_("E-mails that the customer has sent to us in the last 12 months."),
        source="received_mail",
        sql="count(*)",
        section=Section.CONTACT,
        order=40,
    ),
)
