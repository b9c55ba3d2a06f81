"""Filters of care plans and approvals, the same on pages, in the API and in exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from careplans.caremodels.models import CareModel
from careplans.plans.alerts import old_plans, unaccepted_plans
from careplans.plans.enums import ApprovalStatus, ExceptionStatus
from careplans.plans.models import CustomerAction, ModelStay, PlanApproval, PlanException
from careplans.plans.selectors import cared_for, under_models
from core.filters import FilterSet, YesFilter
from customers.filters import CustomerFilter, CustomerFilterSet
from customers.segment_filters import SearchableSelect


class WideningFilter(YesFilter):
    """A filter that lets through rows that the list has not without it: its number is counted apart."""

    is_widening = True


class UnderModelFilter(CustomerFilterSet):
    """The filters of customers under care models: the model, and what waits for somebody."""

    care_model = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=CareModel.objects.all(), method="of_model", widget=SearchableSelect,
        label=_("Care model"),
    )  # fmt: skip
    unapproved = YesFilter(method="only_unapproved", label=_("Waits for management's approval"))
    old = YesFilter(method="only_old", label=_("Plan over a year old"))

    def of_model(self, queryset: Any, name: str, value: Any) -> Any:
        if not value:
            return queryset
        return cared_for(queryset, ModelStay.objects.filter(model__in=value, last__isnull=True))

    def only_unapproved(self, queryset: Any, name: str, value: str) -> Any:
        return cared_for(queryset, PlanApproval.objects.waiting())

    def only_old(self, queryset: Any, name: str, value: str) -> Any:
        return cared_for(queryset, old_plans())


class PlanFilter(UnderModelFilter):
    """The filters of the list of care plans, of all customers: it leaves out those without any care model.

    Who asks for those without an approved plan sees those without any model too.
    """

    unaccepted = WideningFilter(method="only_unaccepted", label=_("Without a plan that management has approved"))

    def filter_queryset(self, queryset: Any) -> Any:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("unaccepted") else under_models(found)

    def only_unaccepted(self, queryset: Any, name: str, value: str) -> Any:
        return cared_for(queryset, unaccepted_plans())


class ApprovalFilter(FilterSet):
    awaiting = YesFilter(method="only_awaiting", label=_("Waiting for my decision"))
    care_model = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=CareModel.objects.all(), field_name="model_version__model", widget=SearchableSelect,
        label=_("Care model"),
    )  # fmt: skip
    owner = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=User.objects.order_by("sort_key"), field_name="customer__summary__owner",
        widget=SearchableSelect, label=_("Owner"),
    )  # fmt: skip
    customer = CustomerFilter()

    class Meta:
        model = PlanApproval
        fields: tuple[str, ...] = ()

    def only_awaiting(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(pk__in=PlanApproval.objects.awaiting(self.user).order_by().values("pk"))


class ApprovalApiFilter(ApprovalFilter):
    status = filters.MultipleChoiceFilter(distinct=False, choices=ApprovalStatus.choices, label=_("Status"))


class ExceptionFilter(FilterSet):
    awaiting = YesFilter(method="only_awaiting", label=_("Waiting for my decision"))
    owner = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=User.objects.order_by("sort_key"), field_name="customer__summary__owner",
        widget=SearchableSelect, label=_("Owner"),
    )  # fmt: skip
    customer = CustomerFilter()

    class Meta:
        model = PlanException
        fields: tuple[str, ...] = ()

    def only_awaiting(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(pk__in=PlanException.objects.awaiting(self.user).order_by().values("pk"))


class ExceptionApiFilter(ExceptionFilter):
    status = filters.MultipleChoiceFilter(distinct=False, choices=ExceptionStatus.choices, label=_("Status"))


class OwnActionFilter(FilterSet):
    awaiting = YesFilter(method="only_awaiting", label=_("Waiting for my decision"))
    owner = filters.ModelMultipleChoiceFilter(
        distinct=False, queryset=User.objects.order_by("sort_key"), field_name="customer__summary__owner",
        widget=SearchableSelect, label=_("Owner"),
    )  # fmt: skip
    customer = CustomerFilter()

    class Meta:
        model = CustomerAction
        fields: tuple[str, ...] = ()

    def only_awaiting(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(pk__in=CustomerAction.objects.awaiting(self.user).order_by().values("pk"))


class OwnActionApiFilter(OwnActionFilter):
    waiting = YesFilter(method="only_waiting", label=_("Waits for management's approval"))

    def only_waiting(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.waiting()
