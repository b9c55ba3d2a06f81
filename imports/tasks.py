"""Celery tasks of imports."""

from celery import shared_task

from imports.services import runs_purge


@shared_task
def purge_old_imports() -> None:
    runs_purge()
