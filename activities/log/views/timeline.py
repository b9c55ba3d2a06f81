"""Timelines of customers and contacts: what is coming, what has been, a pinned activity; filters and older pages."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from activities.log.filters import WHOLE
from activities.log.forms.timeline import TimelineForm
from activities.log.models import Activity
from activities.log.selectors import may_log, timeline
from activities.log.services.pins import activity_pin, activity_unpin
from activities.log.views.detail import ActivityMixin
from core.exceptions import BusinessRuleError
from core.parameters import Parameters, TextField, check_values, of_form
from core.permissions import PermissionMixin
from core.views import redirect
from customers.models import Contact, Customer


class TimelineView(PermissionMixin, TemplateView):
    """A timeline as a panel, its rows alone (htmx, target ``timeline-rows`` or ``timeline-older``), or a page."""

    template_name = "activities/timeline.html"
    permission_required = "activities.view_activity"
    parameters: Parameters | None = of_form(TimelineForm) | {"after": TextField()}
    subject = ""  # of the address of a new activity

    @cached_property
    def about(self) -> Any:
        raise NotImplementedError

    def condition(self) -> Q:
        raise NotImplementedError

    def all_url(self) -> str:
        raise NotImplementedError

    def may_log_here(self) -> bool:
        return may_log(self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        of_subject = Activity.objects.visible_to(self.user).filter(self.condition())
        form = TimelineForm(self.request.GET, activities=of_subject)
        check_values(form)
        page = timeline(self.user, self.condition() & form.condition(), self.request.GET.get("after", ""))
        query = self.request.GET.copy()
        query["after"] = page.older
        return super().get_context_data(
            title=_("Timeline"),
            about=self.about,
            form=form,
            is_narrowed=form.is_narrowed(),
            coming=page.coming,
            rows=page.rows,
            pinned=None if form.is_narrowed() else self.pinned(),
            older_url=f"{self.request.path}?{query.urlencode()}" if page.older else "",
            all_url=self.all_url(),
            log_url=reverse("activities:create", query={self.subject: self.about.pk}),
            may_log=self.may_log_here(),
            **kwargs,
        )

    def pinned(self) -> Activity | None:
        return None

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Return the panel or its rows as a fragment to htmx, else a page."""
        if self.htmx.target == "timeline-older":
            self.template_name = "activities/timeline_rows.html"
        elif self.htmx.target == "timeline-rows":
            self.template_name = "activities/timeline_parts.html"
        elif self.htmx:
            self.template_name += "#timeline"
        response: HttpResponse = super().render_to_response(context, **kwargs)
        response["Vary"] = "HX-Request, HX-Target"
        return response


class CustomerTimelineView(TimelineView):
    subject = "customer"

    @cached_property
    def about(self) -> Customer:
        return get_object_or_404(Customer.objects.visible_to(self.user), pk=self.kwargs["pk"])

    def condition(self) -> Q:
        return Q(customer=self.about.pk)

    def all_url(self) -> str:
        return reverse("activities:customer_tab", args=[self.about.pk]) + WHOLE

    def may_log_here(self) -> bool:
        return super().may_log_here() and not self.about.is_passive

    def pinned(self) -> Activity | None:
        visible = Activity.objects.visible_to(self.user).select_related("type", "pin__pinned_by")
        return visible.filter(pin__customer=self.about.pk, customer=self.about.pk).first()


class ContactTimelineView(TimelineView):
    subject = "contact"

    @cached_property
    def about(self) -> Contact:
        return get_object_or_404(Contact.objects.visible_to(self.user), pk=self.kwargs["pk"])

    def condition(self) -> Q:
        return Q(activity_contacts__contact=self.about.pk)

    def all_url(self) -> str:
        return reverse("activities:contact_tab", args=[self.about.pk]) + WHOLE


class PinView(ActivityMixin, View):
    """POST: pin the activity to the top of its customer's timeline, or with ``off`` take it off."""

    permission_required = "activities.pin_activity"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if "off" in request.POST:
                activity_unpin(activity=self.object)
                messages.success(request, _("Unpinned from the timeline."))
            else:
                activity_pin(activity=self.object, user=self.user)
                messages.success(request, _("Pinned to the top of the customer's timeline."))
        except BusinessRuleError as error:
            messages.error(request, str(error))
        customer = self.object.customer
        return redirect(request, customer.get_absolute_url() if customer else self.object.get_absolute_url())
