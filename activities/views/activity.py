"""One activity: its page, logging, changing, closing."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from activities.enums import ActivityStatus
from activities.forms import ActivityChangeForm, ActivityForm, FinishForm
from activities.models import Activity, ActivityContact, ActivityType, Participation
from activities.selectors import FREQUENT, asks_words, needs_settlement, next_statuses, types_in_use
from activities.services import activity_change, activity_log, activity_set_status
from crm.exceptions import BusinessRuleError
from crm.history import history_of
from crm.permissions import PermissionMixin, allowed
from crm.views import ObjectFormView, ServiceFormView, VisibleObjectMixin, redirect
from customers.models import Contact, Customer


class ActivityMixin(VisibleObjectMixin):
    model = Activity

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_names().select_related("created_by", "follows")  # type: ignore[attr-defined]


class ActivityView(ActivityMixin, TemplateView):
    template_name = "activities/detail.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        activity, user = self.object, self.request.user
        may_edit = allowed(user, "activities.edit_activity", activity)
        return super().get_context_data(
            title=activity.title,
            activity=activity,
            contacts=Contact.objects.visible_to(user).filter(activity_contacts__activity=activity),
            follow_ups=Activity.objects.visible_to(user).select_related("type").filter(follows=activity),
            may_edit=may_edit,
            statuses=next_statuses(activity) if may_edit else [],
            may_follow=allowed(user, "activities.log_activity")
            and not (activity.customer and activity.customer.is_passive),
            **kwargs,
        )


class ActivityHistoryView(ActivityMixin, TemplateView):
    template_name = "activities/history.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = history_of(self.object, [Participation, ActivityContact])
        return super().get_context_data(title=_("History"), activity=self.object, entries=entries, **kwargs)


class ActivityCreateView(ServiceFormView):
    """ "+ Log": first the type, then one short form. Without ``?type=`` it offers the types."""

    template_name = "activities/form.html"
    form_class = ActivityForm
    permission_required = "activities.log_activity"
    success_message = gettext_lazy("Logged.")

    @cached_property
    def type(self) -> ActivityType | None:
        code = self.request.GET.get("type", "")
        return ActivityType.objects.filter(code=code, retired_at__isnull=True).first() if "\x00" not in code else None

    @property
    def title(self) -> str:  # type: ignore[override]
        return str(self.type)

    @cached_property
    def follows(self) -> Activity | None:
        pk = _number(self.request.GET.get("follow"))
        return Activity.objects.visible_to(self.request.user).filter(pk=pk).first() if pk else None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and self.type is None and request.method == "POST":
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.type is None:
            return self._type_buttons()
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user, "type": self.type}

    def get_initial(self) -> dict[str, Any]:
        contact = _number(self.request.GET.get("contact"))
        initial = {"customer": self._customer_id(contact), "contacts": [contact] if contact else []}
        if self.follows:
            initial |= {"contacts": list(self.follows.contacts.values_list("pk", flat=True))}
        return initial

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query.pop("type", None)
        return super().get_context_data(
            type=self.type,
            types_url=f"{self.request.path}?{query.urlencode()}",
            follows=self.follows,
            **kwargs,
        )

    def get_cancel_url(self) -> str:
        return reverse("activities:list")

    def perform(self, form: Any) -> Activity:
        status = form.cleaned_data["status"]
        assert self.type is not None  # noqa: S101 - dispatch has answered 404
        return activity_log(
            user=self.request.user,  # type: ignore[arg-type]
            type=self.type,
            status=ActivityStatus(status) if status else None,
            follows=self.follows,
            **form.changes(),
        )

    def get_success_url(self) -> str:
        """Back to where it was logged from: the customer's page, or the new activity's own."""
        at_customer = self.done.customer_id and str(self.done.customer_id) == self.request.GET.get("customer")
        return str((self.done.customer if at_customer else self.done).get_absolute_url())

    def _customer_id(self, contact: int | None) -> int | None:
        """The customer that the address names, else the followed activity's, else the only one of the contact."""
        if asked := _number(self.request.GET.get("customer")):
            return asked
        if self.follows:
            return self.follows.customer_id
        employers = Customer.objects.visible_to(self.request.user).filter(positions__contact=contact).distinct()[:2]
        return employers[0].pk if contact and len(employers) == 1 else None

    def _type_buttons(self) -> HttpResponse:
        query, types = self.request.GET.copy(), types_in_use()
        context = {
            "title": _("Log activity"),
            "in_dialog": self.request.headers.get("HX-Target") == "dialog",
            "frequent": types[:FREQUENT],
            "others": types[FREQUENT:],
            "query": query.urlencode(),
        }
        name = "activities/types.html#form" if context["in_dialog"] else "activities/types.html"
        return render(self.request, name, context)


