"""Background work of series and invitations."""

from celery import shared_task

from activities.services.series import series_continue


@shared_task
def continue_series() -> None:
    """Make what a day more of a year ahead brings to series that go on."""
    series_continue()
