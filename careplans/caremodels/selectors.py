"""Reads of care models that pages, API, preview and plans share."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from activities.log.models import ActivityType
from careplans.caremodels.models import CareAction, CareModel, ModelVersion, StatutoryTask

_RELATED = (
    "activity_type", "contact_role__branch", "recipient_role__branch", "recipient_team", "selection",
)  # fmt: skip


def complete(actions: QuerySet[Any]) -> QuerySet[Any]:
    """Read with actions what their words and their frequency need, in a constant number of queries."""
    return actions.select_related(*_RELATED).prefetch_related("types", "responsible__group", "responsible__team")


def computable(actions: QuerySet[Any]) -> QuerySet[Any]:
    """Read with actions what adherence and the work in calendars need, no names of others."""
    return actions.prefetch_related(Prefetch("types", ActivityType.objects.only("pk")), "responsible__group")


def actions_of(version: ModelVersion) -> list[CareAction]:
    """Return the actions of a version in their order, complete."""
    return list(complete(CareAction.objects.filter(version=version)).order_by("order", "pk"))


def statutory_tasks() -> list[StatutoryTask]:
    """Return the statutory tasks in use, complete."""
    return list(complete(StatutoryTask.objects.filter(retired_at__isnull=True)).order_by("order", "pk"))


def versions_in_force(day: dt.date) -> dict[int, ModelVersion]:
    """Return the version of each model in use that applies on a day, with its actions, by the id of the model."""
    versions = ModelVersion.objects.in_force(day).filter(model__retired_at__isnull=True).select_related("model")
    actions = Prefetch("actions", complete(CareAction.objects.all()).order_by("order", "pk"))
    return {version.model_id: version for version in versions.prefetch_related(actions)}


def asked_about(model: CareModel) -> QuerySet[User]:
    """Return who is asked for an opinion about versions of a model: members of account teams and of its care team."""
    asked = Q(pk__in=User.objects.of_account_team().values("pk"))
    if model.team_id is not None:
        asked |= Q(pk__in=User.objects.filter(teams=model.team_id).values("pk"))
    people: QuerySet[User] = User.objects.active().filter(asked)
    return people


def models_with_versions(models: QuerySet[CareModel], day: dt.date) -> list[CareModel]:
    """Return models for the list: each with the version in force, the one in preparation and the number of actions."""
    rows = list(models.select_related("segment__scheme", "node__branch", "team").prefetch_related("versions__actions"))
    for row in rows:
        versions: list[ModelVersion] = list(row.versions.all())
        row.current = next((one for one in versions if _applies(one, day)), None)  # type: ignore[attr-defined]
        row.prepared = next((one for one in versions if one.is_prepared), None)  # type: ignore[attr-defined]
        row.coming = next((one for one in versions if _is_coming(one, day)), None)  # type: ignore[attr-defined]
    return rows


def _applies(version: ModelVersion, day: dt.date) -> bool:
    if version.is_prepared or version.valid_from is None or version.valid_from > day:
        return False
    return version.valid_to is None or version.valid_to >= day


def _is_coming(version: ModelVersion, day: dt.date) -> bool:
    return not version.is_prepared and version.valid_from is not None and version.valid_from > day
