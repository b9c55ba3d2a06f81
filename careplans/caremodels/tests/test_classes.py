"""Classes that have a care model: merged into another one, deleted."""

from __future__ import annotations

import pytest

from careplans.caremodels.models import CareModel
from core.exceptions import BusinessRuleError
from customers.models import ClassificationNode
from customers.services.classification import CLASSES

pytestmark = pytest.mark.django_db


def group(code: str) -> ClassificationNode:
    return ClassificationNode.objects.get(branch__purpose="group", code=code)


def test_a_class_with_a_care_model_is_not_deleted_and_says_why():
    with pytest.raises(BusinessRuleError) as error:
        CLASSES.delete(group("suppliers"))
    assert error.value.code == "in_use"
    assert "Care of suppliers" in str(error.value)


def test_the_model_of_a_merged_class_is_retired_where_the_other_has_its_own():
    supplier_model, kept = (
        CareModel.objects.get(node=group("suppliers")),
        CareModel.objects.get(node=group("authorities")),
    )
    CLASSES.merge(group("suppliers"), group("authorities"))
    supplier_model.refresh_from_db()
    kept.refresh_from_db()
    assert (supplier_model.node, supplier_model.is_retired, kept.is_retired) == (kept.node, True, False)


def test_the_model_of_a_merged_class_becomes_that_of_the_other():
    model = CareModel.objects.get(node=group("suppliers"))
    other = CLASSES.add(branch=group("suppliers").branch, name_fi="Säätiöt", name_en="Foundations")
    CLASSES.merge(group("suppliers"), other)
    model.refresh_from_db()
    assert (model.node, model.is_retired) == (other, False)
