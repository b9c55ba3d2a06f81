"""How far bulk work on segments has got, by the owner of the customers."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.views.generic import TemplateView

from accounts.models import User
from core.bulk.enums import BulkStatus
from core.bulk.models import BulkRun
from core.permissions import SIGNED_IN
from core.views import VisibleObjectMixin
from customers.models import CustomerSummary
from segmentation.casework.bulk import segments_of_run


class RunOwnersView(VisibleObjectMixin, TemplateView):
    """The customers of a run that moves segments, by owner: done, as they were, left out, waiting; one's own runs."""

    model = BulkRun
    permission_required = SIGNED_IN
    template_name = "casework/run_owners.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("job")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        run = self.object
        if not segments_of_run(run):
            raise Http404
        return super().get_context_data(title=str(run), run=run, owners=owners_of_run(run), **kwargs)


def owners_of_run(run: BulkRun) -> list[dict[str, Any]]:
    """Return a row for each owner of the run's customers, by name; those without an owner are last."""
    owner = CustomerSummary.objects.filter(customer=OuterRef("target_id")).values("owner")[:1]
    counted = run.rows.annotate(owner=Subquery(owner)).values("owner").order_by()
    statuses = {
        name: Count("pk", filter=Q(status=status))
        for name, status in (
            ("changed", BulkStatus.CHANGED),
            ("unchanged", BulkStatus.UNCHANGED),
            ("refused", BulkStatus.REFUSED),
            ("waiting", BulkStatus.WAITING),
        )
    }
    rows: list[dict[str, Any]] = [dict(row) for row in counted.annotate(total=Count("pk"), **statuses)]
    people = User.objects.in_bulk([row["owner"] for row in rows if row["owner"]])
    for row in rows:
        row["person"] = people.get(row["owner"])
    return sorted(rows, key=lambda row: (row["person"] is None, row["person"].sort_key if row["person"] else ""))
