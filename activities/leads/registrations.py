"""The navigation, panel, notifications and activity type of leads."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from activities.leads.api import LeadDetailsSerializer
from activities.leads.bulk import AssignOperation, ClaimOperation, CloseOperation, ExportLeads
from activities.leads.enums import LEAD
from activities.leads.forms import LeadDetailsForm
from activities.leads.metrics import METRIC_SOURCES, METRICS  # noqa: F401 - declared
from activities.leads.models import Lead, LeadCloseReason, LeadSource, LeadSourceReference
from activities.leads.selectors import offered_to
from activities.leads.services import OPEN_STATES, lead_check_open, lead_fill
from activities.leads.start import own_links
from activities.leads.steps import LEAD_STEPS, lead_steps
from activities.log.plugs import GoingOn, TypeDetails
from core.choice_lists import ChoiceList
from core.registry import Command, NavItem, NotificationKind, Panel

VIEW = "activities.view_activity"
CONDITION_REFERENCES = (LeadSourceReference,)


NAV = (
    NavItem(
        name="leads",
        label=gettext_lazy("Leads"),
        url_name="leads:list",
        permission=VIEW,
        icon="bulb",
        section="sales",
        order=42,
        count=offered_to,
        count_query="tab=offered",
        count_label=gettext_lazy("offered to me"),
    ),
)

COMMANDS = tuple(Command.opening(item) for item in NAV)

PANELS = (
    Panel(
        place="start",
        name="start_leads",
        label=gettext_lazy("Leads offered to me"),
        url_name="leads:start_leads",
        permission=VIEW,
        order=45,
    ),
    Panel(
        place="start",
        name="start_unassigned",
        label=gettext_lazy("Unassigned leads"),
        url_name="leads:start_unassigned",
        permission=VIEW,
        order=46,
    ),
    Panel(
        place="activity",
        name="lead_panel",
        label=pgettext_lazy("panel", "Lead"),
        url_name="leads:panel",
        permission="leads.show_lead",
        order=5,
    ),
)

NOTIFICATIONS = (
    NotificationKind(
        name="lead_offered",
        label=gettext_lazy("Leads offered to me"),
        text=lambda data: _("%(user)s offers you a lead: %(title)s (%(customer)s)") % data,
        icon="bulb",
        by_email=True,
        order=50,
    ),
    NotificationKind(
        name="lead_given",
        label=gettext_lazy("Leads assigned to me"),
        text=lambda data: _("%(user)s assigned you a lead: %(title)s (%(customer)s)") % data,
        icon="bulb",
        by_email=True,
        order=50,
    ),
    NotificationKind(
        name="lead_returned",
        label=gettext_lazy("Returned leads"),
        text=lambda data: _("%(user)s returned a lead: %(title)s (%(customer)s). %(reason)s") % data,
        icon="bulb",
        order=50,
    ),
    NotificationKind(
        name="lead_customer",
        label=gettext_lazy("Leads that became potential customers"),
        text=lambda data: _("%(customer)s became a potential customer: choose its segment.") % data,
        icon="bulb",
        order=50,
    ),
)

BULK_OPERATIONS = (ClaimOperation(), AssignOperation(), CloseOperation(), ExportLeads())
INLINE = (LEAD_STEPS,)
CHOICE_LISTS = (ChoiceList("lead-sources", LeadSource), ChoiceList("lead-close-reasons", LeadCloseReason))
TYPE_DETAILS = (
    TypeDetails(
        code=LEAD,
        label=gettext_lazy("lead"),
        heading=gettext_lazy("Lead"),
        model=Lead,
        form=LeadDetailsForm,
        serializer=LeadDetailsSerializer,
        related=("lead",),
        fill=lead_fill,
        check=lead_check_open,
        steps=lead_steps,
        going_on=GoingOn(name="leads", condition=Q(lead__state__in=OPEN_STATES)),
        is_incoming=True,
        has_own_status=True,
        own_links=own_links,
        own_related=("lead",),
    ),
)
