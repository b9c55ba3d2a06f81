"""Bulk operations on leads: claim, assign to a person, close with a reason, export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.bulk import NotifyingOperation
from accounts.models import User
from activities.leads.enums import LEAD_TRANSITIONS, LeadState
from activities.leads.models import Lead, LeadCloseReason
from activities.leads.selectors import leads_for
from activities.leads.services import STATUSES
from activities.log.bulk.work import participants_of, statuses_take_back
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation
from activities.log.services.status import write_many
from core import clock
from core.bulk.export import ExportOperation
from core.bulk.models import BulkRun
from core.bulk.operations import FORBIDDEN, Applied, BulkForm, Finding, outside
from core.undo.parts import Part, Undoing
from core.undo.plan import Plan
from customers.contact_search import exists_for_each
from customers.enums import CustomerState
from customers.forms.fields import PersonChoiceField

#: The states from which a lead is closed.
CLOSABLE = [state for state, following in LEAD_TRANSITIONS.items() if LeadState.CLOSED in following]


class LeadOperation(NotifyingOperation):
    place, model, list_url_name = "leads", Activity, "leads:list"
    notify_query: ClassVar[dict[str, str]] = {"tab": "mine"}
    text = "title"
    permission = "activities.log_activity"
    undoing = Undoing(
        Activity,
        [Part(Lead, Activity, "activity_id"), Part(Participation, Activity, "activity_id")],
        by_column=True,
    )
    changes = ((Activity, "id"), (Lead, "activity_id"))
    reasons: ClassVar[dict[str, Any]] = {
        "inactive": gettext_lazy("The customer is inactive"),
        "has": gettext_lazy("Belongs to this person already"),
        "claimed": gettext_lazy("Somebody has claimed it already"),
        "settled": gettext_lazy("Has been closed, or has become a customer or an offer"),
        "closed": gettext_lazy("Has been closed already"),
        "offer": gettext_lazy("Has become an offer"),
        "not_begun": gettext_lazy("Has not begun"),
    }

    def may_choose(self, user: Any) -> Any:
        return leads_for(user)

    def not_permitted(self, user: Any, rows: Any) -> Iterator[Finding]:
        """Yield the leads of inactive customers, and those that the user may not handle (``leads.handle_lead``)."""
        yield Finding("inactive", rows.filter(customer__state=CustomerState.PASSIVE))
        if not user.has_perm("activities.change_any_activity"):
            own = Q(created_by=user) | exists_for_each(Participation.objects.filter(activity=OuterRef("pk"), user=user))
            yield Finding(FORBIDDEN, outside(rows, Activity.objects.filter(own)))

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        """Yield the leads of customers that have become inactive since: they are read-only."""
        yield Finding("inactive", rows.filter(customer__state=CustomerState.PASSIVE))

    def take_back(self, plan: Plan) -> None:
        super().take_back(plan)
        statuses_take_back(plan)


class TakeOperation(LeadOperation):
    """Give unassigned leads to a person: :func:`activities.leads.services.lead_set_state` for many."""

    def taker(self, content: Mapping[str, Any], user: Any) -> User:
        raise NotImplementedError

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield from self.not_permitted(user, rows)
        claimed = rows.filter(lead__state=LeadState.CLAIMED)
        yield Finding("has", claimed.filter(lead__taken_by=self.taker(content, user)), is_unchanged=True)
        yield Finding("claimed", claimed)
        yield Finding("settled", rows.exclude(lead__state__in=(LeadState.UNASSIGNED, LeadState.CLAIMED)))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        taker, before, at = self.taker(content, run.user), participants_of(ids), clock.now()
        Lead.objects.filter(pk__in=ids).update(state=LeadState.CLAIMED, taken_by=taker, taken_at=at, state_reason="")
        statuses = dict(Activity.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "status"))
        write_many(statuses, STATUSES[LeadState.CLAIMED], run.user, "", at)
        opened = Participation.objects.filter(activity__in=ids, user=F("activity__created_by"))
        opened.exclude(user=taker).delete()
        Participation.objects.bulk_create(
            Participation(activity_id=pk, user=taker) for pk in ids if taker.pk not in before.get(pk, ())
        )
        return Applied(changed=ids, people={pk: {taker.pk, *before.get(pk, ())} for pk in ids})


class ClaimOperation(TakeOperation):
    name, icon, order = "leads.claim", "user-check", 10
    label = gettext_lazy("Claim")

    def taker(self, content: Mapping[str, Any], user: Any) -> User:
        claimer: User = user
        return claimer

    def not_permitted(self, user: Any, rows: Any) -> Iterator[Finding]:
        """Yield the leads of inactive customers: others may be claimed by everyone who logs (``leads.take_lead``)."""
        yield Finding("inactive", rows.filter(customer__state=CustomerState.PASSIVE))

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Claim leads")


class AssignForm(BulkForm):
    taker = PersonChoiceField(label=gettext_lazy("Assign to"))


class AssignOperation(TakeOperation):
    name, icon, order = "leads.assign", "user-plus", 20
    label = pgettext_lazy("bulk operation", "Assign")
    form_class = AssignForm

    def taker(self, content: Mapping[str, Any], user: Any) -> User:
        taker: User = content["taker"]
        return taker

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Leads to %(person)s") % {"person": content["taker"]}


class CloseForm(BulkForm):
    close_reason = forms.ModelChoiceField(
        LeadCloseReason.objects.filter(retired_at__isnull=True), label=gettext_lazy("Reason")
    )
    reason = forms.CharField(
        label=gettext_lazy("Explanation"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CloseOperation(LeadOperation):
    name, icon, order = "leads.close", "checklist", 30
    label = gettext_lazy("Close leads")
    form_class = CloseForm
    notify_query: ClassVar[dict[str, str]] = {"tab": "all"}

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Close leads: %(reason)s") % {"reason": content["close_reason"]}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("closed", rows.filter(lead__state=LeadState.CLOSED), is_unchanged=True)
        yield from self.not_permitted(user, rows)
        yield Finding("offer", rows.exclude(lead__state__in=CLOSABLE))
        yield Finding("not_begun", rows.filter(start__gt=clock.now()).exclude(status=ActivityStatus.DONE))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        reason, at = content["reason"].strip(), clock.now()
        Lead.objects.filter(pk__in=ids).update(
            state=LeadState.CLOSED, close_reason=content["close_reason"], state_reason=reason
        )
        going_on = Activity.objects.filter(pk__in=ids).exclude(status=ActivityStatus.DONE).order_by("pk")
        statuses = dict(going_on.values_list("pk", "status"))
        write_many(statuses, ActivityStatus.DONE, run.user, reason or str(content["close_reason"]), at)
        return Applied(changed=ids, people=participants_of(ids))


class ExportLeads(ExportOperation):
    name, place, model, text = "leads.export", "leads", Activity, "title"
    list_url_name, permission = "leads:list", "activities.view_activity"

    def may_choose(self, user: Any) -> Any:
        return leads_for(user)
