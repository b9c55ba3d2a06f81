from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SavedViewsConfig(AppConfig):
    name = "customers.saved_views"
    label = "views"
    verbose_name = _("Saved views")

    def ready(self) -> None:
        import customers.saved_views.signals  # noqa: F401
