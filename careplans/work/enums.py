"""States of generated work."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class WorkState(models.TextChoices):
    """What became of the work for an occurrence."""

    OPEN = "open", pgettext_lazy("care work", "open")
    #: The generated activity was done.
    DONE = "done", pgettext_lazy("care work", "done")
    #: Something else completed the occurrence.
    REPLACED = "replaced", pgettext_lazy("care work", "done otherwise")
    MISSED = "missed", pgettext_lazy("care work", "missed")
    #: A person has left the occurrence out.
    SKIPPED = "skipped", pgettext_lazy("care work", "left out")
    #: The plan does not ask for it any more.
    ENDED = "ended", pgettext_lazy("care work", "not in the plan any more")


#: The reason that a closed activity has in its history.
REASONS = {
    WorkState.REPLACED: _("Something else that was done counts for this action of the care plan."),
    WorkState.MISSED: _("Missed: the next time of this action of the care plan has begun."),
    WorkState.SKIPPED: _("It was left out of the care plan."),
    WorkState.ENDED: _("The care plan does not ask for it any more."),
}
INACTIVE = _("The customer is inactive.")
