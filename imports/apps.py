from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "imports"
    verbose_name = _("Imports")

    def ready(self) -> None:
        from imports import jobs, kinds, registrations  # noqa: F401 (jobs and kinds register what they are)

        registrations.register()
