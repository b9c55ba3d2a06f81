"""Scheduled tasks of saved views; each may safely run twice."""

from __future__ import annotations

from celery import shared_task

from customers.saved_views.services import views_reword
from customers.selections.services import selections_reword


@shared_task
def reword_conditions() -> None:
    """Let selections and views say the present names of classes, segments and people, every night."""
    selections_reword()
    views_reword()
