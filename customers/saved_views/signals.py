"""Selections and views say at once what the rows that they name are called now."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from customers.selections.store import reference_models


@receiver(post_save, dispatch_uid="views_reword_named")
def reword_after(
    sender: Any, instance: Any, created: bool, update_fields: Collection[str] | None, **_kwargs: Any
) -> None:
    """Let the conditions that name a changed row be worded again once its transaction has committed.

    Rows that are written many at a time follow in the night.
    """
    if created or sender not in reference_models() or not _may_rename(sender, update_fields):
        return
    reference = reference_models()[sender]
    transaction.on_commit(lambda: reference.reword(reference._base_manager.filter(target=instance.pk)))


def _may_rename(model: type[models.Model], update_fields: Collection[str] | None) -> bool:
    """Return whether a name may be among the written fields: it is made of texts, or of a state."""
    if update_fields is None:
        return True
    written = (model._meta.get_field(name) for name in update_fields)
    return any(isinstance(field, models.CharField | models.TextField) for field in written)
