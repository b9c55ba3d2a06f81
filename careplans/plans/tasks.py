"""Background work of care plans. Each task calls one service and can be repeated safely."""

from __future__ import annotations

from celery import shared_task

from careplans.plans.evaluations import care_refresh
from careplans.plans.services.members import catch_up
from careplans.plans.services.stays import models_catch_up, needs_refresh, stays_refresh
from core.queue import send_task


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
def refresh_models() -> None:
    """Bring the customers of care models up to date that apply in another way from now on."""
    models_catch_up()
    care_refresh()


@shared_task
def refresh_members() -> None:
    """Bring the plans up to date of what groups, teams and people have who are others since the last run."""
    catch_up()
    care_refresh()


@shared_task
def refresh_needs(segment_ids: list[int]) -> None:
    """Keep which segments need approval from now on, and bring the plans of their customers up to date."""
    needs_refresh()


@shared_task
def refresh_all_stays() -> None:
    """Bring the care models of all customers up to date, every night, and evaluate those that the day concerns.

    Another process helps if there is one: they share the customers out.
    """
    catch_up()
    stays_refresh()
    send_task("careplans.plans.tasks.refresh_beside_the_night")
    care_refresh()


@shared_task
def refresh_beside_the_night() -> None:
    """Evaluate some of the customers that the day concerns, beside the night's own task."""
    care_refresh()
