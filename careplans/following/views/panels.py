"""Panels of the start page from care plans, and the cadence strip on a customer's care plan."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.generic import TemplateView

from accounts.standing_in import people_ids_of
from careplans.adherence.capacity import monday_of
from careplans.adherence.days import plus_days
from careplans.following.models import CareOccurrence, CareStatus
from careplans.following.selectors import RELATED
from careplans.following.strip import strips_of
from core import clock
from core.addresses import row_url
from core.start_panels import SHOWN, Content, Figure, Line, Link, StartPanelView
from core.tabs import PanelMixin
from core.views import VisibleObjectMixin
from customers.models import Customer
from customers.views.start import WaitingPanel

VIEW = "carefollow.view_adherence"


class OverduePanel(WaitingPanel):
    """The user's customers with which contact is overdue by their plans: by segment, the longest first.

    Who has no customers with a plan sees those that wait by the times of their segments.
    """

    panel = "start_contact_overdue"
    permission_required = VIEW

    def get_content(self) -> Content:
        own = CareStatus.objects.visible_to(self.user).filter(customer__summary__owner=self.user)
        if not own.filter(asks_for_contact=True).exists():
            return super().get_content()
        url = f"{reverse('carefollow:customers')}?mine=true&overdue=true"
        by_segment = F("customer__summary__segment__order").asc(nulls_last=True)
        overdue = own.overdue().order_by(by_segment, "overdue_since", "customer")
        return Content(
            total=Figure("", overdue, url),
            url=url,
            lines=[self._line(status) for status in overdue.select_related("customer__summary__segment")[:SHOWN]],
            empty=_("Contact is overdue with none of your customers."),
            next_step=Link(_("My customers"), f"{reverse('carefollow:customers')}?mine=true"),
            note=_("A time for contact in the care plan is over and nothing completed it."),
        )

    def _line(self, status: CareStatus) -> Line:
        customer: Any = status.customer
        since: Any = status.overdue_since
        days = (clock.today() - since).days
        return Line(
            customer.name,
            row_url("careplans:tab", customer.pk),
            detail=str(customer.summary.segment or ""),
            fact=ngettext("%(count)d day over", "%(count)d days over", days) % {"count": days},
            tone="late",
            links=self._links(customer) if self.user.has_perm("activities.log_activity") else [],
        )

    def _links(self, customer: Any) -> list[Link]:
        """Return how to be in touch from here: call, visit, write."""
        steps = ((pgettext("button", "Call"), "call", "phone"), (pgettext("button", "Visit"), "visit", "map-pin"))
        links = [
            Link(label, reverse("activities:create", query={"customer": customer.pk, "type": code}), icon, dialog=True)
            for label, code, icon in steps
        ]
        mail = Link(pgettext("button", "E-mail"), reverse("mail:compose", query={"customer": customer.pk}), "mail")
        return [*links, mail] if self.user.has_perm("mail.send_email") else links


class WeekPanel(StartPanelView):
    """What the user has to do by care plans: due today, this week, and what else is open now."""

    panel = "start_care_week"
    permission_required = VIEW

    def get_content(self) -> Content:
        today = clock.today()
        sunday = plus_days(monday_of(today), 6)
        mine = CareOccurrence.objects.visible_to(self.user).to_do().filter(user__in=people_ids_of(self.user))
        url = f"{reverse('carefollow:occurrences')}?mine=true&state=coming&completed=false"
        by_today, by_sunday = mine.filter(due__lte=today), mine.filter(due__lte=sunday)
        rows = by_sunday.select_related(*RELATED).order_by("due", "id")
        return Content(
            figures=[
                Figure(pgettext("care occurrence", "due by today"), by_today, f"{url}&due_to={today}", "warn"),
                Figure(_("due this week"), by_sunday, f"{url}&due_to={sunday}"),
                Figure(_("open now"), mine.open_by(today), f"{reverse('carefollow:occurrences')}?mine=true&open=true"),
            ],
            url=f"{url}&due_to={sunday}",
            lines=[_line(row) for row in rows[:SHOWN]],
            empty=_("Nothing of your care plans is due this week."),
            next_step=Link(_("Care plans"), f"{reverse('careplans:list')}?mine=true"),
        )


def _line(row: CareOccurrence) -> Line:
    return Line(row.customer.name, row.get_absolute_url(), detail=row.name, at=row.due)


class StripPanel(VisibleObjectMixin, PanelMixin, TemplateView):
    """The cadence strip of a customer."""

    model = Customer
    permission_required = VIEW
    template_name = "carefollow/strip.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer = self.object
        return super().get_context_data(
            customer=customer,
            strip=strips_of([customer.pk], clock.today())[customer.pk],
            occurrences_url=reverse("carefollow:occurrences", query={"customer": customer.pk}),
            **kwargs,
        )
