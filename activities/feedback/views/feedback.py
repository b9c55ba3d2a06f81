"""Pages of feedback: the queue, the panels of an activity, the forms, and the tabs of customers and contacts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.generic import TemplateView

from activities.feedback.acting import mark_feedback
from activities.feedback.filters import CustomerFeedbackFilter, FeedbackFilter
from activities.feedback.forms import AnswerForm, AssignForm, ResolveForm
from activities.feedback.models import NpsQuestion
from activities.feedback.nps_figures import nps_overall
from activities.feedback.selectors import (
    FEEDBACK_TABS,
    counted_tabs,
    feedback_figures,
    feedback_for,
    unsent_questions,
)
from activities.feedback.services.feedback import (
    ON_THE_WAY,
    feedback_answer,
    feedback_assign,
    feedback_needs_no_answer,
    feedback_resolve,
)
from activities.feedback.tables import CUSTOMER_FEEDBACK_TABLE, FEEDBACK_TABLE, feedback_state
from activities.feedback.views.undo import StepMixin
from activities.log.models import Activity
from activities.log.selectors import may_log
from activities.log.views.lists import ContactActivitiesView, CustomerActivitiesView
from activities.mail.enums import Direction, MessageState
from activities.mail.models import EmailMessage
from activities.mail.views.messages import KINDS
from core.actions import Action
from core.grouping import by_month
from core.list_views import TabbedListView
from core.permissions import allowed
from core.tabs import PanelMixin
from core.views import ActionView, ObjectFormView, ReturnMixin, VisibleObjectMixin
from customers.groupings import by_user
from customers.models import Customer
from customers.views.contact_tabs import contact_page_context
from customers.views.tabs import page_context


class FeedbackListView(TabbedListView):
    model = Activity
    filterset_class = FeedbackFilter
    table = FEEDBACK_TABLE
    title = gettext_lazy("Feedback")
    empty = {
        "title": gettext_lazy("No feedback here."),
        "text": gettext_lazy("Feedback that a customer gives, also on a visit, is recorded on the activity's page."),
    }
    permission_required = "activities.view_activity"
    main_filters = ("tone", "group", "responsible", "about", "start_from", "customer_state")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        mark_feedback(self.user, rows)
        return rows

    primary_action = Action(
        gettext_lazy("Record feedback"),
        "activities:create",
        query="type=feedback",
        dialog=True,
        rule="activities.log_activity",
    )
    secondary_actions = (Action(gettext_lazy("NPS"), "feedback:nps", icon="chart-bar"),)
    bulk_place = "feedback"
    groupings = (
        by_user(
            "feedback__responsible",
            "responsible",
            pgettext_lazy("feedback", "Responsible"),
            empty="no_responsible",
            empty_text=gettext_lazy("Nobody is responsible"),
        ),
        by_month("start", "start", gettext_lazy("Month")),
    )
    tab_sorts: ClassVar[dict[str, str]] = {"answered": "-start", "all": "-start"}  # newest first
    list_tabs: ClassVar[dict[str, Any]] = {
        "waiting": gettext_lazy("Waiting for an answer"),
        "due": gettext_lazy("Due today"),
        "late": gettext_lazy("Late"),
        "mine": gettext_lazy("Assigned to me"),
        "unsettled": gettext_lazy("Unresolved"),
        "answered": gettext_lazy("Answered"),
        "all": gettext_lazy("All"),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return feedback_for(self.user).filter(FEEDBACK_TABS[self.tab](self.user))

    def tab_rows(self) -> dict[str, QuerySet[Any]]:
        return counted_tabs(self.user)


class FeedbackMixin(VisibleObjectMixin):
    """A page of one piece of feedback; other activities are not found."""

    model = Activity
    permission_required = "feedback.handle_feedback"

    def get_queryset(self) -> QuerySet[Any]:
        return feedback_for(self.user)


class FeedbackPanel(PanelMixin, FeedbackMixin, TemplateView):
    """The steps of feedback on its activity's page: received, answered, corrected, resolved."""

    template_name = "feedback/panel.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity, user = self.object, self.user
        mark_feedback(user, [activity])
        return super().get_context_data(
            title=pgettext("panel", "Feedback"),
            activity=activity,
            feedback=activity.feedback,
            state=feedback_state(activity),
            may_handle=allowed(user, "feedback.handle_feedback", activity),
            contacts=activity.contacts.visible_to(user),
            **self._by_email(),
            **kwargs,
        )

    def _by_email(self) -> dict[str, Any]:
        """Return the newest answer by e-mail, and the received message that the feedback was recorded from."""
        answer = self.object.answer_messages.select_related("activity").order_by("-pk").first()
        received = EmailMessage.objects.filter(activity__follow_ups=self.object, direction=Direction.IN)
        return {
            "answer_message": answer,
            "answer_kind": KINDS.get(MessageState(answer.state), "warn") if answer else "",
            "received_in": received.visible_to(self.user).values_list("pk", flat=True).first(),
            "may_email": allowed(self.user, "mail.send_email") and not (answer and answer.state in ON_THE_WAY),
        }


