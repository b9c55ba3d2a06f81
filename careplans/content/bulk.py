"""Bulk operation: print the care plans of customers as one PDF, for internal use only."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careplans.content.pdf import plans_pdf
from core import clock
from core.bulk.enums import BulkStatus
from core.bulk.models import BulkRun
from core.bulk.operations import Applied, Finding
from customers.bulk.base import INACTIVE, CustomerOperation
from customers.models import Customer


class PrintPlansOperation(CustomerOperation):
    name, icon, order = "carecontent.print_plans", "printer", 65
    label = gettext_lazy("Print care plans")
    permission = "carecontent.view"
    max_rows = 200
    reasons = dict(CustomerOperation.common)

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        return [_("The PDF is for internal use only: it does not go to customers.")]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding(INACTIVE, rows.passive())

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        return Applied(changed=ids)

    def finish(self, run: BulkRun) -> tuple[IO[bytes], str]:
        ids = list(run.rows.filter(status=BulkStatus.CHANGED).values_list("target_id", flat=True))
        customers = Customer.objects.visible_to(run.user).filter(pk__in=ids).with_summary().order_by("sort_key", "pk")
        day = clock.user_today()
        return io.BytesIO(plans_pdf(customers, day)), f"{slugify(_('Care plans'))}-{day:%Y-%m-%d}.pdf"
