"""Settings of metrics: own metrics, areas, costs of an hour and of the service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core.choice_lists import (
    ChoiceAddView,
    ChoiceChangeView,
    ChoiceHistoryView,
    ChoiceList,
    ChoiceRetireView,
    ChoicesMixin,
)
from core.permissions import PermissionMixin, allowed
from segmentation.metrics.forms import AreaForm, HourCostForm, OwnMetricForm, ServiceCostForm
from segmentation.metrics.models import Area, HourCost, OwnLevel, OwnMetric, ServiceCost
from segmentation.metrics.services.settings import own_metric_save

EDIT, COSTS = "metrics.edit_settings", "metrics.edit_costs"
OWN, AREAS, HOURS, SERVICE = "own", "areas", "hour-costs", "service-costs"
LISTS = {
    choice_list.name: choice_list
    for choice_list in (
        ChoiceList(
            OWN,
            OwnMetric,
            OwnMetricForm,
            save=lambda form: own_metric_save(metric=form.save(commit=False), levels=form.levels),
            history=(OwnLevel,),
        ),
        ChoiceList(AREAS, Area, AreaForm),
        ChoiceList(HOURS, HourCost, HourCostForm),
        ChoiceList(SERVICE, ServiceCost, ServiceCostForm),
    )
}


@dataclass(frozen=True)
class Line:
    """A row of a list with the addresses of its actions."""

    row: Any
    change_url: str
    history_url: str
    retire_url: str = ""


@dataclass(frozen=True)
class ShownList:
    name: str
    title: str
    add_url: str
    lines: list[Line]


def shown_list(name: str) -> ShownList:
    choice_list = LISTS[name]
    verbs = ("change", "history", *(["retire"] if choice_list.can_retire else []))
    rows = choice_list.model._default_manager.all()
    if name == HOURS:
        rows = rows.select_related("role").order_by("role__order", "-valid_from")
    elif name == AREAS:
        rows = rows.prefetch_related("municipalities")
    return ShownList(
        name,
        choice_list.title,
        reverse(f"metrics:add_{name}"),
        [Line(row, *(reverse(f"metrics:{verb}_{name}", args=[row.pk]) for verb in verbs)) for row in rows],
    )


class SettingsView(PermissionMixin, TemplateView):
    """The lists of the settings; costs only where the value of customers is used."""

    permission_required = EDIT
    template_name = "metrics/settings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        costs = allowed(self.user, COSTS)
        own = shown_list(OWN)
        if not costs:  # own metrics that say what a customer is worth follow the value mode
            own = ShownList(own.name, own.title, own.add_url, [line for line in own.lines if not line.row.is_value])
        return super().get_context_data(
            title=_("Metric settings"),
            own=own,
            areas=shown_list(AREAS),
            hour_costs=shown_list(HOURS) if costs else None,
            service_costs=shown_list(SERVICE) if costs else None,
            **kwargs,
        )


class SettingsMixin(ChoicesMixin):
    permission_required = EDIT
    lists_url_name = "metrics:settings"

    def find_list(self, name: str) -> ChoiceList | None:
        return LISTS.get(name)

    def check_permissions(self) -> None:
        if self.choice_list.name in (HOURS, SERVICE):
            self.permission_required = COSTS
        super().check_permissions()


class AddView(SettingsMixin, ChoiceAddView):
    pass


class ChangeView(SettingsMixin, ChoiceChangeView):
    undoable = False  # the levels of an own metric are rows of their own


class RetireView(SettingsMixin, ChoiceRetireView):
    pass


class HistoryView(SettingsMixin, ChoiceHistoryView):
    pass
