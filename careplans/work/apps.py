from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareWorkConfig(AppConfig):
    name = "careplans.work"
    label = "carework"
    verbose_name = _("Care plan work")
