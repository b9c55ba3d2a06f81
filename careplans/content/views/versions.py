"""Versions of a customer's plan: two of them side by side, keeping the plan as it is now."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from careplans.content.kept import compare, kept_content
from careplans.content.models import PlanVersion
from careplans.content.services.versions import version_keep
from careplans.plans.views.tab import EDIT, VIEW
from core import clock
from core.parameters import visible
from core.permissions import allowed
from core.views import ActionView
from customers.models import Customer
from customers.views.tabs import CustomerMixin

MOST_VERSIONS = 200


class VersionsForm(forms.Form):
    """Which two versions are compared; without a right one the plan as it is now."""

    left = forms.ModelChoiceField(PlanVersion.objects.none(), label=gettext_lazy("Version"), empty_label=None)
    right = forms.ModelChoiceField(
        PlanVersion.objects.none(), required=False, label=gettext_lazy("Compare with"),
        empty_label=gettext_lazy("The plan now"),
    )  # fmt: skip

    def __init__(self, *args: Any, versions: list[PlanVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, first in (("left", []), ("right", [("", _("The plan now"))])):
            field: Any = self.fields[name]
            field.choices = [*first, *((one.pk, str(one)) for one in versions)]


class VersionsView(CustomerMixin, TemplateView):
    """Two versions of a customer's plan side by side, with what differs marked."""

    permission_required = VIEW
    template_name = "carecontent/versions.html"
    parameters = {"left": visible(PlanVersion), "right": visible(PlanVersion)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer = self.object
        versions = list(PlanVersion.objects.filter(customer=customer).select_related("user")[:MOST_VERSIONS])
        left, right = self._asked("left", versions) or next(iter(versions), None), self._asked("right", versions)
        return super().get_context_data(
            title=_("Versions of the care plan: %s") % customer,
            customer=customer,
            form=VersionsForm(initial={"left": left and left.pk, "right": right and right.pk}, versions=versions),
            left=left,
            right=right,
            compared=compare(_content(left), self._right(right)) if left else None,
            may_keep=allowed(self.user, EDIT, customer),
            back=reverse("carecontent:tab", args=[customer.pk]),
            **kwargs,
        )

    def _asked(self, name: str, versions: list[PlanVersion]) -> PlanVersion | None:
        asked = self.request.GET.get(name, "")
        return next((one for one in versions if str(one.pk) == asked), None)

    def _right(self, right: PlanVersion | None) -> dict[str, Any]:
        if right is not None:
            return _content(right)
        language = get_language() or "fi"
        return kept_content(self.object, clock.today(), [language])[language]


def _content(version: PlanVersion) -> dict[str, Any]:
    """Return what a version says, in the language of the page."""
    found: dict[str, Any] = version.content.get(get_language() or "fi") or {}
    return found


class VersionKeepView(CustomerMixin, ActionView):
    """Keep the plan as it is now."""

    model = Customer
    permission_required = EDIT
    question = gettext_lazy("Keep the plan as it is now?")
    submit_label = gettext_lazy("Keep")
    success_message = gettext_lazy("The plan was kept as it is now.")

    def get_effects(self) -> list[Any]:
        return [
            _("Later changes of the plan are compared with it."),
            _("The plan is kept whenever it is reviewed, accepted by the customer or approved by the management."),
        ]

    def perform(self) -> None:
        version_keep(customer=self.object, user=self.user)

    def get_success_url(self) -> str:
        return reverse("carecontent:versions", args=[self.object.pk])
