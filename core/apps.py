from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        autodiscover_modules("permissions")  # each app's rules
        import_module("core.export_jobs")  # a worker must know it too
        import_module("core.checks")
        import_module("core.registry").autodiscover()
