from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LogConfig(AppConfig):
    name = "activities.log"
    label = "activities"
    verbose_name = _("Activities")
