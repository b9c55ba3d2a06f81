"""What the kernel itself adds: the page of one's own bulk operations."""

from django.utils.translation import gettext_lazy as _

from core.registry import Command

COMMANDS = tuple(
    Command(
        place=place,
        name="bulk_runs",
        label=_("Bulk operations"),
        url_name="core:bulk_runs",
        icon="checklist",
        keywords="joukkotoiminnot massatoimet kumoa undo",
        order=80,
    )
    for place in ("top", "profile")
)
