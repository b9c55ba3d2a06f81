from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Theme(models.TextChoices):
    AUTO = "auto", _("as the device")
    LIGHT = "light", _("light")
    DARK = "dark", _("dark")


class Language(models.TextChoices):
    FI = "fi", _("Finnish")
    EN = "en", _("English")


class TokenScope(models.TextChoices):
    WRITE = "write", pgettext_lazy("API key", "read and write")
    READ = "read", pgettext_lazy("API key", "read only")


class UserState(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("user", "active")
    INVITED = "invited", pgettext_lazy("user", "invited")
    INACTIVE = "inactive", _("deactivated")


class TeamKind(models.TextChoices):
    """What a team is: a part of the organisation, people who care for a segment, those who look after customers."""

    UNIT = "unit", pgettext_lazy("team", "unit")
    CARE = "care", pgettext_lazy("team", "care team")
    ACCOUNT = "account", pgettext_lazy("team", "account team")
    OTHER = "other", pgettext_lazy("team", "other team")


class SystemMailKind(models.TextChoices):
    """What a mail of the program to a user is made of when it is sent."""

    TEXT = "text", "text"  # its subject and text
    INVITATION = "invitation", "invitation"
    NOTIFICATION = "notification", "notification"


class SystemMailState(models.TextChoices):
    WAITING = "waiting", "waiting"
    SENDING = "sending", "sending"  # a worker has claimed it and holds its lock
    SENT = "sent", "sent"
    FAILED = "failed", "failed"


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "LanguageEnum": Language,
    "ThemeEnum": Theme,
    "TeamKindEnum": TeamKind,
    "UserStateEnum": UserState,
}
