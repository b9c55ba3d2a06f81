"""The row of its own in which activities of some types have more than the common fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from activities.models import Activity
from activities.type_details import TypeDetails
from crm.exceptions import BusinessRuleError


def details_write(activity: Activity, content: Mapping[str, Any] | None = None) -> None:
    """Write ``content`` into the activity's own row, which it always has unless its type's details are optional.

    Raise :class:`BusinessRuleError`: ``details_not_of_type``, ``invalid``.
    """
    details = activity.type.own_details
    if details.model is None:
        if content:
            message = _("Activities of this type have no fields of their own.")
            raise BusinessRuleError("details_not_of_type", message, field="details")
        return
    row: Any = details.model._default_manager.filter(activity=activity).first()
    if row is None:
        row = _new(details, activity, content or {})
    elif content:
        _fill(row, content)
    else:
        return
    if row is not None:
        _save(row)


def _new(details: TypeDetails, activity: Activity, content: Mapping[str, Any]) -> Any:
    """Return a new row; none where the details are optional and nothing is entered."""
    assert details.model is not None  # noqa: S101 - details_write has looked
    row = details.model(activity=activity)
    _fill(row, content)
    if details.is_optional and not _says_something(row):
        return None
    if details.fill:
        details.fill(row)
    return row


def _fill(row: Any, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
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
