from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareModelsConfig(AppConfig):
    name = "careplans.caremodels"
    label = "caremodels"
    verbose_name = _("Care models")
