"""The panel of feedback and NPS on the overviews of customers and contacts."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from activities.feedback.acting import mark_feedback
from activities.feedback.models import NpsQuestion
from activities.feedback.nps_figures import Nps, nps_overall
from activities.log.enums import UNFINISHED
from activities.log.models import Activity
from core import clock
from core.permissions import allowed
from core.tabs import PanelMixin
from customers.models import Contact, Customer

SHOWN = 3
YEAR = dt.timedelta(days=365)


class GlancePanel(PanelMixin, TemplateView):
    """Feedback that waits or is not resolved, the newest feedback, and the NPS answers of a year."""

    template_name = "feedback/glance.html"
    permission_required = "activities.view_activity"
    tab_url = ""

    @cached_property
    def about(self) -> Any:
        raise NotImplementedError

    def feedback(self) -> QuerySet[Activity]:
        raise NotImplementedError

    def answers(self) -> QuerySet[NpsQuestion]:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        feedback = self.feedback().filter(feedback__isnull=False)
        waits = Q(feedback__answered_at__isnull=True, feedback__answer_due__isnull=False) | Q(status__in=UNFINISHED)
        newest = feedback.select_related("feedback").prefetch_related("keywords").order_by("-start", "-pk")
        waiting = list(newest.filter(waits).select_related("customer")[:SHOWN])
        mark_feedback(self.user, waiting)
        return super().get_context_data(
            title=_("Feedback and NPS"),
            about=self.about,
            open_feedback=waiting,
            newest=list(newest.exclude(waits)[:SHOWN]),
            nps=self._nps(),
            tab_url=reverse(self.tab_url, args=[self.about.pk]),
            log_url=self._log_url(),
            **kwargs,
        )

    def _log_url(self) -> str:
        """Return the form that logs feedback of it, nothing for who only reads."""
        query = {"type": "feedback", self.about._meta.model_name or "": self.about.pk}
        return reverse("activities:create", query=query) if allowed(self.user, "activities.log_activity") else ""

    def _nps(self) -> Nps:
        return nps_overall(self.answers().filter(answered_at__gte=clock.now() - YEAR))


class CustomerGlancePanel(GlancePanel):
    tab_url = "feedback:customer_tab"

    @cached_property
    def about(self) -> Customer:
        return get_object_or_404(Customer.objects.visible_to(self.user), pk=self.kwargs["pk"])

    def feedback(self) -> QuerySet[Activity]:
        return Activity.objects.visible_to(self.user).filter(customer=self.about)

    def answers(self) -> QuerySet[NpsQuestion]:
        return NpsQuestion.objects.filter(customer=self.about)


class ContactGlancePanel(GlancePanel):
    tab_url = "feedback:contact_tab"

    @cached_property
    def about(self) -> Contact:
        return get_object_or_404(Contact.objects.visible_to(self.user), pk=self.kwargs["pk"])

    def feedback(self) -> QuerySet[Activity]:
        return Activity.objects.visible_to(self.user).filter(activity_contacts__contact=self.about)

    def answers(self) -> QuerySet[NpsQuestion]:
        visible = Customer.objects.visible_to(self.user).values("pk")
        return NpsQuestion.objects.filter(contact=self.about, customer__in=visible)
