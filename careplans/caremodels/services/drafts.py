"""What every change of a draft does: it locks the version, which counts the change."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from careplans.caremodels.models import ModelVersion
from core.exceptions import BusinessRuleError
from core.services import check_version, lock


def locked_draft(version: ModelVersion, seen: int | None) -> ModelVersion:
    """Return the locked draft. Raise if it has changed since ``seen`` or is none any more."""
    locked = lock(version)
    check_version(locked, seen)
    if not locked.is_draft:
        text = _("Only a draft can be changed. Make a new version that is based on this one.")
        raise BusinessRuleError("not_draft", text)
    return locked


def touched(version: ModelVersion, user: User | None = None) -> ModelVersion:
    """Save a locked draft with its next version number: the user has changed something of it."""
    version.version += 1
    version.add_writer(user.pk if user else None)
    version.save()
    return version
