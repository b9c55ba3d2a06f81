"""Views that log, change, close and reopen an activity."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View
from django_htmx.http import trigger_client_event

from activities.log.enums import ActivityStatus, FollowKind
from activities.log.forms.activities import ActivityChangeForm, ActivityForm
from activities.log.forms.parts import MomentField, times_in_query
from activities.log.forms.status import FinishForm, ReasonForm
from activities.log.models import Activity, ActivityType
from activities.log.selectors import FREQUENT, content_for_other_type, types_in_use
from activities.log.services.follow_ups import (
    activity_change_with_follow_ups,
    activity_log_with_follow_ups,
    follow_ups_log,
)
from activities.log.services.status import activity_set_status, activity_status_undo
from activities.log.steps import needs_settlement, status_form_url, with_next
from activities.log.views.detail import ActivityMixin
from core.exceptions import BusinessRuleError
from core.notices import said
from core.numbers import parse_id
from core.parameters import OneOfField, RowField, TextField, visible
from core.permissions import PermissionMixin, public
from core.views import ObjectFormView, ServiceFormView, current_page, redirect, safe_next_url
from customers.models import Contact, Customer

TITLE_LENGTH = 200
#: Query parameters that name the activity that the new one follows, with the kind of the link.
FOLLOW_KINDS = {"follow": FollowKind.FOLLOW_UP, "again": FollowKind.LOGGED_AGAIN, "heard": FollowKind.HEARD_ON}


class ActivityCreateView(ServiceFormView):
    """Log an activity of the type in ``?type=``; without it, offer the types."""

    template_name = "activities/form.html"
    form_class = ActivityForm
    permission_required = "activities.log_activity"
    parameters = {
        "type": RowField(lambda _user: ActivityType.objects.all(), key="code"),
        "customer": visible(Customer),
        "contact": visible(Contact),
        "start": MomentField(required=False),
        "end": MomentField(required=False),
        "next": TextField(),
        "quick": TextField(),
        **{name: visible(Activity) for name in FOLLOW_KINDS},
    }
    success_message = gettext_lazy("Logged.")

    @cached_property
    def type(self) -> ActivityType | None:
        code = self.request.GET.get("type", "")
        return ActivityType.objects.filter(code=code, retired_at__isnull=True).first() if "\x00" not in code else None

    @property
    def title(self) -> str:
        return str(self.type)

    @cached_property
    def follows(self) -> Activity | None:
        """The activity that a query parameter of ``FOLLOW_KINDS`` names."""
        pk = next((pk for name in FOLLOW_KINDS if (pk := parse_id(self.request.GET.get(name)))), None)
        return Activity.objects.visible_to(self.user).filter(pk=pk).first() if pk else None

    @property
    def follow_kind(self) -> FollowKind:
        return next((kind for name, kind in FOLLOW_KINDS.items() if self.request.GET.get(name)), FollowKind.FOLLOW_UP)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.type is None:
            return self._type_buttons()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.type is None:
            raise Http404
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user, "type": self.type}

    def get_initial(self) -> dict[str, Any]:
        contact = parse_id(self.request.GET.get("contact"))
        initial: dict[str, Any] = {"customer": self._customer_id(contact), "contacts": [contact] if contact else []}
        initial |= times_in_query(self.request.GET)  # from a click in the calendar
        if self.is_quick:
            initial |= {"title": self._quick_title(contact, initial["customer"])}
        if self.follows:
            initial |= {"contacts": list(self.follows.contacts.values_list("pk", flat=True))}
            again = self.follow_kind == FollowKind.LOGGED_AGAIN
            initial |= content_for_other_type(self.follows) if again else {}
        return initial

    @property
    def is_quick(self) -> bool:
        """Whether the form opens beside what it logs, such as a call: with a title, and the rest folded."""
        return "quick" in self.request.GET

    def _quick_title(self, contact_id: int | None, customer_id: int | None) -> str:
        people = (Contact, contact_id), (Customer, customer_id)
        found = (model.objects.visible_to(self.user).filter(pk=pk).first() for model, pk in people if pk)
        who = next((row for row in found if row), None)
        return f"{self.type}: {who}"[:TITLE_LENGTH] if who else str(self.type)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query.pop("type", None)
        return super().get_context_data(
            type=self.type,
            types_url=f"{self.request.path}?{query.urlencode()}",
            follows=self.follows,
            follow_kind=self.follow_kind,
            is_quick=self.is_quick,
            may_repeat=self.type is not None and self.type.own_details.recurs and not self.is_quick,
            **kwargs,
        )

    def get_cancel_url(self) -> str:
        return reverse("activities:list")

    def perform(self, form: Any) -> Activity:
        status = form.cleaned_data["status"]
        assert self.type is not None  # noqa: S101 - dispatch has answered 404
        return activity_log_with_follow_ups(
            user=self.user,
            type=self.type,
            status=ActivityStatus(status) if status else None,
            follows=self.follows,
            follow_kind=self.follow_kind,
            follow_ups=form.follow_ups.agreed,
            **form.changes(),
        )

    def get_success_url(self) -> str:
        """Return to the calendar or the customer's page if it was logged there, else to the new activity."""
        if self.request.POST.get("then") == "repeat":
            return reverse("activities:repeat", args=[self.done.pk])
        if back := safe_next_url(self.request, self.request.GET.get("next", "")):
            return back
        at_customer = self.done.customer_id and str(self.done.customer_id) == self.request.GET.get("customer")
        return str((self.done.customer if at_customer else self.done).get_absolute_url())

    def _customer_id(self, contact: int | None) -> int | None:
        """Return the customer in the query, else that of the followed activity, else the only one of the contact."""
        if customer_id := parse_id(self.request.GET.get("customer")):
            return customer_id
        if self.follows:
            return self.follows.customer_id
        employers = Customer.objects.visible_to(self.user).filter(positions__contact=contact).distinct()[:2]
        return employers[0].pk if contact and len(employers) == 1 else None

    def _type_buttons(self) -> HttpResponse:
        query, types = self.request.GET.copy(), types_in_use()
        context = {
            "title": _("Log activity"),
            "in_dialog": self.htmx.target == "dialog",
            "frequent": types[:FREQUENT],
            "others": types[FREQUENT:],
            "query": query.urlencode(),
        }
        name = "activities/types.html#form" if context["in_dialog"] else "activities/types.html"
        return render(self.request, name, context)


