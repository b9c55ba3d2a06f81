"""The metrics of one customer: the tab, one figure with its history, entering a value."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core import clock
from core.formatting import date_text
from core.metrics import Metric
from core.permissions import allowed
from core.views import ServiceFormView, VisibleObjectMixin
from customers.models import Customer
from customers.views.tabs import CustomerTabView
from segmentation.metrics.forms import ValueForm
from segmentation.metrics.models import CustomerMetrics, OwnMetric
from segmentation.metrics.selectors import (
    given_values,
    grouped,
    needed_metrics,
    own_metric_of,
    periods_of,
    shown_of,
)
from segmentation.metrics.services.values import value_give
from segmentation.metrics.texts import value_text
from segmentation.metrics.value_mode import visible_metrics


class CustomerMetricsTab(CustomerTabView):
    """The tab of a customer's metrics: each with its definition, its value and twelve months."""

    tab = "metrics"
    content_template = "metrics/customer/tab.html"

    def get_tab_context(self) -> dict[str, Any]:
        customer = self.object
        metrics = visible_metrics(self.user, customer)
        rows = shown_of(customer, metrics.values())
        kept = CustomerMetrics.objects.filter(customer=customer).first()
        needed = {metric.code for metric in needed_metrics(metrics.values())}
        return {
            "groups": grouped(rows),
            "computed_at": kept.computed_at if kept else None,
            "missing": [row for row in rows if row.metric.code in needed and not row.is_known],
            "may_give": allowed(self.user, "metrics.give_value", customer),
        }


class CustomerMetricMixin(VisibleObjectMixin):
    """A page about one figure of a customer; one that the user does not see is not there."""

    model = Customer
    permission_required = "metrics.view_metrics"
    kwargs: dict[str, Any]
    _metric: Metric | None = None

    @property
    def metric(self) -> Metric:
        if self._metric is None:
            found = visible_metrics(self.user, self.object).get(self.kwargs["code"])
            if found is None:
                raise Http404
            self._metric = found
        return self._metric

    @property
    def tab_url(self) -> str:
        return reverse("metrics:customer_tab", args=[self.object.pk])


class CustomerMetricView(CustomerMetricMixin, TemplateView):
    """One figure of a customer: definition, value by month, the rows behind it, what was entered."""

    template_name = "metrics/customer/metric.html"

    def get_template_names(self) -> list[str]:
        return [f"{self.template_name}#form" if self.htmx.target == "dialog" else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer, metric = self.object, self.metric
        [shown] = shown_of(customer, [metric])
        own = own_metric_of(metric.code)
        return super().get_context_data(
            title=str(metric.label),
            customer=customer,
            shown=shown,
            periods=[{"first": one.first, "last": one.last, "text": self._text(one.value)} for one in self._periods()],
            rows_url=metric.rows(customer.pk, clock.today()) if metric.rows else "",
            own=own,
            given=[(value, self._given_text(value)) for value in given_values(customer, own)] if own else [],
            may_give=own is not None and allowed(self.user, "metrics.give_value", customer),
            tab_url=self.tab_url,
            in_dialog=self.htmx.target == "dialog",
            **kwargs,
        )

    def _periods(self) -> list[Any]:
        return periods_of(self.object, self.metric)

    def _text(self, value: Any) -> str:
        return value_text(self.metric, value)

    def _given_text(self, value: Any) -> str:
        return date_text(value.day) if value.day else self._text(value.number)


class ValueGiveView(CustomerMetricMixin, ServiceFormView):
    """Enter a value of an own metric."""

    form_class = ValueForm
    permission_required = "metrics.give_value"
    success_message = gettext_lazy("The value was saved. The figures follow in a moment.")

    @property
    def own(self) -> OwnMetric:
        own = own_metric_of(self.metric.code)
        if own is None:
            raise Http404
        return own

    @property
    def title(self) -> str:
        return _("Enter a value: %s") % self.metric.label

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"own": self.own}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.metric.definition), **kwargs)

    def get_cancel_url(self) -> str:
        return self.tab_url

    get_success_url = get_cancel_url

    def perform(self, form: ValueForm) -> Customer:
        value_give(customer=self.object, metric=self.own, user=self.user, **form.content)
        customer: Customer = self.object
        return customer
