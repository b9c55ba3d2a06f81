"""Saving with the model's own checks."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from activities.models import Activity
from crm.exceptions import BusinessRuleError


def save(activity: Activity) -> None:
    """Save after the model's own checks (lengths, figures), whose messages stand at their fields."""
    try:
        activity.clean_fields(exclude={"type", "customer", "follows", "series", "created_by"})
    except ValidationError as error:
        [(field, messages), *_rest] = error.message_dict.items()
        raise BusinessRuleError("invalid", " ".join(messages), field=field) from error
    activity.save()
