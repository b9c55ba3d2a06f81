"""Choices of schemes and segments. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ValueMode(models.TextChoices):
    """Whether the value of a customer to us is computed, who sees it and what it may steer."""

    USED = "used", _("used")
    DEVELOPMENT = "development", _("development only")
    OFF = "off", _("off")


class Colour(models.TextChoices):
    """The fixed palette of segments: each is a class of the style sheet with its two themes."""

    NONE = "", _("no colour")
    BLUE = "blue", _("blue")
    GREEN = "green", _("green")
    YELLOW = "yellow", _("yellow")
    ORANGE = "orange", _("orange")
    RED = "red", _("red")
    PURPLE = "purple", _("purple")
    TEAL = "teal", _("teal")
    GREY = "grey", _("grey")


class GoalKind(models.TextChoices):
    """What a goal of a segment for a year is about."""

    MEMBERS = "members", _("customers in the segment")
    GROWTH = "growth", _("growth of orders, %")
    PROFITABILITY = "profitability", _("profitability, €")
    SATISFACTION = "satisfaction", _("satisfaction (NPS)")
    ADHERENCE = "adherence", _("adherence to care plans, %")


class RuleChangeStatus(models.TextChoices):
    """What became of a change of who decides about a segment, or of how many it takes."""

    OPEN = "open", pgettext_lazy("rule change", "waits for approval")
    DONE = "done", pgettext_lazy("rule change", "in effect")
    REJECTED = "rejected", pgettext_lazy("rule change", "rejected")


#: Goals about the value of customers to us: a scheme without value has none of them.
VALUE_GOALS = frozenset({GoalKind.PROFITABILITY})

#: What the API's schema calls these.
SCHEMA_NAMES = {"ValueModeEnum": ValueMode, "SegmentColourEnum": Colour, "GoalKindEnum": GoalKind}