class ContactsFieldView(PermissionMixin, View):
    """The contacts to choose from after the customer changed in the form."""

    permission_required = "activities.log_activity"
    parameters = {"customer": visible(Customer)}

    def get(self, request: HttpRequest) -> HttpResponse:
        type = get_object_or_404(ActivityType.objects.all()[:1])
        initial = {"customer": parse_id(request.GET.get("customer"))}
        form = ActivityForm(user=self.user, type=type, initial=initial)
        return render(request, "activities/form.html#contacts", {"form": form})


@public  # leads to the form, which asks
def log_of_type(request: HttpRequest, code: str) -> HttpResponse:
    """Redirect a command such as "Log a call" to the form, keeping the customer or contact in the query."""
    query = request.GET.copy()
    query["type"] = code
    return HttpResponseRedirect(f"{reverse('activities:create')}?{query.urlencode()}")


class ActivityChangeView(ActivityMixin, ObjectFormView):
    template_name = "activities/form.html"
    form_class = ActivityChangeForm
    permission_required = "activities.edit_activity"
    title = gettext_lazy("Change activity")
    success_message = gettext_lazy("The activity was changed.")
    undoable = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user, "type": self.object.type}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(type=self.object.type, activity=self.object, **kwargs)

    def get_success_url(self) -> str:
        return _next(self.request) or super().get_success_url()

    def perform(self, form: Any) -> Activity:
        return activity_change_with_follow_ups(
            activity=self.object, user=self.user, changes=form.changes(), follow_ups=form.follow_ups.agreed
        )


