"""The panel of a series on an occurrence's page, and making, changing and ending a series."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from activities.log.forms.series import RepeatForm, SeriesForm
from activities.log.models import Activity
from activities.log.selectors import rule_words, series_view
from activities.log.services.series import series_make
from activities.log.services.series_changes import SeriesResult, occurrence_skip, series_change, series_end
from activities.log.views.detail import ActivityMixin
from core import clock
from core.permissions import allowed
from core.tabs import PanelMixin
from core.views import ActionView, ServiceFormView, redirect


class PanelView(PanelMixin, ActivityMixin, TemplateView):
    """A panel of an activity's page."""

    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = allowed(self.user, "activities.edit_activity", self.object)
        return super().get_context_data(activity=self.object, may_edit=may_edit, **kwargs)


class SeriesPanel(PanelView):
    """The rule in words with the next occurrences, or a link that makes the activity recur."""

    template_name = "activities/series.html"
    fragment = "series"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("series")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity: Activity = self.object
        shown = series_view(self.user, activity.series) if activity.series else None
        may_recur = activity.type.own_details.recurs and not activity.type.is_retired
        return super().get_context_data(title=_("Recurrence"), series=shown, may_recur=may_recur, **kwargs)


class SeriesFormView(ActivityMixin, ServiceFormView):
    """A form about a series; the service locks the series before the occurrence, so the page locks nothing."""

    permission_required = "activities.edit_activity"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("series")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"activity": self.object}

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())


class RepeatView(SeriesFormView):
    """Make an activity recur."""

    form_class = RepeatForm
    title = gettext_lazy("Make recurring")
    submit_label = gettext_lazy("Make recurring")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = _("Title, goal, participants, place and duration are copied. Occurrences are created for a year ahead.")
        return super().get_context_data(intro=intro, **kwargs)

    def perform(self, form: Any) -> Activity:
        series = series_make(activity=self.object, user=self.user, rule=form.rule())
        self.success_message = _("Recurs: %s.") % rule_words(series)
        return self.object


class SeriesChangeView(SeriesFormView):
    """Change this and following occurrences, or all coming ones."""

    form_class = SeriesForm
    title = gettext_lazy("Change the series")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self.object.series else self._not_recurring()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.object.series else self._not_recurring()

    def _not_recurring(self) -> HttpResponse:
        messages.warning(self.request, _("This activity does not recur."))
        return redirect(self.request, self.object.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = _("Done occurrences do not change. Occurrences that were changed separately keep their own values.")
        return super().get_context_data(intro=intro, **kwargs)

    def perform(self, form: Any) -> Activity:
        result = series_change(
            activity=self.object,
            user=self.user,
            changes=form.changes(),
            rule=form.rule() if form.rule_changed() else "",
            whole=form.cleaned_data["scope"] == "all",
            version=form.cleaned_data["version"],
        )
        self.success_message = result_text(result)
        return self._shown()

    def _shown(self) -> Activity:
        """Return the occurrence, or the next one of its series where a new rule has taken its place."""
        if Activity.objects.filter(pk=self.object.pk).exists():
            return self.object
        following = Activity.objects.filter(series=self.object.series, start__gte=clock.now()).order_by("start", "pk")
        return following.first() or Activity.objects.filter(series=self.object.series).latest("start")


def result_text(result: SeriesResult) -> str:
    """Return the result of a change of a series in words."""
    parts = [
        ngettext("%(n)d occurrence changed", "%(n)d occurrences changed", result.changed) % {"n": result.changed},
        ngettext("%(n)d removed", "%(n)d removed", result.removed) % {"n": result.removed},
        ngettext("%(n)d added", "%(n)d added", result.made) % {"n": result.made},
        ngettext("%(n)d kept its own values", "%(n)d kept their own values", result.kept) % {"n": result.kept},
    ]
    counts = (True, result.removed, result.made, result.kept)
    return ", ".join(part for part, count in zip(parts, counts, strict=True) if count) + "."


class SeriesEndView(ActivityMixin, ActionView):
    """Make this occurrence the last."""

    permission_required = "activities.edit_activity"
    submit_label = gettext_lazy("End the series")
    success_message = gettext_lazy("The series has ended.")
    danger = True
    question = gettext_lazy("End the series with this occurrence?")

    def get_effects(self) -> list[Any]:
        return [
            _("Later occurrences on which nothing has been done are removed."),
            _("This occurrence and earlier ones stay."),
        ]

    def perform(self) -> None:
        series_end(activity=self.object, user=self.user)


class SkipView(ActivityMixin, ActionView):
    """Leave one occurrence out."""

    permission_required = "activities.edit_activity"
    submit_label = gettext_lazy("Leave out")
    success_message = gettext_lazy("Left out. The series continues.")
    danger = True
    following: Activity | None = None

    @property
    def question(self) -> str:
        return _("Leave “%s” out of the series?") % self.object

    def get_effects(self) -> list[Any]:
        return [_("Only this occurrence is removed. It stays in the history.")]

    def perform(self) -> None:
        self.following = occurrence_skip(activity=self.object, user=self.user)

    def get_success_url(self) -> str:
        if Activity.objects.filter(pk=self.object.pk).exists():
            return str(self.object.get_absolute_url())
        return str(self.following.get_absolute_url()) if self.following else reverse("activities:mine")
