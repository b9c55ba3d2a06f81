"""Services of the rows of a plan's content: adding, changing, deleting, and bringing back what was there before."""

from __future__ import annotations

from typing import Any, TypeVar

from django.apps import apps
from django.core import serializers
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey
from django.utils.translation import gettext as _

from accounts.models import User
from careplans.content.models import Project
from careplans.content.models.base import OfPlan
from careplans.content.services.follow_ups import follow_up_end, follow_up_keep
from careplans.plans.services.approvals import check_active
from core.exceptions import BusinessRuleError
from core.services import check_version, lock, versioned_save
from customers.models import Customer

R = TypeVar("R", bound=OfPlan)
#: The models of which rows are brought back.
KEPT = ("charge", "project", "system", "agreement", "plancontent", "planblock")


def snapshot(row: OfPlan | None) -> dict[str, Any]:
    """Return a row as JSON from which :func:`row_restore` makes it again."""
    return {"row": serializers.serialize("json", [row]) if row is not None else ""}


@transaction.atomic
def row_save(*, row: R, user: User | None = None, seen: int | None = None) -> R:
    """Add or change a row that a form has filled in; a project with its follow-up, which ``user`` asks for.

    Raises ``customer_passive``, ``stale_version``; of a project as ``follow_up_keep``.
    """
    check_active(Customer.objects.select_for_update(no_key=True).get(pk=row.customer_id))
    if not row._state.adding:
        check_version(lock(row), seen)
    saved = versioned_save(row)
    _follow(saved, user)
    return saved


def _follow(row: Any, user: User | None) -> None:
    if isinstance(row, Project) and user is not None:
        follow_up_keep(project=row, user=user)


@transaction.atomic
def content_save(*, content: Any, user: User, seen: int | None = None) -> Any:
    """Save the header and goals of a plan that a form has filled in. Raises as :func:`row_save`, ``days_reversed``."""
    if content.asked_on and content.given_on and content.given_on < content.asked_on:
        text = _("The data was given before it was asked for.")
        raise BusinessRuleError("days_reversed", text, field="given_on")
    content.changed_by = user
    return row_save(row=content, seen=seen)


@transaction.atomic
def row_delete(*, row: OfPlan, seen: int | None = None) -> None:
    """Delete a row. Raises ``customer_passive``, ``stale_version``."""
    locked: Any = lock(row)
    check_version(locked, seen)
    check_active(locked.customer)
    if isinstance(locked, Project):
        follow_up_end(project=locked)
    locked.delete()


@transaction.atomic
def row_restore(*, customer: Customer, content: dict[str, Any], user: User | None = None) -> None:
    """Bring back a row of the customer as its :func:`snapshot` has it, unless it has changed again meanwhile.

    Raises ``not_kept``, ``changed_since``, ``customer_passive``.
    """
    check_active(Customer.objects.select_for_update(no_key=True).get(pk=customer.pk))
    row: Any = _row_of(content)
    if row.customer_id != customer.pk:
        raise _not_kept()
    present = type(row).objects.select_for_update().filter(pk=row.pk).first()
    expected = content.get("version")
    if (present.version if present else None) != expected:
        raise _changed()
    row.version = (expected or row.version) + 1
    try:
        with transaction.atomic():
            row.save(force_insert=present is None)
    except IntegrityError:  # such as another sum of the same service and year
        raise _changed() from None
    _follow(row, user)


def _row_of(content: dict[str, Any]) -> Any:
    text = content.get("row", "")
    found = [one.object for one in serializers.deserialize("json", text)] if text else []
    models = {apps.get_model("carecontent", name) for name in KEPT}
    if len(found) != 1 or type(found[0]) not in models:
        raise _not_kept()
    _without_gone(found[0])
    return found[0]


def _without_gone(row: Any) -> None:
    """Leave empty what the row named and is not there any more."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname) if isinstance(field, ForeignKey) and field.null else None
        related: Any = field.related_model
        if value and not related._default_manager.filter(pk=value).exists():
            setattr(row, field.attname, None)


def _changed() -> BusinessRuleError:
    return BusinessRuleError("changed_since", _("It has been changed again since: nothing was taken back."))


def _not_kept() -> BusinessRuleError:
    return BusinessRuleError("not_kept", _("It cannot be brought back any more."))
