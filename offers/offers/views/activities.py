"""Activities of an offer: adding a next step, linking activities; and the offers of an activity."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView, View

from activities.log.forms.follow_ups import FollowUpRows
from activities.log.models import Activity
from core.exceptions import BusinessRuleError
from core.once import once
from core.panels import PanelMixin
from core.permissions import allowed
from core.views import ActionView, ObjectFormView, VisibleObjectMixin, redirect
from offers.offers.forms.offers import LinkForm
from offers.offers.models import OfferActivity
from offers.offers.selectors import offers_of_activity
from offers.offers.services.offers import next_steps_add, offer_activity_link, offer_activity_unlink
from offers.offers.views.offers import OfferMixin


def tab_of(offer: Any) -> str:
    return reverse("offers:activities", args=[offer.pk])


class NextStepAddView(OfferMixin, View):
    """Add a next step: task, person and due date. Invalid input is reported on the page."""

    permission_required = "offers.log_for_offer"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = FollowUpRows(request.POST, user=self.user, has_customer=True, shown=1)
        for error in self._problems(rows):
            messages.error(request, error)
        return redirect(request, tab_of(self.object))

    def _problems(self, rows: FollowUpRows) -> list[str]:
        """Add the step; return the validation messages."""
        if not rows.is_valid():
            return [str(error) for row in rows for found in row.errors.values() for error in found]
        if not rows.agreed:
            return [_("Write what was agreed.")]
        try:
            once(rows.submission_key, self.user, lambda: {"count": self._add(rows)})
        except BusinessRuleError as error:
            return [str(error)]
        messages.success(self.request, _("The next step was added."))
        return []

    def _add(self, rows: FollowUpRows) -> int:
        return len(next_steps_add(offer=self.object, user=self.user, agreed=rows.agreed))


class LinkView(OfferMixin, ObjectFormView):
    form_class = LinkForm
    permission_required = "offers.log_for_offer"
    title = gettext_lazy("Link an activity")
    submit_label = pgettext_lazy("verb", "Link")
    success_message = gettext_lazy("The activity was linked.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"offer": self.object, "user": self.user}

    def perform(self, form: LinkForm) -> OfferActivity:
        return offer_activity_link(offer=self.object, activity=form.cleaned_data["activity"], user=self.user)

    def get_success_url(self) -> str:
        return tab_of(self.object)

    def get_cancel_url(self) -> str:
        return tab_of(self.object)


class UnlinkView(OfferMixin, ActionView):
    """Remove an activity's link to the offer; the activity is kept."""

    permission_required = "offers.log_for_offer"
    submit_label = gettext_lazy("Remove the link")
    success_message = gettext_lazy("The link was removed.")

    @property
    def question(self) -> str:
        return _("Remove the link to the activity “%s”?") % self._activity

    @property
    def _activity(self) -> Activity:
        seen = Activity.objects.visible_to(self.user).filter(offer_activities__offer=self.object)
        return get_object_or_404(seen, pk=self.kwargs["activity"])

    def perform(self) -> None:
        offer_activity_unlink(offer=self.object, activity=self._activity)

    def get_success_url(self) -> str:
        return tab_of(self.object)


class ActivityOffersPanel(PanelMixin, VisibleObjectMixin, TemplateView):
    """Panel of an activity's page: its offers, and the button that makes a new one."""

    model = Activity
    template_name = "offers/offers/activity_panel.html"
    permission_required = "offers.show_offers"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("customer")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity, user = self.object, self.user
        is_passive = activity.customer is not None and activity.customer.is_passive
        return super().get_context_data(
            title=_("Offers"),
            activity=activity,
            offers=offers_of_activity(user, activity)[:20],
            may_offer=allowed(user, "offers.add_offer") and not is_passive,
            **kwargs,
        )
