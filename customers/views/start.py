"""Panels of the start page about customers: those waiting for contact, and faults of their data."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.start_panels import SHOWN, Content, Figure, Line, Link, StartPanelView
from core.templatetags.portaali import ago
from customers.models import Customer, CustomerSummary


class WaitingPanel(StartPanelView):
    """The user's customers that wait for contact: those of the segment with the shortest time first, then the longest
    wait."""

    panel = "start_waiting"
    permission_required = "customers.view_customer"

    def get_content(self) -> Content:
        url = f"{reverse('customers:list')}?waiting=true&sort=last_contact"
        waiting = Customer.objects.visible_to(self.user).waiting_for_contact(self.user)
        first = ("summary__segment__contact_days", F("summary__last_contact_at").asc(nulls_first=True), "pk")
        longest = waiting.select_related("summary__segment", "municipality").order_by(*first)
        may_log = self.user.has_perm("activities.log_activity")
        return Content(
            total=Figure("", waiting, url),
            url=url,
            lines=[_waiting_line(customer, may_log) for customer in longest[:SHOWN]],
            empty=_("All your customers have been contacted in time."),
            next_step=Link(_("My customers"), f"{reverse('customers:list')}?mine=true"),
            note=_("No contact within the segment's time and none planned."),
        )


def _waiting_line(customer: Any, may_log: bool) -> Line:
    summary = customer.summary
    plan_url = reverse("activities:create", query={"customer": customer.pk})
    plan = Link(pgettext("button", "Plan"), plan_url, "calendar-plus", dialog=True)
    return Line(
        customer.name,
        customer.get_absolute_url(),
        detail=" · ".join(str(part) for part in (summary.segment, customer.municipality) if part),
        fact=ago(summary.last_contact_at) if summary.last_contact_at else pgettext("contact", "never contacted"),
        links=[plan] if may_log else [],
    )


class FaultsPanel(StartPanelView):
    """Active customers with a fault in their data: no owner, group or segment, never contacted."""

    panel = "start_faults"
    permission_required = "customers.view_customer"

    def get_content(self) -> Content:
        customers = Customer.objects.visible_to(self.user).active()
        url = reverse("customers:list")
        faults = (
            (_("without an owner"), "no_owner", "owner", "late"),
            (_("without a group"), "no_group", "group", "warn"),
            (_("without a segment"), "no_segment", "segment", "warn"),
            (_("never contacted"), "never_contacted", "last_contact_at", ""),
        )
        figures = []
        for label, name, empty, tone in faults:
            ids = CustomerSummary.objects.filter(**{f"{empty}__isnull": True}).values("customer")
            figures.append(Figure(label, customers.filter(pk__in=ids), f"{url}?{name}=true", tone))
        return Content(figures=figures)
