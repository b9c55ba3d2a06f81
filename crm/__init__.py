"""The kernel every app of Portaali stands on. It knows no customers and no offers."""

from crm.celery import app as celery_app

__all__ = ["celery_app"]
