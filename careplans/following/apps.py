from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareFollowingConfig(AppConfig):
    name = "careplans.following"
    label = "carefollow"
    verbose_name = _("Following of care plans")
