"""Panels of the start page about feedback that waits for an answer: the user's own, all, the late ones."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from activities.feedback.acting import mark_feedback
from activities.feedback.selectors import FEEDBACK_TABS
from activities.log.models import Activity
from core.start_panels import SHOWN, Content, Figure, Line, StartPanelView

LOG = "activities.log_activity"


def tab_url(tab: str) -> str:
    return f"{reverse('feedback:list')}?tab={tab}"


class FeedbackPanel(StartPanelView):
    """Feedback of one tab of the queue, that with the first due answer first."""

    permission_required = "activities.view_activity"
    tab = ""
    empty = ""

    def rows(self, tab: str) -> QuerySet[Activity]:
        visible = Activity.objects.visible_to(self.user).filter(feedback__isnull=False)
        return visible.filter(FEEDBACK_TABS[tab](self.user))

    def figures(self) -> list[Figure]:
        return []

    def get_content(self) -> Content:
        url = tab_url(self.tab)
        rows = self.rows(self.tab).select_related("customer", "feedback__responsible")
        first = list(rows.order_by("feedback__answer_due", "pk")[:SHOWN])
        mark_feedback(self.user, first)
        return Content(
            total=Figure("", self.rows(self.tab), url),
            url=url,
            figures=self.figures(),
            lines=[_line(activity) for activity in first],
            empty=self.get_empty(),
            next_step=self.step(_("Record feedback"), "activities:create", LOG, query="type=feedback", dialog=True),
        )

    def get_empty(self) -> str:
        return _("No feedback is waiting for an answer.")


def _line(activity: Any) -> Line:
    feedback = activity.feedback
    return Line(
        activity.title,
        activity.get_absolute_url(),
        detail=" · ".join(str(part) for part in (activity.customer, feedback.responsible) if part),
        fact=pgettext("feedback", "late") if feedback.is_late else "",
        at=feedback.answer_due,
        tone="late" if activity.may_act else "",
    )


class OwnFeedbackPanel(FeedbackPanel):
    panel, tab = "start_feedback", "mine"

    def get_empty(self) -> str:
        return _("No feedback is waiting for your answer.")


class QueuePanel(FeedbackPanel):
    panel, tab = "start_queue", "waiting"

    def figures(self) -> list[Figure]:
        due, late = self.rows("due"), self.rows("late")
        tone = "late" if late.filter(feedback__responsible=self.user).exists() else ""
        return [
            Figure(_("due today"), due, tab_url("due"), "warn"),
            Figure(pgettext("feedback", "late"), late, tab_url("late"), tone),
        ]


class LateFeedbackPanel(FeedbackPanel):
    panel, tab = "start_late_feedback", "late"

    def get_empty(self) -> str:
        return _("All feedback has been answered in time.")
