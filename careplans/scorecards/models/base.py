"""What management approves: who made it, changed it, sent it, and who approved it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import VersionedModel


def _person(label: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=label, editable=False
    )


class Approvable(VersionedModel):
    """A row with a status that management's approval ends. ``editors`` are the ids of those who have changed it."""

    status: Any
    created_by = _person(_("added by"))
    sent_by = _person(_("sent by"))
    approved_by = _person(_("approved by"))
    approved_at = models.DateTimeField(pgettext_lazy("when", "approved"), null=True, editable=False)
    editors = ArrayField(models.IntegerField(), verbose_name=_("prepared by"), default=list, editable=False)

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        return bool(self.status == "draft")

    @property
    def is_sent(self) -> bool:
        return bool(self.status == "sent")

    @property
    def prepared_by(self) -> set[int]:
        """The users who made, changed or sent it: somebody else approves it."""
        ids: list[int | None] = [*self.editors, self.created_by_id, self.sent_by_id]
        return {pk for pk in ids if pk is not None}

    def add_editor(self, user_id: int | None) -> None:
        """Note who has prepared it; the caller saves."""
        if user_id is not None and user_id not in self.editors:
            self.editors = [*self.editors, user_id]
