"""Choices of the customer portfolio. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LossCause(models.TextChoices):
    """Why a customer has been unprofitable for two years."""

    PRICE = "price", _("price")
    CONTRACT = "contract", _("contract")
    EFFORT = "effort", _("effort")
    OTHER = "other", _("other cause")


class Field(models.TextChoices):
    """The four fields of the portfolio matrix: current value × potential."""

    VALUABLE = "valuable", pgettext_lazy("portfolio", "Most valuable")
    POTENTIAL = "potential", pgettext_lazy("portfolio", "Use the potential")
    KEEP = "keep", pgettext_lazy("portfolio", "Keep")
    IMPROVE = "improve", pgettext_lazy("portfolio", "Improve or let go")


#: What the API's schema calls these.
SCHEMA_NAMES = {"LossCauseEnum": LossCause, "PortfolioFieldEnum": Field}
