from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembershipConfig(AppConfig):
    name = "segmentation.membership"
    label = "membership"
    verbose_name = _("Segments of customers")
