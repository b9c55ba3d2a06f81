"""Who a version would move, from where to where; and how it agrees with what people had chosen on a past day."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.dates import DayField
from core.exceptions import BusinessRuleError
from core.list_views import FilteredListView
from core.views import redirect
from segmentation.criteria.filters import MoveFilter
from segmentation.criteria.forms import BackTestForm
from segmentation.criteria.models import CriteriaVersion, Preview, PreviewMove
from segmentation.criteria.previews import Matrix, matrix_of, preview_start
from segmentation.criteria.tables import MOVES, prepared


class PreviewView(FilteredListView):
    """The table of moves, the customers that move with the reasons, and the button that computes them again."""

    model = PreviewMove
    filterset_class = MoveFilter
    table = MOVES
    permission_required = "criteria.preview_version"
    template_name = "criteria/preview.html"
    main_filters = ("from_segment", "to_segment")
    is_back_test = False
    empty = {"title": gettext_lazy("Nobody would move."), "icon": "check"}

    @cached_property
    def criteria(self) -> CriteriaVersion:
        versions = CriteriaVersion.objects.visible_to(self.request.user).select_related("scheme")
        return get_object_or_404(versions, pk=self.kwargs["pk"])

    @property
    def title(self) -> str:
        return _("Preview: %(criteria)s") % {"criteria": self.criteria}

    @cached_property
    def preview(self) -> Preview | None:
        return Preview.objects.filter(criteria=self.criteria, day=self.day).select_related("criteria", "job").first()

    @property
    def day(self) -> dt.date | None:
        return None

    def get_queryset(self) -> QuerySet[Any]:
        preview = self.preview.pk if self.preview else 0  # nothing was computed yet: no rows
        moves = PreviewMove.objects.visible_to(self.user).filter(preview=preview)
        return moves.select_related("customer__summary__owner", "before", "after", "preview")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return prepared(rows)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = self.preview
        return super().get_context_data(
            criteria=self.criteria, preview=preview, matrix=self._matrix(), form=self.get_form(),
            is_back_test=self.is_back_test, job=self._job(), **kwargs,
            is_old=bool(preview and preview.edit != self.criteria.version),
        )  # fmt: skip

    def _matrix(self) -> Matrix | None:
        return matrix_of(self.preview) if self.preview and self.preview.made_at else None

    def _job(self) -> Any:
        """Return the job that computes it now."""
        job = self.preview.job if self.preview and not self.preview.made_at else None
        return job if job and not job.is_finished else None

    def get_form(self, data: Any = None) -> Any:
        return None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.make(None)

    def make(self, day: dt.date | None) -> HttpResponse:
        try:
            preview = preview_start(criteria=self.criteria, user=self.request.user, day=day)
        except BusinessRuleError as error:
            messages.error(self.request, str(error))
            return redirect(self.request, self.request.path)
        here = self.request.path + (f"?day={day.isoformat()}" if day else "")
        job = preview.job
        return redirect(self.request, f"{reverse('core:job', args=[job.pk])}?back={here}" if job else here)


class BackTestView(PreviewView):
    """The table of agreement of a past day, and the customers to which the criteria give another segment."""

    is_back_test = True
    empty = {"title": gettext_lazy("No differences."), "icon": "check"}

    @property
    def title(self) -> str:
        return _("Back-test: %(criteria)s") % {"criteria": self.criteria}

    @property
    def day(self) -> dt.date | None:
        """The day that the address names, else the last one that was computed."""
        text = self.request.GET.get("day", "")
        if text:
            return _day(text)
        done = Preview.objects.filter(criteria=self.criteria, day__isnull=False)
        return done.order_by("-made_at").values_list("day", flat=True).first() or dt.date.min

    def own_parameters(self) -> dict[str, Any]:
        return {**super().own_parameters(), "day": DayField(required=False)}

    def get_form(self, data: Any = None) -> Any:
        day = self.day if self.day and self.day != dt.date.min else None
        last_month = clock.today().replace(day=1) - dt.timedelta(days=1)
        return BackTestForm(data, initial={"day": day or last_month})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(str(text) for errors in form.errors.values() for text in errors))
            return redirect(request, request.path)
        return self.make(form.cleaned_data["day"])


def _day(text: str) -> dt.date:
    """Return the day that an address names; one that cannot be read is refused with the parameters."""
    try:
        found: dt.date = DayField().clean(text)
    except ValidationError:
        return dt.date.min
    return found
