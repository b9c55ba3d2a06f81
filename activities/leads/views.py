"""Pages of leads: the list, the panel, and the dialogs that claim, assign, return, close and convert a lead."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.generic import TemplateView

from activities.leads.acting import mark_leads
from activities.leads.enums import LEAD_TRANSITIONS, LeadState
from activities.leads.filters import LeadFilter
from activities.leads.forms import AssignForm, CloseForm, ReturnForm, ToCustomerForm
from activities.leads.models import LeadSource
from activities.leads.selectors import LEAD_TABS, leads_for, offered_to, unassigned
from activities.leads.services import Conversion, lead_set_state, lead_to_customer
from activities.leads.tables import LEAD_TABLE
from activities.log.enums import FollowKind
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from core.actions import Action
from core.grouping import Grouping, by_month, rows_of
from core.list_views import TabbedListView
from core.permissions import allowed
from core.tabs import PanelMixin
from core.views import ActionView, ObjectFormView, ReturnMixin, VisibleObjectMixin
from customers.groupings import by_user


class LeadListView(TabbedListView):
    model = Activity
    filterset_class = LeadFilter
    table = LEAD_TABLE
    title = gettext_lazy("Leads")
    inline_place = "lead"
    bulk_place = "leads"
    groupings = (
        by_user(
            "lead__taken_by",
            "taken_by",
            gettext_lazy("Claimed by"),
            empty="unclaimed",
            empty_text=gettext_lazy("Claimed by nobody"),
        ),
        Grouping(
            "source",
            gettext_lazy("Source"),
            "lead__source",
            "source",
            rows_of(LeadSource.objects.all),
            empty="no_source",
            empty_text=gettext_lazy("No source"),
        ),
        by_month("start", "start", gettext_lazy("Month")),
    )
    empty = {
        "title": gettext_lazy("No leads here."),
        "text": gettext_lazy(
            "Log a lead when someone needs something: it waits here until an account manager claims it."
        ),
    }
    permission_required = "activities.view_activity"
    main_filters = ("late", "source", "taken_by", "value_from", "state", "customer_state")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        mark_leads(self.user, rows)
        return rows

    primary_action = Action(
        gettext_lazy("Log a lead"),
        "activities:create",
        query="type=lead",
        dialog=True,
        rule="activities.log_activity",
    )
    tab_sorts: ClassVar[dict[str, str]] = {"all": "-start"}
    list_tabs: ClassVar[dict[str, Any]] = {
        "untaken": gettext_lazy("Unassigned"),
        "mine": pgettext_lazy("leads", "Mine"),
        "offered": gettext_lazy("Offered to me"),
        "taken": gettext_lazy("Claimed"),
        "all": gettext_lazy("All"),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return leads_for(self.user).filter(LEAD_TABS[self.tab](self.user))

    def tab_rows(self) -> dict[str, QuerySet[Any]]:
        return {"untaken": unassigned(self.user), "offered": offered_to(self.user)}


class LeadMixin(VisibleObjectMixin):
    """A page about one lead; other activities return 404."""

    model = Activity
    permission_required = "leads.handle_lead"

    def get_queryset(self) -> QuerySet[Any]:
        return leads_for(self.user)


class UnassignedMixin:
    """A step of a lead that nobody had: its undo leaves it unassigned again."""

    object: Any
    was_unassigned = False

    def remember(self) -> None:
        lead = self.object.lead
        self.was_unassigned = lead.state == LeadState.UNASSIGNED and lead.offered_to_id is None

    def may_undo(self) -> bool:
        return self.was_unassigned

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"reason": [_("Undone")]}


class LeadPanel(PanelMixin, LeadMixin, TemplateView):
    """The lead's details, its state and the actions that may follow."""

    template_name = "leads/panel.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity, user = self.object, self.user
        mark_leads(user, [activity])
        return super().get_context_data(
            title=pgettext("panel", "Lead"),
            activity=activity,
            lead=activity.lead,
            may_handle=allowed(user, "leads.handle_lead", activity),
            next_states=LEAD_TRANSITIONS[LeadState(activity.lead.state)],
            **kwargs,
        )


