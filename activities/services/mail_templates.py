"""Taking e-mail templates out of use and back."""

from __future__ import annotations

from django.db import transaction

from activities.models import EmailTemplate
from crm import clock


@transaction.atomic
def template_set_retired(*, template: EmailTemplate, retired: bool) -> EmailTemplate:
    """Retire a template, so that no new message starts from it, or take it into use again; return the new row."""
    row = EmailTemplate.objects.select_for_update().get(pk=template.pk)
    if row.is_retired != retired:
        row.retired_at = clock.now() if retired else None
        row.version += 1
        row.save(update_fields=["retired_at", "version", "updated_at"])
    return row
