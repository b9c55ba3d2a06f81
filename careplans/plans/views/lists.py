"""The list of care plans, and management's list of plans to approve with its decisions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.plans.approval_days import is_in_approval
from careplans.plans.filters import ApprovalFilter, ExceptionFilter, OwnActionFilter, PlanFilter
from careplans.plans.forms import ApproveForm, RejectForm
from careplans.plans.models import CustomerAction, PlanApproval, PlanException
from careplans.plans.selectors import plan_customers, with_plans, with_words
from careplans.plans.services.approvals import plan_approve, plan_ask, plan_reject
from careplans.plans.tables import APPROVALS, EXCEPTIONS, OWN_ACTIONS, PLANS
from careplans.plans.views.tab import VIEW
from core.actions import Action
from core.list_views import FilteredListView, TabbedListView
from core.permissions import allowed
from core.views import ActionView, ObjectFormView, VisibleObjectMixin, current_page
from customers.models import Customer

DECIDE, DECIDE_ACTION = "careplans.decide_approval", "careplans.decide_action"
#: The tabs of what somebody decides about.
DECISIONS: dict[str, Any] = {
    "waiting": pgettext_lazy("care plans", "Waiting"),
    "decided": pgettext_lazy("care plans", "Decided"),
}
RELATED = ("customer__summary__owner", "model_version__model", "asked_by", "decided_by")


class PlanListView(FilteredListView):
    """The customers that a care model applies to, each with its plan."""

    model = Customer
    filterset_class = PlanFilter
    table = PLANS
    title = gettext_lazy("Care plans")
    permission_required = VIEW
    main_filters = ("mine", "owner", "segment", "group", "care_model", "unapproved")
    bulk_place = "customers"
    secondary_actions = (
        Action(gettext_lazy("Plans to approve"), "careplans:approvals", icon="checks"),
        Action(gettext_lazy("Exceptions"), "careplans:exceptions", icon="checks"),
        Action(gettext_lazy("Customer actions to approve"), "careplans:own_waiting", icon="checks"),
        Action(gettext_lazy("Care models"), "caremodels:list", icon="heart-handshake"),
    )
    empty = {
        "title": gettext_lazy("No care plans here."),
        "text": gettext_lazy("A customer gets its plan with a segment or a class that has a care model."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = plan_customers(self.user)
        return rows

    def page_queryset(self, rows: Any) -> Any:
        return rows.with_summary()

    def get_export_queryset(self, queryset: Any) -> Any:
        return queryset.with_summary()

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return with_plans(rows)


class ApprovalListView(TabbedListView):
    model = PlanApproval
    filterset_class = ApprovalFilter
    table = APPROVALS
    title = gettext_lazy("Care plans to approve")
    permission_required = "careplans.view_approval"
    main_filters = ("awaiting", "care_model", "owner")
    bulk_place = "plan_approvals"
    empty = {
        "title": gettext_lazy("No plans here."),
        "text": gettext_lazy("The plan of a customer in a segment that needs approval waits here for management."),
        "icon": "checks",
    }
    list_tabs = DECISIONS

    def get_queryset(self) -> QuerySet[Any]:
        rows = PlanApproval.objects.visible_to(self.user).select_related(*RELATED)
        found: QuerySet[Any] = rows.waiting() if self.tab == "waiting" else rows.decided()
        return found

    def tab_rows(self) -> dict[str, QuerySet[Any]]:
        return {"waiting": PlanApproval.objects.visible_to(self.user).waiting()}

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.may_decide = allowed(self.user, DECIDE, row)
        return rows


class ExceptionListView(TabbedListView):
    """The exceptions of all plans: requests with the buttons that decide, and what was decided."""

    model = PlanException
    filterset_class = ExceptionFilter
    table = EXCEPTIONS
    title = gettext_lazy("Exceptions of care plans")
    permission_required = "careplans.view_exception"
    main_filters = ("awaiting", "owner")
    empty = {
        "title": gettext_lazy("No exceptions here."),
        "text": gettext_lazy("What an owner asks for otherwise than the care model says waits here for a decision."),
        "icon": "checks",
    }
    list_tabs = DECISIONS
    tab_sorts: ClassVar[dict[str, str]] = {"decided": "-first"}

    def get_queryset(self) -> QuerySet[Any]:
        rows = PlanException.objects.visible_to(self.user)
        found: QuerySet[Any] = rows.requested() if self.tab == "waiting" else rows.decided()
        return found

    def page_queryset(self, rows: Any) -> Any:
        rows = rows.select_related("customer__summary__owner", "requested_by", "decided_by")
        return rows.annotate(of_management=is_in_approval())

    def tab_rows(self) -> dict[str, QuerySet[Any]]:
        return {"waiting": PlanException.objects.visible_to(self.user).requested()}

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        for row in with_words(rows):
            row.customer.plan_needs_approval = row.of_management
            row.may_decide = allowed(self.user, "careplans.decide_exception", row)
        return rows


class OwnActionListView(TabbedListView):
    """Actions of single customers that wait for management, with the buttons that decide, and those it has approved."""

    model = CustomerAction
    filterset_class = OwnActionFilter
    table = OWN_ACTIONS
    title = gettext_lazy("Customer actions to approve")
    permission_required = VIEW
    main_filters = ("awaiting", "owner")
    empty = {
        "title": gettext_lazy("No customer actions here."),
        "text": gettext_lazy("An action of a customer in a segment that needs approval waits here for management."),
        "icon": "checks",
    }
    list_tabs = {"waiting": DECISIONS["waiting"], "approved": pgettext_lazy("care plans", "Approved")}
    tab_sorts: ClassVar[dict[str, str]] = {"approved": "-approved_on"}

    def get_queryset(self) -> QuerySet[Any]:
        rows = CustomerAction.objects.visible_to(self.user)
        found: QuerySet[Any] = rows.waiting() if self.tab == "waiting" else rows.approved()
        return found

    def tab_rows(self) -> dict[str, QuerySet[Any]]:
        return {"waiting": CustomerAction.objects.visible_to(self.user).waiting()}

    def page_queryset(self, rows: Any) -> Any:
        return rows.select_related("customer__summary__owner", "asked_by", "approved_by", "selection")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.may_decide = self.tab == "waiting" and allowed(self.user, DECIDE_ACTION, row)
        return rows


class StayingMixin:
    """After a decision the page is that of the dialog: the list, or the plan."""

    def get_success_url(self) -> str:
        view: Any = self
        return current_page(view.request) or str(view.object.get_absolute_url())


class ApprovalMixin(StayingMixin, VisibleObjectMixin):
    model = PlanApproval
    permission_required = DECIDE

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("customer", "model_version__model")


class ApproveView(ApprovalMixin, ObjectFormView):
    form_class = ApproveForm
    title = gettext_lazy("Approve the care plan")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The plan was approved.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=f"{self.object.customer}: {self.object.model_version}", **kwargs)

    def perform(self, form: Any) -> PlanApproval:
        return plan_approve(approval=self.object, user=self.user, note=form.cleaned_data["note"])


class RejectView(ApprovalMixin, ObjectFormView):
    form_class = RejectForm
    title = gettext_lazy("Reject the care plan")
    submit_label = gettext_lazy("Reject")
    success_message = gettext_lazy("The plan was rejected.")

    def perform(self, form: Any) -> PlanApproval:
        return plan_reject(approval=self.object, user=self.user, reason=form.cleaned_data["reason"])


class AskView(ApprovalMixin, ActionView):
    permission_required = "careplans.ask_approval"
    question = gettext_lazy("Ask management again to approve the plan?")
    submit_label = gettext_lazy("Ask again")
    success_message = gettext_lazy("The plan waits for management again.")

    def perform(self) -> None:
        plan_ask(approval=self.object, user=self.user)