class ClaimView(UnassignedMixin, LeadMixin, ActionView):
    """Claim a lead."""

    opposite = "leads:return"
    permission_required = "leads.take_lead"
    question = gettext_lazy("Claim this lead?")
    submit_label = gettext_lazy("Claim")
    success_message = gettext_lazy("The lead is yours.")

    def perform(self) -> None:
        self.remember()
        lead_set_state(activity=self.object, state=LeadState.CLAIMED, user=self.user)


class LeadFormView(ReturnMixin, LeadMixin, ObjectFormView):
    """A form that moves one lead to ``state``."""

    state: LeadState
    fields: tuple[str, ...] = ()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = (self.object.title, self.object.customer)
        return super().get_context_data(intro=" · ".join(str(part) for part in parts if part), **kwargs)

    def remember(self) -> None:
        """Remember how the lead was."""

    def perform(self, form: Any) -> Any:
        self.remember()
        content = {name: form.cleaned_data[name] for name in self.fields}
        return lead_set_state(activity=self.object, state=self.state, user=self.user, **content)


class AssignView(UnassignedMixin, LeadFormView):
    opposite = "leads:return"
    form_class = AssignForm
    state, fields = LeadState.CLAIMED, ("taker",)
    title = gettext_lazy("Assign the lead")
    submit_label = gettext_lazy("Assign")
    success_message = gettext_lazy("The lead was assigned.")


class ReturnView(LeadFormView):
    """Make a lead unassigned again: its holder returns it, or a closed one is reopened."""

    opposite = "leads:take"
    form_class = ReturnForm
    state, fields = LeadState.UNASSIGNED, ("reason",)
    success_message = gettext_lazy("The lead is unassigned again.")

    @property
    def title(self) -> str:
        is_closed = self.object.lead.state == LeadState.CLOSED
        return _("Reopen the lead") if is_closed else _("Return the lead")

    def remember(self) -> None:
        lead = self.object.lead
        self.was_own = lead.state == LeadState.CLAIMED and lead.taken_by_id == self.user.pk

    def may_undo(self) -> bool:
        return self.was_own


class CloseView(UnassignedMixin, LeadFormView):
    opposite = "leads:return"
    form_class = CloseForm
    state, fields = LeadState.CLOSED, ("close_reason", "reason")
    title = gettext_lazy("Close the lead")
    submit_label = gettext_lazy("Close the lead")
    success_message = gettext_lazy("The lead was closed.")
    danger = True


class ToCustomerView(LeadFormView):
    """Make the lead's customer a potential one after the first mutual contact."""

    form_class = ToCustomerForm
    title = gettext_lazy("Make a potential customer")
    submit_label = gettext_lazy("Make a potential customer")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def perform(self, form: Any) -> Activity:
        conversion = lead_to_customer(activity=self.object, user=self.user, contact=self._contact(form))
        self.success_message = conversion_text(conversion)
        return conversion.activity

    def _contact(self, form: Any) -> Activity:
        data, lead = form.cleaned_data, self.object
        return data["contact"] or activity_log(
            user=self.user,
            type=data["type"],
            title=data["title"],
            customer=lead.customer,
            contacts=list(lead.contacts.visible_to(self.user)),
            follows=lead,
            follow_kind=FollowKind.FOLLOW_UP,
        )


def conversion_text(conversion: Conversion) -> str:
    """Return the result of a conversion as a sentence."""
    if conversion.is_given:
        return _("The customer is now in segment %(segment)s.") % {"segment": conversion.segment}
    if conversion.is_proposed:
        return _("The customer's segment needs approval and has been proposed.")
    if conversion.segment:
        return _("The customer is already in segment %(segment)s and stays there.") % {"segment": conversion.segment}
    return _("You cannot give the customer a segment: its owner was asked to do it.")
