"""Scheduled tasks of saved views; each may safely run twice."""

from __future__ import annotations

from collections.abc import Collection

from celery import shared_task
from django.db.models import Q

from customers.saved_views.models import SavedView
from customers.saved_views.services import views_reword
from customers.selections.models import Selection, SelectionReference
from customers.selections.services import selections_reword


@shared_task
def reword_conditions() -> None:
    """Let selections and views say the present names of classes, segments and people, every night."""
    selections_reword()
    views_reword()


@shared_task
def reword_named(selections: Collection[int], views: Collection[int]) -> None:
    """Let these selections and views, and the views with conditions kept in such selections, say the present names."""
    selections_reword(Selection.objects.filter(pk__in=selections))
    within = SelectionReference.objects.filter(target__in=selections, view__isnull=False)
    views_reword(SavedView.objects.filter(Q(pk__in=views) | Q(pk__in=within.values("view"))))
