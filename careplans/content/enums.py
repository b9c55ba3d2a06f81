"""Choices of the content of care plans. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PartKind(models.TextChoices):
    """What a part of the template is."""

    HEADER = "header", _("field of the header")
    SECTION = "section", _("section")
    BLOCK = "block", _("text")


class NeedStatus(models.TextChoices):
    """What has become of a development need. A declined one is kept and may be taken up again."""

    OPEN = "open", pgettext_lazy("need", "open")
    DECLINED = "declined", pgettext_lazy("need", "declined")
    LEAD = "lead", pgettext_lazy("need", "became a lead")
    OFFER = "offer", pgettext_lazy("need", "became an offer")
    JOINED = "joined", pgettext_lazy("need", "joined to another")


NEED_TRANSITIONS: dict[NeedStatus, tuple[NeedStatus, ...]] = {
    NeedStatus.OPEN: (NeedStatus.DECLINED, NeedStatus.LEAD, NeedStatus.OFFER, NeedStatus.JOINED),
    NeedStatus.DECLINED: (NeedStatus.OPEN, NeedStatus.JOINED),
    NeedStatus.LEAD: (),
    NeedStatus.OFFER: (),
    NeedStatus.JOINED: (),
}


class Keeper(models.TextChoices):
    """Who keeps a system up."""

    OURS = "ours", _("ourselves")
    EXTERNAL = "external", pgettext_lazy("maintained by", "external")


class FollowUp(models.IntegerChoices):
    """How often a project is followed up, in months."""

    MONTHLY = 1, _("each month")
    TWO_MONTHS = 2, _("each two months")
    QUARTERLY = 3, _("each quarter")
    HALF_YEARLY = 6, _("each half-year")
    YEARLY = 12, _("each year")


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "NeedStatusEnum": NeedStatus,
    "PlanPartKindEnum": PartKind,
    "SystemKeeperEnum": Keeper,
    "ProjectFollowUpEnum": FollowUp,
}
