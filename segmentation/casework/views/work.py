"""Segmentation work: the list with a tab for each kind, and deciding about the suggestion of one customer."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import IntegerField, QuerySet, Value
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.actions import Action
from core.list_views import MOST_OF_TAB, TabbedListView
from core.numbers import parse_id
from core.paging import counts_up_to
from core.parameters import Parameters, visible
from core.segments import PROPOSED
from core.views import ActionView, ObjectFormView, current_page
from customers.groupings import CUSTOMER_GROUPS
from customers.models import Customer
from segmentation.casework.enums import WorkTab
from segmentation.casework.filters import WorkFilter
from segmentation.casework.forms import OverrideForm
from segmentation.casework.models import Override
from segmentation.casework.selectors import listed_work, primary_scheme, with_work, work_of
from segmentation.casework.services.suggestions import (
    override_end,
    segments_suggested,
    suggestion_accept,
    suggestion_override,
)
from segmentation.casework.tables import WORK
from segmentation.membership.models import Membership
from segmentation.membership.views.segments import BackMixin, FullMixin, SchemeMixin, proposed_text
from segmentation.schemes.models import Scheme

DECIDE = "casework.decide_suggestion"


class WorkListView(TabbedListView):
    """Customers with a segment that waits for somebody: a tab for each kind of work, counted with the filters."""

    model = Customer
    filterset_class = WorkFilter
    table = WORK
    title = gettext_lazy("Segmentation work")
    permission_required = "casework.view_work"
    main_filters = ("mine", "owner", "group", "segment", "suggested", "selection")
    bulk_place = "customers"
    bulk_first = ("customers.accept_suggestion", "customers.ask_former_owner")
    groupings = CUSTOMER_GROUPS
    secondary_actions = (
        Action(gettext_lazy("Reviews"), "casework:reviews", icon="checklist"),
        Action(gettext_lazy("Questions to former owners"), "casework:inquiries", icon="message"),
    )
    empty = {
        "title": gettext_lazy("Nothing to decide here."),
        "text": gettext_lazy("The criteria are evaluated every night; what they suggest then is here."),
        "icon": "checks",
    }
    list_tabs = {tab.value: tab.label for tab in WorkTab}

    @cached_property
    def scheme(self) -> Scheme | None:
        """The scheme of the address, or the primary one."""
        pk = parse_id(self.request.GET.get("scheme", ""))
        return (Scheme.objects.in_use().filter(pk=pk).first() if pk else None) or primary_scheme()

    def rows_of(self, tab: str) -> Any:
        return work_of(Customer.objects.visible_to(self.user).active(), tab, self.scheme)

    def get_queryset(self) -> QuerySet[Any]:
        scheme = self.scheme.pk if self.scheme else 0
        found = listed_work(Customer.objects.visible_to(self.user).active(), self.tab, self.scheme)
        rows: QuerySet[Any] = found.annotate(work_scheme=Value(scheme, IntegerField()))
        return rows

    def bulk_initial(self) -> dict[str, Any]:
        return {"scheme": self.scheme.pk} if self.scheme else {}

    def page_queryset(self, rows: Any) -> Any:
        return rows.with_summary()

    def get_export_queryset(self, queryset: Any) -> Any:
        return queryset.with_summary()

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        customers = with_work(rows, self.scheme)
        ids = [customer.pk for customer in customers]
        may_any = self.user.has_perm("customers.classify_any_customer")
        own = (
            set()
            if may_any
            else set(Customer.objects.editable_by(self.user).filter(pk__in=ids).values_list("pk", flat=True))
        )
        for customer in customers:
            customer.may_decide = may_any or customer.pk in own
        return customers

    def get_list_tabs(self) -> list[dict[str, Any]]:
        """Return the tabs with the number of rows that the filters let through in each."""
        rows = {tab: self._filtered(self.rows_of(tab)) for tab in self.list_tabs}
        counts = counts_up_to(rows, MOST_OF_TAB)
        return [
            {"name": tab, "label": label, "url": self.list_url(tab=tab), "active": tab == self.tab,
             "count": f"{counts[tab][0]}{'+' if counts[tab][1] else ''}"}
            for tab, label in self.list_tabs.items()
        ]  # fmt: skip

    def _filtered(self, rows: Any) -> Any:
        return self.filterset_class(self.request.GET, queryset=rows, request=self.request).qs


class OneMixin(BackMixin, SchemeMixin):
    """A decision about the suggestion of one customer in the scheme of the address."""

    parameters: Parameters | None = {"scheme": visible(Scheme)}
    object: Any

    @cached_property
    def suggested(self) -> Any:
        found = segments_suggested(self.scheme, [self.object.pk]).get(self.object.pk)
        return found


class AcceptView(OneMixin, ActionView):
    """Move the customer to what the criteria suggest; a segment that needs approval is proposed."""

    model = Customer
    permission_required = DECIDE
    submit_label = pgettext_lazy("suggestion", "Accept")
    success_message: Any = gettext_lazy("The suggestion was accepted.")

    @property
    def question(self) -> Any:
        if self.suggested is None:
            return _("Nothing is suggested for the customer any more.")
        return _("%(customer)s: accept the segment %(segment)s?") % {
            "customer": self.object,
            "segment": self.suggested,
        }

    def get_effects(self) -> list[Any]:
        if self.suggested is not None and self.suggested.needs_approval:
            return [_("The segment needs approval: a proposal is made.")]
        return []

    def perform(self) -> None:
        move = suggestion_accept(customer=self.object, scheme=self.scheme, user=self.user)
        if move.status == PROPOSED or move.proposal:
            self.success_message = proposed_text(move.segment)


class OverrideView(FullMixin, OneMixin, ObjectFormView):
    """Decide against the suggestion, with a reason."""

    model = Customer
    permission_required = DECIDE
    form_class = OverrideForm
    success_message = gettext_lazy("The decision was saved with its reason.")

    @property
    def title(self) -> str:
        return _("Decide otherwise: %s") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        held = Membership.objects.present().filter(customer=self.object, scheme=self.scheme).select_related("segment")
        row, given = held.first(), self.suggested
        own = {"scheme": self.scheme, "held": row.segment if row else None, "without": given.pk if given else None}
        return {**super().get_form_kwargs(), **own, "user": self.user}

    def get_cancel_url(self) -> str:
        return reverse("membership:tab", args=[self.object.pk])

    def perform(self, form: Any) -> Any:
        about = {"customer": self.object, "scheme": self.scheme, "user": self.user, **form.cleaned_data}
        self.move(form.cleaned_data["segment"], lambda: suggestion_override(**about))
        return self.object


class OverrideEndView(ActionView):
    """Take back the decision to stay against the suggestion."""

    model = Override
    permission_required = "casework.end_override"
    question = gettext_lazy("Take back the decision against the suggestion?")
    success_message = gettext_lazy("The suggestion is open again.")

    def get_effects(self) -> list[Any]:
        return [_("The customer stays in its segment; the suggestion is segmentation work again.")]

    def get_success_url(self) -> str:
        return current_page(self.request) or reverse("membership:tab", args=[self.object.customer_id])

    def perform(self) -> None:
        if not self.object.customer_id:
            raise Http404
        override_end(override=self.object)
