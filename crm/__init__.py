"""The project: settings, URLs, start-up and the start page."""

from crm.celery import app as celery_app

__all__ = ["celery_app"]
