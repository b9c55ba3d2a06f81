"""Background work of memberships."""

from celery import shared_task

from segmentation.membership.services.present import segments_refresh


@shared_task
def refresh_segments() -> None:
    """Compute what lists show as the segment of each customer again."""
    segments_refresh()
