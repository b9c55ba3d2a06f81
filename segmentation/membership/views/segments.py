"""The customer's segments: the tab with its history, setting one, and undoing the last decision."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.selectors import notes_about
from core.exceptions import BusinessRuleError
from core.parameters import Parameters, visible
from core.permissions import allowed
from core.registry import placed_panels
from core.segments import PROPOSED
from core.views import ActionView, ObjectFormView, current_page
from customers.models import Customer
from customers.views.tabs import CustomerTabView
from segmentation.membership.forms import SegmentSetForm
from segmentation.membership.models import Membership
from segmentation.membership.selectors import history_of_segments, schemes_of
from segmentation.membership.services.moves import segment_leave, segment_set, segment_undo
from segmentation.schemes.models import Scheme, Segment

SET = "membership.set_segment"


class SegmentsTab(CustomerTabView):
    """What segments the customer is in, a strip of years for each scheme, and every decision with its reason."""

    tab = "segments"
    content_template = "membership/tab.html"

    def get_tab_context(self) -> dict[str, Any]:
        customer = self.object
        return {
            "customer": customer,
            "schemes": schemes_of(customer),
            "decisions": history_of_segments(customer),
            "proposals": customer.proposals.open().select_related("segment", "from_segment", "proposed_by"),
            "may_set": allowed(self.user, SET, customer),
            "may_propose": allowed(self.user, "membership.propose_segment", customer),
            "team_notes": notes_about(self.user, team__segments__in=customer.memberships.present().values("segment")),
            **placed_panels("segments", self.user, customer),
        }


class SchemeMixin:
    """A page about a customer in one scheme: the primary one, or that of the address (``scheme``)."""

    request: Any

    @cached_property
    def scheme(self) -> Scheme:
        pk = self.request.GET.get("scheme")
        schemes = Scheme.objects.in_use()
        found = schemes.filter(pk=pk).first() if pk else schemes.primary().first()
        if found is None:
            raise Http404
        return found


class BackMixin:
    """A decision about a customer that many pages open in a dialog: afterwards the same page is shown again."""

    request: Any
    object: Any

    def get_success_url(self) -> str:
        page = current_page(self.request)
        return page or reverse("membership:tab", args=[self.object.pk])


class FullMixin:
    """A form that sets a segment: where it is full, the form leads to a proposal that names who leaves."""

    object: Any
    user: Any
    full: Segment | None = None

    def move(self, segment: Segment, write: Callable[[], Any]) -> Any:
        """Return what ``write`` does; remember the segment if it is full."""
        try:
            return write()
        except BusinessRuleError as error:
            self.full = segment if error.code == "full" else None
            raise

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.full is not None and allowed(self.user, "membership.propose_segment", self.object):
            url = reverse("membership:propose", args=[self.object.pk], query={"segment": self.full.pk})
            kwargs["way_on"] = {"url": url, "label": _("Propose, and name who leaves")}
        return super().get_context_data(**kwargs)  # type: ignore[misc]


class SegmentSetView(BackMixin, FullMixin, SchemeMixin, ObjectFormView):
    """Set the customer's segment; one that needs approval is proposed."""

    model = Customer
    form_class = SegmentSetForm
    permission_required = SET
    success_message: Any = gettext_lazy("The segment was set.")
    parameters: Parameters | None = {"scheme": visible(Scheme)}
    outcome = ""

    @property
    def title(self) -> str:
        return _("Segment: %s") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        held = Membership.objects.present().filter(customer=self.object, scheme=self.scheme).select_related("segment")
        row = held.first() if self.scheme.is_exclusive else None
        own = {"scheme": self.scheme, "held": row.segment if row else None, "user": self.user}
        return {**super().get_form_kwargs(), **own}

    def get_cancel_url(self) -> str:
        return reverse("membership:tab", args=[self.object.pk])

    def perform(self, form: Any) -> Customer:
        customer, segment = self.object, form.cleaned_data["segment"]
        held = form.fields["segment"].initial
        if getattr(self, "undone", None) or (segment is None and held):
            segment_undo(customer=customer, scheme=self.scheme, user=self.user, to=segment)
        elif segment is not None:
            about = {name: form.cleaned_data[name] for name in ("reason", "text") if name in form.cleaned_data}
            move = self.move(segment, lambda: segment_set(customer=customer, segment=segment, user=self.user, **about))
            if move.status == PROPOSED or move.proposal:
                self.outcome = self.success_message = proposed_text(segment)
        customer.summary.refresh_from_db()
        return customer


def proposed_text(segment: Segment) -> str:
    return _("“%(segment)s” needs approval: a proposal was made.") % {"segment": segment}


class SegmentLeaveView(BackMixin, ActionView):
    """Take the customer out of a segment of a scheme that may give several."""

    model = Customer
    permission_required = SET
    question = gettext_lazy("Take the customer out of the segment?")
    success_message = gettext_lazy("The customer left the segment.")

    def perform(self) -> None:
        segment = get_object_or_404(Segment.objects.select_related("scheme"), pk=self.kwargs["segment"])
        segment_leave(customer=self.object, segment=segment, user=self.user)


class SegmentUndoView(BackMixin, SchemeMixin, ActionView):
    """Undo the last decision about the customer in a scheme."""

    model = Customer
    permission_required = SET
    question = gettext_lazy("Undo the last decision about the segment?")
    success_message = gettext_lazy("The decision was undone.")
    parameters: Parameters | None = {"scheme": visible(Scheme)}

    def get_effects(self) -> list[Any]:
        return [_("The earlier segment begins again from now on."), _("The history shows both decisions.")]

    def perform(self) -> None:
        segment_undo(customer=self.object, scheme=self.scheme, user=self.user)
