"""Background work of care plans. Each task calls one service and can be repeated safely."""

from __future__ import annotations

from celery import shared_task

from careplans.plans.evaluations import care_refresh
from careplans.plans.services.stays import stays_refresh, stays_refresh_models


@shared_task
def refresh_stays(customer_ids: list[int]) -> None:
    """Bring the care models of customers up to date that a service has touched."""
    stays_refresh(customer_ids)
    care_refresh(customer_ids)


@shared_task
def evaluate_customers(customer_ids: list[int]) -> None:
    """Evaluate customers that have changed in something that adherence knows."""
    care_refresh(customer_ids)


@shared_task
def refresh_models(model_ids: list[int]) -> None:
    """Bring the customers of care models up to date that apply in another way from now on."""
    stays_refresh_models(model_ids)
    care_refresh()


@shared_task
def refresh_all_stays() -> None:
    """Bring the care models of all customers up to date, every night, and evaluate those that the day concerns."""
    stays_refresh()
    care_refresh()
