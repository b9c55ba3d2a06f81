"""Panels: one's segmentation work and the waiting proposals on the start page, the customer's open decision."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.generic import TemplateView

from core import clock
from core.formatting import local
from core.permissions import allowed
from core.start_panels import SHOWN, Content, Figure, Line, Link, StartPanelView
from core.tabs import PanelMixin
from core.views import VisibleObjectMixin
from customers.models import Customer
from segmentation.casework.enums import WorkTab
from segmentation.casework.models import Override, Review, ReviewLine
from segmentation.casework.selectors import own_work, primary_scheme, with_work
from segmentation.membership.models import Proposal
from segmentation.schemes.models import Scheme

#: The figures say how much there is; so many customers are named.
FEW = 3


class WorkPanel(StartPanelView):
    """The user's customers with a segment to decide about, by kind; each figure opens exactly its rows."""

    panel = "start_segment_work"
    permission_required = "casework.view_work"

    def get_content(self) -> Content:
        url = f"{reverse('casework:work')}?mine=true"
        figures = [self._figure(tab, url) for tab in WorkTab]
        rows = own_work(self.user, WorkTab.DIFFERS).select_related("summary").order_by("-summary__ordered_12_months")
        first = with_work(list(rows[:FEW]), primary_scheme())
        return Content(
            figures=figures,
            folded=[self._answers(pk) for pk in Review.objects.open().order_by("pk").values_list("pk", flat=True)],
            lines=[_work_line(customer) for customer in first],
            url=url,
            empty=_("No suggestion waits for you."),
        )

    def _answers(self, review: int) -> Figure:
        rows = ReviewLine.objects.filter(review=review).unanswered().of_person(self.user)
        url = reverse("casework:review", args=[review], query={"mine": "true", "answer": "open"})
        return Figure(_("in a review, waiting for your answer"), rows, url)

    def _figure(self, tab: WorkTab, url: str) -> Figure:
        tone = "warn" if tab in (WorkTab.DIFFERS, WorkTab.HEARD) else ""
        return Figure(tab.label, own_work(self.user, tab), f"{url}&tab={tab.value}", tone)


def _work_line(customer: Any) -> Line:
    given, member = customer.work_given, customer.work_member
    now = member.segment if member else _("without a segment")
    query = {"scheme": given.scheme_id}
    accept = reverse("casework:accept", args=[customer.pk], query=query)
    other = reverse("casework:override", args=[customer.pk], query=query)
    return Line(
        customer.name,
        reverse("membership:tab", args=[customer.pk]),
        detail=f"{now} → {given.segment} · {given.words.sentence}",
        links=[
            Link(pgettext("suggestion", "Accept"), accept, "check", dialog=True),
            Link(pgettext("suggestion", "Decide otherwise"), other, dialog=True),
        ],
    )


class ProposalsPanel(StartPanelView):
    """The proposals of segments that wait for the user's decision, the oldest first."""

    panel = "start_segment_proposals"
    permission_required = "membership.view_proposal"

    def get_content(self) -> Content:
        url = f"{reverse('membership:proposals')}?awaiting=true"
        waiting = Proposal.objects.visible_to(self.user).awaiting(self.user)
        rows = waiting.select_related("customer", "segment", "from_segment", "proposed_by").order_by(
            "proposed_at", "pk"
        )
        return Content(
            total=Figure("", waiting, url),
            url=url,
            lines=[_proposal_line(proposal) for proposal in rows[:SHOWN]],
            empty=_("No proposal waits for your decision."),
            next_step=Link(_("All proposals"), reverse("membership:proposals")),
        )


def _proposal_line(proposal: Any) -> Line:
    days = (clock.today() - local(proposal.proposed_at).date()).days
    before = proposal.from_segment or _("without a segment")
    return Line(
        str(proposal.customer),
        proposal.get_absolute_url(),
        detail=f"{before} → {proposal.segment} · {proposal.proposed_by or '–'}",
        fact=ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
    )


class CustomerPanelView(VisibleObjectMixin, PanelMixin, TemplateView):
    """What is to be decided about one customer's segments, decisions against suggestions, former owners' answers."""

    model = Customer
    permission_required = "casework.view_work"
    template_name = "casework/customer.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer = self.object
        overrides = Override.objects.in_force().filter(customer=customer).order_by("pk")
        lines = ReviewLine.objects.filter(customer=customer, review__status="open").select_related("review")
        return super().get_context_data(
            customer=customer,
            works=[_work_of(customer.pk, scheme) for scheme in Scheme.objects.in_use().filter(is_exclusive=True)],
            overrides=overrides.select_related("scheme", "suggested", "segment", "reason", "decided_by"),
            lines=lines,
            may_decide=allowed(self.user, "casework.decide_suggestion", customer),
            **kwargs,
        )


def _work_of(pk: int, scheme: Scheme) -> dict[str, Any]:
    """Return what is open about a customer in a scheme."""
    customer = with_work([Customer.objects.get(pk=pk)], scheme)[0]
    given, member, proposal = customer.work_given, customer.work_member, customer.work_proposal
    is_held = given is not None and member is not None and member.segment_id == given.segment_id
    is_open = given is not None and given.is_suggestion and not (is_held or given.is_refused or proposal)
    return {"scheme": scheme, "given": given if is_open else None, "heard": customer.work_heard}
