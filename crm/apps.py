from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        autodiscover_modules("permissions")  # each app's rules
        import_module("crm.export_jobs")  # a worker must know it too
        import_module("crm.checks")
        registry: Any = import_module("crm.registry")
        entry = {
            "name": "start",
            "label": pgettext_lazy("page", "Start"),
            "url_name": "crm:start",
            "icon": "home",
            "order": 5,
        }
        registry.nav.add("main", registry.NavItem(**entry))
        registry.commands.add("top", registry.Command(**entry))
