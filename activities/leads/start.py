"""Panels of the start page about leads: those offered to the user, and those that nobody has claimed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from activities.leads.acting import mark_leads
from activities.leads.enums import LEAD_TRANSITIONS, LeadState
from activities.leads.models import Lead
from activities.leads.selectors import offered_to, unassigned
from activities.log.models import Activity
from activities.log.selectors import may_log
from core.start_panels import SHOWN, Content, Figure, Line, Link, StartPanelView


def own_links(user: Any, activity: Activity) -> list[Link]:
    """Return what a participant can do with a lead now: claim it, or close it with a reason. Costs no queries."""
    if not may_log(user):
        return []
    following = LEAD_TRANSITIONS[LeadState(activity.lead.state)]
    links = {
        LeadState.CLAIMED: Link(_("Claim"), reverse("leads:take", args=[activity.pk]), "user-check", dialog=True),
        LeadState.CLOSED: Link(_("Close with a reason…"), reverse("leads:close", args=[activity.pk]), dialog=True),
    }
    return [link for state, link in links.items() if state in following]


class LeadsPanel(StartPanelView):
    """Leads by the day on which somebody should have claimed them, the first first."""

    permission_required = "activities.view_activity"
    tab = ""

    def leads(self) -> QuerySet[Lead]:
        raise NotImplementedError

    def get_content(self) -> Content:
        url = f"{reverse('leads:list')}?tab={self.tab}"
        leads = list(self.leads().select_related("activity__customer").order_by("take_by", "activity")[:SHOWN])
        for lead in leads:
            lead.activity.lead = lead
        mark_leads(self.user, [lead.activity for lead in leads])
        return Content(total=Figure("", self.leads(), url), url=url, lines=[self._line(lead) for lead in leads])

    def _line(self, lead: Lead) -> Line:
        activity = lead.activity
        claim = Link(_("Claim"), reverse("leads:take", args=[activity.pk]), "user-check", dialog=True)
        return Line(
            activity.title,
            activity.get_absolute_url(),
            detail=" · ".join(str(part) for part in (activity.customer, lead.need) if part),
            fact=pgettext("lead", "late") if lead.is_late else "",
            at=lead.take_by,
            tone="late" if activity.may_act else "",
            links=[claim] if may_log(self.user) else [],
        )


class OfferedLeadsPanel(LeadsPanel):
    panel, tab = "start_leads", "offered"

    def leads(self) -> QuerySet[Lead]:
        return offered_to(self.user)

    def get_content(self) -> Content:
        content = super().get_content()
        content.empty = _("No lead is offered to you.")
        content.next_step = Link(_("Unassigned leads"), f"{reverse('leads:list')}?tab=untaken")
        return content


class UnassignedLeadsPanel(LeadsPanel):
    panel, tab = "start_unassigned", "untaken"

    def leads(self) -> QuerySet[Lead]:
        return unassigned(self.user)

    def get_content(self) -> Content:
        content = super().get_content()
        content.empty = _("All leads have been claimed.")
        if may_log(self.user):
            log = f"{reverse('activities:create')}?type=lead"
            content.next_step = Link(_("Log a lead"), log, dialog=True)
        return content