class FinishView(ActivityMixin, ObjectFormView):
    """Mark an activity done with its memo or resolution, and add follow-ups."""

    form_class = FinishForm
    parameters = {"next": TextField()}
    permission_required = "activities.edit_activity"
    title = gettext_lazy("Report and mark done")
    submit_label = gettext_lazy("Mark done")
    success_message = gettext_lazy("Marked done.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = (self.object.title, self.object.type, self.object.customer)
        intro = " · ".join(str(part) for part in parts if part)
        return super().get_context_data(intro=intro, keeps_draft=True, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        needs = needs_settlement(self.object)
        return super().get_form_kwargs() | {"user": self.user, "needs_settlement": needs}

    def get_success_url(self) -> str:
        return _next(self.request) or super().get_success_url()

    def get_undo_url(self) -> str:
        return undo_url(self.object, self.get_success_url())

    def perform(self, form: Any) -> Activity:
        activity = activity_set_status(
            activity=self.object,
            status=ActivityStatus.DONE,
            user=self.user,
            memo=form.cleaned_data["memo"],
            settlement=form.cleaned_data.get("settlement", ""),
        )
        follow_ups_log(activity=activity, user=self.user, agreed=form.follow_ups.agreed)
        return activity


class ReopenView(ActivityMixin, ObjectFormView):
    """Set an activity back to open, with the reason."""

    opposite = "activities:status"
    form_class = ReasonForm
    permission_required = "activities.edit_activity"
    success_message = gettext_lazy("The activity is open again.")

    @property
    def title(self) -> str:
        return _("Reopen “%s”") % self.object if self.object.status == ActivityStatus.DONE else _("Set to open")

    submit_label = gettext_lazy("Set to open")

    def perform(self, form: Any) -> Activity:
        self.was = self.object.status
        return activity_set_status(
            activity=self.object,
            status=ActivityStatus.OPEN,
            user=self.user,
            reason=form.cleaned_data["reason"],
        )

    def may_undo(self) -> bool:
        return not status_form_url(self.done, self.was)

    def get_undo_content(self) -> dict[str, list[str]]:
        return {"status": [self.was]}


class StatusView(ActivityMixin, View):
    """POST ``status`` from a button of the page or of "my open"; redirect to a form where one is required first."""

    permission_required = "activities.edit_activity"
    parameters = {"status": OneOfField(*ActivityStatus.values), "next": TextField()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        activity, status = self.object, request.POST.get("status", request.GET.get("status", ""))
        if status not in ActivityStatus.values:
            raise Http404
        back = _next(request) or activity.get_absolute_url()
        if form_url := status_form_url(activity, status):
            return redirect(request, f"{form_url}?{urlencode({'next': back})}")
        try:
            activity = activity_set_status(activity=activity, status=ActivityStatus(status), user=self.user)
        except BusinessRuleError as error:
            messages.error(request, str(error))
            return redirect(request, back)
        if (self.htmx.target or "").startswith("mine-"):
            return self._row_done(activity)
        done = status == ActivityStatus.DONE
        text = _("Marked done.") if done else _("The status is now: %s.") % activity.get_status_display()
        page = activity.get_absolute_url()
        said(request, text, url=page if back != page else "", words=activity, undo=undo_url(activity, back))
        return redirect(request, back)

    def _row_done(self, activity: Activity) -> HttpResponse:
        """Return the row of "my open" as done, and a toast with Undo."""
        undo = undo_url(activity, current_page(self.request) or reverse("activities:mine"))
        toast = {"text": _("Marked done: %(what)s.") % {"what": activity}, "action": {"label": _("Undo"), "url": undo}}
        response = render(self.request, "activities/mine_done.html", {"activity": activity})
        return trigger_client_event(response, "toast", toast)


def undo_url(activity: Activity, back: str) -> str:
    """Return the address that undoes the last change of status, and returns to ``back``."""
    return with_next(reverse("activities:undo", args=[activity.pk]), back)


class UndoView(ActivityMixin, View):
    """POST: undo the user's own recent change of status."""

    permission_required = "activities.edit_activity"
    parameters = {"next": TextField()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            activity_status_undo(activity=self.object, user=self.user)
            said(request, _("%(what)s is as it was before.") % {"what": self.object})
        except BusinessRuleError as error:
            messages.error(request, str(error))
        return redirect(request, _next(request) or self.object.get_absolute_url())


def _next(request: HttpRequest) -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""
