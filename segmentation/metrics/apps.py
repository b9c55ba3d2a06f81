from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MetricsConfig(AppConfig):
    name = "segmentation.metrics"
    label = "metrics"
    verbose_name = _("Metrics")

    def ready(self) -> None:
        import_module("segmentation.metrics.checks")
