"""Logging an activity: choice of the type, the form, its contacts."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from activities.log.enums import ActivityStatus, FollowKind
from activities.log.forms.activities import ActivityForm
from activities.log.forms.times import times_in_query
from activities.log.models import Activity, ActivityType
from activities.log.selectors import FREQUENT, content_for_other_type, types_in_use
from activities.log.services.follow_ups import activity_log_with_follow_ups
from core.numbers import parse_id
from core.permissions import PermissionMixin, public
from core.views import ServiceFormView, safe_next_url
from customers.models import Customer

#: Query parameters that name the activity that the new one follows, with the kind of the link.
FOLLOW_KINDS = {"follow": FollowKind.FOLLOW_UP, "again": FollowKind.LOGGED_AGAIN, "heard": FollowKind.HEARD_ON}


class ActivityCreateView(ServiceFormView):
    """Log an activity of the type in ``?type=``; without it, offer the types."""

    template_name = "activities/form.html"
    form_class = ActivityForm
    permission_required = "activities.log_activity"
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

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and self.type is None and request.method == "POST":
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.type is None:
            return self._type_buttons()
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user, "type": self.type}

    def get_initial(self) -> dict[str, Any]:
        contact = parse_id(self.request.GET.get("contact"))
        initial: dict[str, Any] = {"customer": self._customer_id(contact), "contacts": [contact] if contact else []}
        initial |= times_in_query(self.request.GET)  # from a click in the calendar
        if self.follows:
            initial |= {"contacts": list(self.follows.contacts.values_list("pk", flat=True))}
            again = self.follow_kind == FollowKind.LOGGED_AGAIN
            initial |= content_for_other_type(self.follows) if again else {}
        return initial

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query.pop("type", None)
        return super().get_context_data(
            type=self.type,
            types_url=f"{self.request.path}?{query.urlencode()}",
            follows=self.follows,
            follow_kind=self.follow_kind,
            may_repeat=self.type is not None and self.type.own_details.recurs,
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
