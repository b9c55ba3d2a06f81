"""What an activity from a care plan is for, its buttons, and the shared lists from which people claim work."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.log.models import Activity
from activities.log.views.detail import ActivityMixin
from careplans.adherence.occurrences import Occurrence
from careplans.plans.plan import plan_of
from careplans.plans.services.occurrences import decisions_of
from careplans.plans.views.tab import encoded
from careplans.plans.words import day_words, when_words
from careplans.work.enums import WorkState
from careplans.work.filters import ListedFilter
from careplans.work.lists import list_words, on_lists_of
from careplans.work.models import CareWork
from careplans.work.services.works import may_claim, work_claim, work_confirm, work_release
from careplans.work.tables import LISTED
from core import clock
from core.list_views import FilteredListView
from core.notices import said
from core.permissions import allowed
from core.tabs import PanelMixin
from core.views import ActionView, VisibleObjectMixin

VIEW = "carework.view_work"


class WorkPanel(PanelMixin, ActivityMixin, TemplateView):
    """For which action and occurrence of the care plan an activity is, until when, and why it counts."""

    permission_required = "carework.show_work"
    template_name = "carework/panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity: Activity = self.object
        work: CareWork = activity.care_work
        plan = plan_of(work.customer, clock.today())
        line = plan.line(work.code)
        may_edit = allowed(self.user, "activities.edit_activity", activity)
        occurrence = plan.occurrence(work.key)
        return super().get_context_data(
            title=_("Care plan"),
            work=work,
            line=line,
            when=when_words(line.action) if line else "",
            due=day_words(work.due),
            window=f"{day_words(work.first)}–{day_words(work.last)}",
            counts=_why(occurrence, work),
            list_words=list_words([work.list_key]).get(work.list_key, "") if work.list_key else "",
            occurrence=encoded(work.key),
            **(self._decisions(occurrence, work) if occurrence and work.is_open else {}),
            may_confirm=work.is_open and may_edit and activity.is_all_day,
            may_claim=work.is_open and work.person_id is None and may_claim(self.user, work),
            may_release=work.is_open and bool(work.list_key) and work.person_id == self.user.pk,
            **kwargs,
        )

    def _decisions(self, occurrence: Occurrence, work: CareWork) -> dict[str, bool]:
        """Return what the user may decide about the occurrence."""
        if not allowed(self.user, "careplans.decide_occurrence", work.customer):
            return {}
        return decisions_of(occurrence, manages=self.user.has_perm("careplans.manage_plans"))


def _why(occurrence: Occurrence | None, work: CareWork) -> str:
    """Return in words whether the activity counts for its occurrence, or what it takes."""
    done = occurrence.completed_by if occurrence else None
    if done is not None and done.name == ("activity", work.activity_id):
        return _("It is done and counts for this time.")
    if done is not None:
        return _("Something else that was done counts for this time.")
    if work.state == WorkState.DONE:
        return _("It is done but does not count for this time: the page of the action says why.")
    if not work.is_open:
        return str(work.get_state_display())
    if work.last < clock.today():
        return _("Its time has passed: when it is done now, it counts as late.")
    return _("It counts when it is done in the window.")


class WorkMixin(VisibleObjectMixin):
    model = CareWork

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("activity__customer", "person", "customer")

    def get_success_url(self) -> str:
        return str(self.object.activity.get_absolute_url() if self.object.activity else self.object.get_absolute_url())


class ConfirmView(WorkMixin, ActionView):
    """Confirm the day of the work; the message has a button that takes it back."""

    permission_required = "carework.edit_work"
    submit_label = gettext_lazy("Confirm")
    success_message = ""

    @property
    def question(self) -> str:
        return _("Confirm the day of “%s”?") % self.object

    def perform(self) -> None:
        work_confirm(work=self.object)
        said(self.request, _("The day is confirmed."), undo=reverse("carework:work_unconfirm", args=[self.object.pk]))


class UnconfirmView(WorkMixin, ActionView):
    opposite = "carework:work_confirm"
    permission_required = "carework.edit_work"
    success_message = gettext_lazy("The day is open again.")

    @property
    def question(self) -> str:
        return _("Is the day of “%s” open again?") % self.object

    def perform(self) -> None:
        work_confirm(work=self.object, confirmed=False)


class ClaimView(WorkMixin, ActionView):
    """Take work from a shared list; the message has a button that puts it back."""

    permission_required = "carework.claim_work"
    submit_label = gettext_lazy("Claim")
    success_message = ""

    @property
    def question(self) -> str:
        return _("Claim “%s”?") % self.object

    def perform(self) -> None:
        work_claim(work=self.object, user=self.user)
        said(self.request, _("It is yours now."), undo=reverse("carework:work_release", args=[self.object.pk]))


class ReleaseView(WorkMixin, ActionView):
    opposite = "carework:work_claim"
    permission_required = "carework.release_work"
    success_message = gettext_lazy("It is on its list again.")

    @property
    def question(self) -> str:
        return _("Put “%s” back on its list?") % self.object

    def perform(self) -> None:
        work_release(work=self.object, user=self.user)


class ListedView(FilteredListView):
    """Work from care plans that waits on the lists of the user's teams and groups until somebody claims it."""

    model = CareWork
    filterset_class = ListedFilter
    table = LISTED
    title = gettext_lazy("Shared care plan work")
    permission_required = VIEW
    main_filters = ("mine", "list_key")
    empty = {
        "title": gettext_lazy("Nothing waits here."),
        "text": gettext_lazy("Work of a team or group waits here until somebody claims it."),
        "icon": "list-check",
    }

    def get_queryset(self) -> QuerySet[Any]:
        rows = CareWork.objects.visible_to(self.user).filter(state=WorkState.OPEN, person=None)
        return rows.select_related("customer", "activity")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        """Name the lists, and mark what the user may claim."""
        words, mine = list_words({row.list_key for row in rows}), on_lists_of(self.user, rows)
        for row in rows:
            row.list_words, row.may_claim = words.get(row.list_key, ""), row.pk in mine
        return rows
