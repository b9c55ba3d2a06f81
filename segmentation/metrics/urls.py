from collections.abc import Iterator

from django.urls import URLPattern, path

from segmentation.metrics.views import customers, lists, orders, settings

app_name = "metrics"


def _settings() -> Iterator[URLPattern]:
    for name, choice_list in settings.LISTS.items():
        here, chosen = f"metrics/settings/{name}/", {"list": name}
        yield path(f"{here}add/", settings.AddView.as_view(), chosen, name=f"add_{name}")
        yield path(f"{here}<int:pk>/", settings.ChangeView.as_view(), chosen, name=f"change_{name}")
        yield path(f"{here}<int:pk>/history/", settings.HistoryView.as_view(), chosen, name=f"history_{name}")
        if choice_list.can_retire:
            yield path(f"{here}<int:pk>/retire/", settings.RetireView.as_view(), chosen, name=f"retire_{name}")


urlpatterns: list[URLPattern] = [
    path("metrics/", lists.MetricsListView.as_view(), name="list"),
    path("metrics/definitions/", lists.DefinitionsView.as_view(), name="definitions"),
    path("metrics/settings/", settings.SettingsView.as_view(), name="settings"),
    *_settings(),
    path("customers/<int:pk>/metrics/", customers.CustomerMetricsTab.as_view(), name="customer_tab"),
    path("customers/<int:pk>/metrics/<slug:code>/", customers.CustomerMetricView.as_view(), name="customer_metric"),
    path("customers/<int:pk>/metrics/<slug:code>/give/", customers.ValueGiveView.as_view(), name="give"),
    path("orders/<int:pk>/cost/", orders.OrderCostPanel.as_view(), name="order_cost"),
    path("orders/<int:pk>/cost/history/", orders.OrderCostHistoryView.as_view(), name="order_cost_history"),
    path("orders/<int:pk>/cost/edit/", orders.OrderCostEditView.as_view(), name="order_cost_edit"),
]
