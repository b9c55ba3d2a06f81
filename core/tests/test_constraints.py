"""At which field a violated constraint is shown."""

from __future__ import annotations

from typing import Any

import pytest

from careplans.caremodels.models import CareAction, CareModel
from careplans.plans.models import PlanException
from core.constraints import field_of
from customers.models import Customer
from offers.orders.models import OrderLine
from offers.products.models import Product


def shown_at(model: Any, name: str, *left_out: str) -> str:
    [constraint] = [one for one in model._meta.constraints if one.name == name]
    return field_of(constraint, model, left_out)


@pytest.mark.parametrize(
    ("model", "name", "field"),
    [
        (Product, "product_participants", "participants_max"),
        (PlanException, "plan_exception_days", "last"),
        (CareModel, "care_model_of_one", "node"),
        (Customer, "customer_not_own_parent", "parent"),
        (OrderLine, "orderline_invoiced_delivered", "quantity"),
        (CareAction, "care_action_code_once", "code"),
        (PlanException, "plan_exception_no_overlap", ""),
    ],
)
def test_a_constraint_is_shown_at_the_last_of_its_fields_that_people_edit(model, name, field):
    assert shown_at(model, name) == field


def test_a_constraint_is_shown_at_a_field_that_the_form_has():
    assert shown_at(Product, "product_participants", "participants_max") == "participants_min"
