"""What the tests of care models do again and again."""

from __future__ import annotations

from typing import Any

import pytest

from activities.log.models import ActivityType
from careplans.caremodels.models import CareAction, ModelVersion
from careplans.caremodels.services.actions import action_save
from core.exceptions import BusinessRuleError


def refused(code: str, field: str | None = None) -> Any:
    """Expect a broken rule with this code, at this field if one is given."""

    class Expect:
        def __enter__(self) -> None:
            self.raises = pytest.raises(BusinessRuleError)
            self.info = self.raises.__enter__()

        def __exit__(self, *error: Any) -> bool:
            handled = self.raises.__exit__(*error)
            assert self.info.value.code == code
            assert field is None or self.info.value.field == field
            return bool(handled)

    return Expect()


def call() -> ActivityType:
    return ActivityType.objects.get(code="call")


def new_action(version: ModelVersion, **fields: Any) -> CareAction:
    about = {
        "code": "contact", "name_fi": "Yhteydenotto", "name_en": "Contact", "completed_by": ["activity"],
        "activity_type": call(), "frequency": "every", "count": 60, "is_contact": True,
    }  # fmt: skip
    return CareAction(version=version, **{**about, **fields})


def saved(version: ModelVersion, responsible: tuple[str, ...] = ("role:owner",), **fields: Any) -> CareAction:
    return action_save(action=new_action(version, **fields), types=[], responsible=responsible)
