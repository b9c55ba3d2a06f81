from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareContentConfig(AppConfig):
    name = "careplans.content"
    label = "carecontent"
    verbose_name = _("Content of care plans")
