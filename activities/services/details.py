"""The row of its own in which activities of some types tell more: encounters, feedback, leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from activities.enums import DetailsKind
from activities.models import Activity, Encounter, Feedback, Lead
from crm.exceptions import BusinessRuleError

MODELS: dict[str, Any] = {
    DetailsKind.ENCOUNTER: Encounter,
    DetailsKind.FEEDBACK: Feedback,
    DetailsKind.LEAD: Lead,
}

#: Called with a new row before it is saved: gives what was not told, such as who answers feedback and by when.
FILLERS: dict[str, Callable[[Any], None]] = {}


def details_write(activity: Activity, told: Mapping[str, Any] | None = None) -> None:
    """Write what ``told`` names into the activity's own row; feedback and leads always have one.

    Raises :class:`BusinessRuleError`: ``details_not_of_type``, ``invalid``.
    """
    kind = activity.type.details
    if kind not in MODELS:
        if told:
            message = _("Activities of this type have no fields of their own.")
            raise BusinessRuleError("details_not_of_type", message, field="details")
        return
    row = MODELS[kind].objects.filter(activity=activity).first()
    if row is None:
        row = _new(kind, activity, told or {})
    elif told:
        _fill(row, told)
    else:
        return
    if row is not None:
        _save(row)


def _new(kind: str, activity: Activity, told: Mapping[str, Any]) -> Any:
    """Return a new row; an encounter about which nothing is told has none."""
    row = MODELS[kind](activity=activity)
    _fill(row, told)
    if kind == DetailsKind.ENCOUNTER and not _says_something(row):
        return None
    if kind in FILLERS:
        FILLERS[kind](row)
    return row


def _fill(row: Any, told: Mapping[str, Any]) -> None:
    for name, value in told.items():
        row._meta.get_field(name)  # another name is an error of the program
        setattr(row, name, value)


def _says_something(row: Any) -> bool:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return any(getattr(row, field.attname) != field.get_default() for field in fields)


def _save(row: Any) -> None:
    try:
        row.clean_fields(exclude={"activity"})
    except ValidationError as error:
        [(field, messages), *_rest] = error.message_dict.items()
        raise BusinessRuleError("invalid", " ".join(messages), field=field) from error
    row.save()
