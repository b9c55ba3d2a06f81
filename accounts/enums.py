from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    AUTO = "auto", _("as the computer")
    LIGHT = "light", _("light")
    DARK = "dark", _("dark")


class Language(models.TextChoices):
    FI = "fi", _("Finnish")
    EN = "en", _("English")


class UserState(models.TextChoices):
    ACTIVE = "active", _("active")
    INVITED = "invited", _("invited")
    INACTIVE = "inactive", _("deactivated")
