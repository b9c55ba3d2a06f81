from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareClockConfig(AppConfig):
    name = "careplans.clock"
    label = "careclock"
    verbose_name = _("Annual clock")
