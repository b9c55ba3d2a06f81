"""Navigation, tabs, panels, notifications and other registrations of feedback and NPS."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from activities.feedback.api import FeedbackDetailsSerializer
from activities.feedback.bulk import ExportFeedback, FeedbackAssignOperation
from activities.feedback.conditions import CONDITION_FIELDS, CONDITION_PRESETS  # noqa: F401 - declared
from activities.feedback.enums import FEEDBACK
from activities.feedback.forms import FeedbackDetailsForm
from activities.feedback.metrics import METRIC_SOURCES, METRICS  # noqa: F401 - declared
from activities.feedback.models import Feedback
from activities.feedback.scores import SCORE_METRICS  # noqa: F401 - declared
from activities.feedback.selectors import feedback_for, own_waiting
from activities.feedback.services.feedback import (
    email_answer_check,
    feedback_answer_by_email,
    feedback_fill,
    feedback_initial,
)
from activities.feedback.services.nps import QUESTIONS
from activities.feedback.steps import feedback_steps
from activities.log.plugs import TypeDetails
from activities.mail.plugs import Answerable
from core.registry import Command, NavItem, NotificationKind, Panel, Tab

VIEW = "activities.view_activity"


NAV = (
    NavItem(
        name="feedback",
        label=pgettext_lazy("navigation", "Feedback"),
        url_name="feedback:list",
        permission=VIEW,
        icon="message-report",
        order=40,
        count=own_waiting,
        count_query="tab=mine",
        count_label=gettext_lazy("waiting for my answer"),
    ),
)

COMMANDS = (
    *(Command.opening(item) for item in NAV),
    Command(
        name="nps",
        label=gettext_lazy("NPS in figures"),
        url_name="feedback:nps",
        permission=VIEW,
        icon="chart-bar",
        order=39,
    ),
)

TABS = (
    Tab(
        place="customer",
        name="feedback",
        label=pgettext_lazy("tab", "Feedback"),
        url_name="feedback:customer_tab",
        permission=VIEW,
        order=50,
    ),
    Tab(
        place="contact",
        name="feedback",
        label=pgettext_lazy("tab", "Feedback"),
        url_name="feedback:contact_tab",
        permission=VIEW,
        order=50,
    ),
)

PANELS = (
    Panel(
        place="customer",
        name="feedback",
        label=gettext_lazy("Feedback and NPS"),
        url_name="feedback:customer_glance",
        permission=VIEW,
        order=20,
        aside=True,
    ),
    Panel(
        place="contact",
        name="feedback",
        label=gettext_lazy("Feedback and NPS"),
        url_name="feedback:contact_glance",
        permission=VIEW,
        order=20,
        aside=True,
    ),
    Panel(
        place="start",
        name="start_feedback",
        label=pgettext_lazy("panel", "Feedback to answer"),
        url_name="feedback:start_feedback",
        permission=VIEW,
        order=35,
    ),
    Panel(
        place="start",
        name="start_queue",
        label=gettext_lazy("Feedback queue"),
        url_name="feedback:start_queue",
        permission=VIEW,
        order=36,
    ),
    Panel(
        place="start",
        name="start_late_feedback",
        label=gettext_lazy("Late feedback"),
        url_name="feedback:start_late",
        permission=VIEW,
        order=37,
    ),
    Panel(
        place="activity",
        name="feedback_panel",
        label=pgettext_lazy("panel", "Feedback"),
        url_name="feedback:panel",
        permission="feedback.show_feedback",
        order=5,
    ),
    Panel(
        place="activity",
        name="heard",
        label=pgettext_lazy("panel", "Feedback"),
        url_name="feedback:heard",
        permission="feedback.record_feedback",
        order=60,
        aside=True,
    ),
)

NOTIFICATIONS = (
    NotificationKind(
        name="feedback_given",
        label=gettext_lazy("Feedback to answer"),
        text=lambda data: _("Feedback is waiting for your answer: %(title)s (%(customer)s)") % data,
        icon="message-report",
        by_email=True,
        order=50,
    ),
    NotificationKind(
        name="feedback_late",
        label=gettext_lazy("Feedback with a late answer"),
        text=lambda data: _("Feedback has not been answered in time: %(title)s (%(customer)s)") % data,
        icon="alarm",
        by_email=True,
        order=50,
    ),
    NotificationKind(
        name="nps_answer",
        label=gettext_lazy("Answers to NPS questions"),
        text=lambda data: _("%(contact)s (%(customer)s) gave the score %(score)s.") % data,
        icon="chart-bar",
        order=50,
    ),
    NotificationKind(
        name="nps_failed",
        label=gettext_lazy("NPS questions that were not sent"),
        text=lambda data: _("The question to %(contact)s (%(customer)s) was not sent, or it may not have been.") % data,
        icon="mail",
        by_email=True,
        order=50,
    ),
)

TYPE_DETAILS = (
    TypeDetails(
        code=FEEDBACK,
        label=gettext_lazy("feedback"),
        heading=gettext_lazy("Feedback"),
        model=Feedback,
        form=FeedbackDetailsForm,
        serializer=FeedbackDetailsSerializer,
        related=("feedback",),
        fill=feedback_fill,
        steps=feedback_steps,
        is_incoming=True,
    ),
)
ANSWERABLES = (
    Answerable(
        code=FEEDBACK,
        permission="feedback.handle_feedback",
        help_text=gettext_lazy("The feedback that the message answers."),
        sent_text=gettext_lazy("The feedback is answered when it has been sent."),
        visible_to=feedback_for,
        initial=feedback_initial,
        check=email_answer_check,
        answered=feedback_answer_by_email,
    ),
)
OUTBOXES = (QUESTIONS,)
BULK_OPERATIONS = (FeedbackAssignOperation(), ExportFeedback())
