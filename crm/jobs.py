"""All background jobs, for administrators: the list, and its panel of the start page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core import cells, clock
from core.actions import Action
from core.enums import JobState
from core.filters import FilterSet, MomentFromFilter
from core.list_views import FilteredListView
from core.models import Job
from core.start_panels import Content, Figure, Line, StartPanelView
from core.tables import Column, Table

RULE = "accounts.manage_users"
WEEK = dt.timedelta(days=7)
SHOWN = 4

JOBS = Table(
    (
        Column("title", gettext_lazy("Job"), str, grow=True),
        Column("owner", gettext_lazy("Started by")),
        Column("state", gettext_lazy("State"), "get_state_display"),
        Column("created_at", gettext_lazy("Started"), sort="created_at", cell=cells.ago),
        Column("finished_at", gettext_lazy("Finished"), wide=True),
        Column("message", pgettext_lazy("job", "Result"), wide=True),
    ),
    "-created_at",
    ("owner", "state", "created_at"),
)


class JobFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(
        distinct=False, choices=JobState.choices, label=gettext_lazy("State"), widget=forms.CheckboxSelectMultiple
    )
    created_from = MomentFromFilter(field_name="created_at", label=gettext_lazy("Started from"))

    class Meta:
        model = Job
        fields: tuple[str, ...] = ()


class JobListView(FilteredListView):
    """The jobs of all users. Their files stay their owners'."""

    model = Job
    filterset_class = JobFilter
    table = JOBS
    title = gettext_lazy("Background jobs")
    permission_required = RULE
    main_filters = ("state", "created_from")
    empty = {
        "title": gettext_lazy("No jobs here."),
        "text": gettext_lazy("Exports, imports and bulk work run as jobs."),
    }
    empty_step = Action(gettext_lazy("Imports"), "imports:list", rule="imports.view_import")

    def get_queryset(self) -> QuerySet[Any]:
        return Job.objects.select_related("owner")


class JobsPanel(StartPanelView):
    """Jobs that wait or run, and those that failed within a week, the newest first."""

    panel = "start_jobs"
    permission_required = RULE

    def get_content(self) -> Content:
        url, since = reverse("crm:jobs"), clock.user_today() - WEEK
        going, failed = (
            JobFilter(query, queryset=Job.objects.all(), request=self.request).qs
            for query in (
                {"state": [JobState.QUEUED, JobState.RUNNING]},
                {"state": [JobState.FAILED], "created_from": since.isoformat()},
            )
        )
        newest = failed.select_related("owner").order_by("-created_at")[:SHOWN]
        return Content(
            figures=[
                Figure(_("waiting or running"), going, f"{url}?state=queued&state=running"),
                Figure(_("failed within a week"), failed, f"{url}?state=failed&created_from={since}", "late"),
            ],
            lines=[_line(job, url) for job in newest],
            url=url,
        )


def _line(job: Job, url: str) -> Line:
    return Line(str(job), url, str(job.owner or ""), job.get_state_display(), at=job.created_at, tone="late")
