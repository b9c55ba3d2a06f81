"""What a selection is of, whether it lives, and who sees it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SelectionOf(models.TextChoices):
    CUSTOMERS = "customers", _("customers")
    CONTACTS = "contacts", _("contacts")


class SelectionKind(models.TextChoices):
    LIVE = "live", pgettext_lazy("selection", "live")
    FROZEN = "frozen", pgettext_lazy("selection", "frozen")


class Sharing(models.TextChoices):
    OWN = "own", pgettext_lazy("selection", "only me")
    TEAM = "team", pgettext_lazy("selection", "my team")
    ALL = "all", pgettext_lazy("selection", "everyone")


class Combination(models.TextChoices):
    AND = "and", _("in both")
    MINUS = "minus", _("in the first but not in the second")
    OR = "or", _("in either")


#: What the conditions of a selection are about, by what it is of.
SUBJECTS = {SelectionOf.CUSTOMERS.value: "customer", SelectionOf.CONTACTS.value: "contact"}

#: What the API's schema calls these.
SCHEMA_NAMES = {"SelectionOfEnum": SelectionOf, "SelectionKindEnum": SelectionKind, "SharingEnum": Sharing}