class ActivityChangeView(ActivityMixin, ObjectFormView):
    template_name = "activities/form.html"
    form_class = ActivityChangeForm
    permission_required = "activities.edit_activity"
    title = gettext_lazy("Change activity")
    success_message = gettext_lazy("Saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user, "type": self.object.type}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(type=self.object.type, **kwargs)

    def perform(self, form: Any) -> Activity:
        return activity_change(activity=self.object, user=self.request.user, changes=form.changes())  # type: ignore[arg-type]


class FinishView(ActivityMixin, ObjectFormView):
    """Marking done what needs words first."""

    form_class = FinishForm
    permission_required = "activities.edit_activity"
    title = gettext_lazy("Report and mark done")
    submit_label = gettext_lazy("Mark done")
    success_message = gettext_lazy("Marked done.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"needs_settlement": needs_settlement(self.object)}

    def get_success_url(self) -> str:
        return _next(self.request) or super().get_success_url()

    def perform(self, form: Any) -> Activity:
        return activity_set_status(
            activity=self.object,
            status=ActivityStatus.DONE,
            memo=form.cleaned_data["memo"],
            settlement=form.cleaned_data.get("settlement", ""),
        )


class StatusView(ActivityMixin, View):
    """POST ``status``: a button of the page, of "my open", or undo. What needs words is sent to :class:`FinishView`."""

    permission_required = "activities.edit_activity"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        activity, status = self.object, request.POST.get("status", request.GET.get("status", ""))
        if status not in ActivityStatus.values:
            raise Http404
        back = _next(request) or activity.get_absolute_url()
        if status == ActivityStatus.DONE and activity.is_unfinished and asks_words(activity):
            return redirect(request, f"{reverse('activities:finish', args=[activity.pk])}?next={back}")
        try:
            activity = activity_set_status(activity=activity, status=ActivityStatus(status))
        except BusinessRuleError as error:
            messages.error(request, str(error))
            return redirect(request, back)
        if request.headers.get("HX-Target", "").startswith("mine-"):
            return render(request, "activities/mine_done.html", {"activity": activity})
        messages.success(request, _("Marked done.") if status == ActivityStatus.DONE else _("Status changed."))
        return redirect(request, back)


class ContactsFieldView(PermissionMixin, View):
    """The contacts to choose from, after another customer was chosen in the form."""

    permission_required = "activities.log_activity"

    def get(self, request: HttpRequest) -> HttpResponse:
        kind = get_object_or_404(ActivityType.objects.all()[:1])
        initial = {"customer": _number(request.GET.get("customer"))}
        form = ActivityForm(user=request.user, type=kind, initial=initial)
        return render(request, "activities/form.html#contacts", {"form": form})


def _number(text: str | None) -> int | None:
    """Read an id from an address; anything else is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _next(request: HttpRequest) -> str:
    url = request.POST.get("next") or request.GET.get("next") or ""
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""


def log_of_type(request: HttpRequest, code: str) -> HttpResponse:
    """An address of its own for a command such as "Log a call"."""
    return HttpResponseRedirect(f"{reverse('activities:create')}?type={code}")
