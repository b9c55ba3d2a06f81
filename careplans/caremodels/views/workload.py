"""The workload of a version before it is approved, with "what if" of one action's interval."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from careplans.caremodels.frequencies import frequency_words
from careplans.caremodels.models import CareAction, ModelVersion
from careplans.caremodels.selectors import actions_of
from careplans.caremodels.views.versions import PREVIEW, VersionMixin
from careplans.caremodels.workload import WhatIf, Workload, may_ask, workload
from core import clock
from core.formatting import signed_text
from core.forms import IntegerField
from core.parameters import OneOfField, QueryFormMixin, of_form


class ActionChoice(forms.ModelChoiceField):
    """An action with its present frequency."""

    def label_from_instance(self, obj: CareAction) -> str:
        return f"{obj}: {frequency_words(obj)}"


class WhatIfForm(forms.Form):
    """Another number of days, weeks or months of one action."""

    action = ActionChoice(CareAction.objects.none(), label=gettext_lazy("Action"), required=False)
    count = IntegerField(label=gettext_lazy("Number instead"), required=False, min_value=1, max_value=3_650)

    def __init__(self, *args: Any, version: ModelVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = [action for action in actions_of(version) if may_ask(action)]
        field: Any = self.fields["action"]
        field.queryset = CareAction.objects.filter(pk__in=[action.pk for action in self.choices])
        field.empty_label = _("as in the version")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("action") and not data.get("count") and "count" not in self.errors:
            self.add_error("count", _("Give the number that is tried instead."))
        return data

    @property
    def what_if(self) -> WhatIf | None:
        """What is tried, if it can be read."""
        action = self.cleaned_data.get("action") if self.is_bound and self.is_valid() else None
        return WhatIf(action.pk, self.cleaned_data["count"]) if action else None


class WorkloadView(QueryFormMixin, VersionMixin, TemplateView):
    """Hours by person and week, against working time; who has more than that first.

    ``?late=note`` answers these in short, for the dialog that approves the version.
    """

    permission_required = PREVIEW
    template_name = "caremodels/workload.html"
    parameters = of_form(WhatIfForm) | {"late": OneOfField("note")}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("late"):
            return TemplateResponse(request, "caremodels/workload_note.html", self._in_short())
        return super().get(request, *args, **kwargs)

    def _in_short(self) -> dict[str, Any]:
        found = workload(self.object, clock.today())
        hours = sum((row.total for row in found.rows), Fraction(0))
        before = sum((row.before for row in found.rows), Fraction(0))
        more = round(hours - before)
        change = signed_text(more) if more else "0"
        return {"first_over": found.first_over, "weeks": len(found.weeks), "hours": float(hours), "change": change}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.object
        form = WhatIfForm(self.request.GET or None, version=version)
        found = workload(version, clock.today(), form.what_if)
        return super().get_context_data(
            title=_("Workload: %(version)s") % {"version": version},
            version=version,
            form=form,
            found=found,
            first_over=found.first_over,
            weeks=[week.isocalendar() for week in found.weeks],
            rows=rows_of(found),
            **kwargs,
        )


def rows_of(found: Workload) -> list[dict[str, Any]]:
    """Return the rows as the table shows them: hours and per cent of each week."""
    return [
        {
            "label": row.label,
            "occurrences": round(row.occurrences),
            "total": float(row.total),
            "before": float(row.before),
            "more": float(row.total - row.before),
            "cells": [_cell(row, week) for week in found.weeks],
        }
        for row in found.rows
    ]


def _cell(row: Any, week: Any) -> dict[str, Any]:
    load = row.load(week)
    return {"hours": float(load.hours), "percent": load.percent, "is_over": bool(row.available) and load.is_overload}
