"""Default care models, which people change as they like: approved from the day on which they are loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.enums import TeamKind
from accounts.models import Team
from activities.log.models import ActivityType
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import CareAction, CareModel, ModelMetric, ModelVersion, SkipReason, Term
from careplans.caremodels.services.actions import responsible_set
from careplans.caremodels.services.versions import VERSION_STATUS, version_approve_default, version_draft
from careplans.caremodels.validators import check_action, who_of
from core import clock
from core.defaults import load_list, read
from customers.models import ClassificationNode
from segmentation.schemes.models import Segment

#: The first and the last day of the terms that are loaded, as month and day, and for how many years.
TERMS = (
    ("Kevätlukukausi", "Spring term", (1, 1), (5, 31)),
    ("Syyslukukausi", "Autumn term", (8, 1), (12, 31)),
)
YEARS_BEFORE, YEARS_AFTER = 2, 3


def load_care() -> None:
    """Add the models of the default segments and customer groups."""
    models_add("care")


def load_clock() -> None:
    """Add the annual clock of the city's service centre to its portfolios."""
    models_add("tku")


def models_add(name: str) -> list[ModelVersion]:
    """Add the default models of a file of which the segment or class is here and has no model; return the versions."""
    data = read("caremodels", name)
    rows = [(row, subject) for row in data["models"] for subject in _subjects(row)]
    missing = [(row, subject) for row, subject in rows if not subject.care_models.filter(retired_at=None).exists()]
    if not missing:
        return []
    loader = _Loader(data)
    return [loader.add(row, subject, order) for order, (row, subject) in enumerate(missing, 1)]


def _subjects(row: Mapping[str, Any]) -> list[Any]:
    """Return the segments, or the class, of a default model, as far as this organisation has them."""
    if "node" in row:
        branch, code = row["node"].split(".")
        return list(ClassificationNode.objects.filter(branch__code=branch, code=code, retired_at=None))
    codes = row.get("segments") or [row["segment"]]
    segments = Segment.objects.filter(scheme__code=row["scheme"], code__in=codes, retired_at=None)
    return list(segments.order_by("order"))


class _Loader:
    """Adds default models: the actions of a file are named by code."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.actions = data["actions"]
        self.types = {kind.code: kind for kind in ActivityType.objects.all()}
        self.roles = {node.code: node for node in ClassificationNode.objects.filter(branch__purpose="contact_role")}
        self.teams = {code: _unit(name) for code, name in data.get("teams", {}).items()}

    @transaction.atomic
    def add(self, row: Mapping[str, Any], subject: Any, order: int) -> ModelVersion:
        """Add a model with an approved version."""
        is_one = "segments" not in row
        about = {"segment" if isinstance(subject, Segment) else "node": subject}
        model = CareModel.objects.create(
            code=row["code"] if is_one else f"{row['code']}_{subject.code}".lower(),
            name_fi=row["name_fi"] if is_one else f"{row['name_fi']}: {subject.name_fi}"[:120],
            name_en=row["name_en"] if is_one else f"{row['name_en']}: {subject.name_en}"[:120],
            order=order * 10,
            team=getattr(subject, "team", None),
            **about,
        )
        with translation.override("fi"):
            text = _("The default care model of the program. Change it to fit your customers.")
        version = version_draft(model=model, user=None, justification=text)
        for name in ("goals_fi", "goals_en", "channels", "promise_hours", "answer_days"):
            setattr(version, name, row[name])
        version.save()
        for number, asked in enumerate(row["actions"], 1):
            self._action(version, asked, number * 10)
        for metric in row["metrics"]:
            ModelMetric.objects.create(version=version, **metric)
        for status in (VersionStatus.TEAM, VersionStatus.WAITING):
            VERSION_STATUS.write(version, status, user=None)
        return version_approve_default(version, clock.today())

    def _action(self, version: ModelVersion, asked: Mapping[str, Any], order: int) -> None:
        fields = {**self.actions[asked["code"]], **asked}
        types = [self.types[code] for code in fields.pop("types", ()) if code in self.types]
        keys = [self._key(key) for key in fields.pop("responsible")]
        named = {
            "activity_type": self.types.get(fields.pop("activity_type", "")),
            "recipient_role": self.roles.get(fields.pop("recipient_role", "")),
            "recipient_team": self.teams.get(fields.pop("recipient_team", "")),
        }
        action = CareAction(version=version, order=order, **fields, **named)
        check_action(action, types)
        action.save()
        action.types.set(types)
        responsible_set(action.responsible, who_of(keys))

    def _key(self, key: str) -> str:
        kind, name = key.split(":")
        return f"team:{self.teams[name].pk}" if kind == "team" else key


def _unit(name: str) -> Team:
    team, _is_new = Team.objects.get_or_create(name=name, defaults={"kind": TeamKind.UNIT})
    return team


def load_terms() -> None:
    """Add the terms around the present year."""
    year = clock.today().year
    for one in range(year - YEARS_BEFORE, year + YEARS_AFTER + 1):
        for name_fi, name_en, first, last in TERMS:
            Term.objects.create(
                name_fi=f"{name_fi} {one}", name_en=f"{name_en} {one}", first=dt.date(one, *first),
                last=dt.date(one, *last),
            )  # fmt: skip


def load_reasons() -> None:
    load_list("skip_reasons", SkipReason)


SETS: dict[str, Callable[[], None]] = {
    "terms": load_terms,
    "skip_reasons": load_reasons,
    "care": load_care,
    "tku": load_clock,
}
