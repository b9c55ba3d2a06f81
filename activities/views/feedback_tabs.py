"""What the pages of customers and contacts show of feedback: the list, the figures, the button that asks for it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from activities.filters_feedback import CustomerFeedbackFilter
from activities.models import NpsQuestion
from activities.selectors import may_log
from activities.selectors_feedback import feedback_figures, feedback_for
from activities.selectors_nps import nps_overall, unsent_questions
from activities.tables_feedback import CUSTOMER_FEEDBACK_TABLE
from activities.views.tabs import ContactActivitiesView, CustomerActivitiesView
from crm.actions import Action
from customers.models import Customer
from customers.views.contact_tabs import contact_page_context
from customers.views.tabs import page_context


class FeedbackTab:
    """The list of feedback as a tab of another row's page."""

    request: Any
    about: Any
    table = CUSTOMER_FEEDBACK_TABLE
    filterset_class = CustomerFeedbackFilter
    content_template = "activities/feedback/tab.html"
    ask_about = ask_url_name = ""
    primary_action: Action | None = None
    secondary_actions: tuple[Action, ...] = ()

    def buttons(self) -> dict[str, Any]:
        pk = self.about.pk
        if not may_log(self.request.user) or getattr(self.about, "is_passive", False):
            return {}
        return {
            "ask_url": reverse(self.ask_url_name, args=[pk]),
            "record_url": f"{reverse('activities:create')}?type=feedback&{self.ask_about}={pk}",
        }


class CustomerFeedbackView(FeedbackTab, CustomerActivitiesView):
    ask_about, ask_url_name = "customer", "activities:nps_ask"

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
    ask_about, ask_url_name = "contact", "activities:nps_ask_contact"

    ask_about = "contact"

    def get_queryset(self) -> QuerySet[Any]:
        return feedback_for(self.user).filter(activity_contacts__contact=self.about)

    def page(self) -> dict[str, Any]:
        context = contact_page_context(self.about, self.user, "feedback")
        seen = Customer.objects.visible_to(self.user)
        unsent = unsent_questions(contact=self.about, customer__in=seen)
        return {"contact": self.about, **context, **self.buttons(), "unsent": unsent}