class FeedbackRecordPanel(PanelMixin, VisibleObjectMixin, TemplateView):
    """Feedback received at an activity, with the buttons to record it and ask for it."""

    model = Activity
    permission_required = "activities.view_activity"
    template_name = "feedback/record_panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = feedback_for(self.user).filter(follows=self.object).order_by("-start", "-pk")[:10]
        return super().get_context_data(
            title=pgettext("panel", "Feedback"),
            activity=self.object,
            rows=rows,
            may_record=allowed(self.user, "feedback.record_feedback", self.object),
            may_ask=bool(self.object.customer) and allowed(self.user, "feedback.ask_nps", self.object.customer),
            **kwargs,
        )


class FeedbackFormView(ReturnMixin, FeedbackMixin, ObjectFormView):
    """A form of one piece of feedback; the next page is the one that asked for it, or that of its activity."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = (self.object.title, self.object.customer)
        return super().get_context_data(intro=" · ".join(str(part) for part in parts if part), **kwargs)


class AnswerView(StepMixin, FeedbackFormView):
    form_class = AnswerForm
    title = gettext_lazy("Answer to feedback")
    submit_label = gettext_lazy("Save the answer")
    success_message = gettext_lazy("The answer was saved.")

    def get_initial(self) -> dict[str, Any]:
        return {"corrective_action": self.object.feedback.corrective_action, "channel": self.object.channel}

    def perform(self, form: Any) -> Activity:
        self.keep()
        content = {name: form.cleaned_data[name] for name in ("answer", "channel", "corrective_action")}
        return feedback_answer(activity=self.object, user=self.user, **content)


class AssignView(FeedbackFormView):
    form_class = AssignForm
    title = pgettext_lazy("feedback", "Assign")
    success_message = gettext_lazy("The feedback was assigned.")
    undoable = True

    def get_initial(self) -> dict[str, Any]:
        feedback = self.object.feedback
        return {"responsible": feedback.responsible_id, "due": feedback.answer_due}

    def perform(self, form: Any) -> Activity:
        content = {name: form.cleaned_data[name] for name in ("responsible", "due")}
        return feedback_assign(activity=self.object, user=self.user, **content)


class ResolveView(StepMixin, FeedbackFormView):
    form_class = ResolveForm
    title = gettext_lazy("Resolve")
    submit_label = gettext_lazy("Mark resolved")
    success_message = gettext_lazy("The feedback was resolved.")

    def get_initial(self) -> dict[str, Any]:
        feedback = self.object.feedback
        return {"corrective_action": feedback.corrective_action, "settlement": self.object.settlement}

    def perform(self, form: Any) -> Activity:
        self.keep()
        content = {name: form.cleaned_data[name] for name in ("settlement", "corrective_action")}
        return feedback_resolve(activity=self.object, user=self.user, **content)


class NoAnswerView(StepMixin, FeedbackMixin, ActionView):
    question = gettext_lazy("Mark that no answer is needed?")
    submit_label = gettext_lazy("No answer needed")
    success_message = gettext_lazy("The feedback was removed from the queue.")

    def perform(self) -> None:
        self.keep()
        self.done = feedback_needs_no_answer(activity=self.object)


class FeedbackTab:
    """The list of feedback as a tab of a customer's or contact's page."""

    request: Any
    about: Any
    table = CUSTOMER_FEEDBACK_TABLE
    filterset_class = CustomerFeedbackFilter
    content_template = "feedback/tab.html"
    main_filters: tuple[str, ...] = ()
    ask_about = ask_url_name = ""
    primary_action: Action | None = None
    secondary_actions: tuple[Action, ...] = ()

    def mark(self, rows: list[Any]) -> None:
        mark_feedback(self.request.user, rows)

    def buttons(self) -> dict[str, Any]:
        pk = self.about.pk
        if not may_log(self.request.user) or getattr(self.about, "is_passive", False):
            return {}
        return {
            "ask_url": reverse(self.ask_url_name, args=[pk]),
            "record_url": f"{reverse('activities:create')}?type=feedback&{self.ask_about}={pk}",
        }


class CustomerFeedbackView(FeedbackTab, CustomerActivitiesView):
    ask_about, ask_url_name = "customer", "feedback:nps_ask"

    def get_queryset(self) -> QuerySet[Any]:
        return feedback_for(self.user).filter(customer=self.about)

    def page(self) -> dict[str, Any]:
        answers = NpsQuestion.objects.filter(customer=self.about, answered_at__isnull=False)
        return {
            "customer": self.about,
            **page_context(self.about, self.user, "feedback"),
            **self.buttons(),
            "figures": feedback_figures(self.about.pk),
            "nps": nps_overall(answers),
            "unsent": unsent_questions(customer=self.about),
        }


class ContactFeedbackView(FeedbackTab, ContactActivitiesView):
    ask_about, ask_url_name = "contact", "feedback:nps_ask_contact"

    def get_queryset(self) -> QuerySet[Any]:
        return feedback_for(self.user).filter(activity_contacts__contact=self.about)

    def page(self) -> dict[str, Any]:
        context = contact_page_context(self.about, self.user, "feedback")
        visible = Customer.objects.visible_to(self.user)
        unsent = unsent_questions(contact=self.about, customer__in=visible)
        return {"contact": self.about, **context, **self.buttons(), "unsent": unsent}
