"""The customer strategy: the version in force, its scorecards, versions and their steps, comparing, PDF."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from careplans.scorecards.enums import PREPARED, CardKind, StrategyStatus
from careplans.scorecards.forms import CommentForm, CompareForm, DraftForm, ReasonForm, StrategyForm
from careplans.scorecards.models import Scorecard, StrategyVersion
from careplans.scorecards.pdf import strategy_pdf
from careplans.scorecards.services.strategies import (
    strategy_approve,
    strategy_change,
    strategy_delete,
    strategy_draft,
    strategy_return,
    strategy_send,
)
from careplans.scorecards.views.steps import StepMixin
from core.history import status_history_of
from core.parameters import visible
from core.permissions import PermissionMixin, allowed
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin

VIEW, KEEP, EDIT = (f"scorecards.{name}_strategy" for name in ("view", "keep", "edit"))
CONTENT = ("principles", "focus_areas", "text", "justification")


class StrategyView(PermissionMixin, TemplateView):
    """The version in force with its scorecards, and the other versions."""

    permission_required = VIEW
    template_name = "scorecards/strategy.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = list(StrategyVersion.objects.visible_to(self.user).select_related("approved_by"))
        prepared = next((one for one in versions if one.status in PREPARED), None)
        cards = Scorecard.objects.visible_to(self.user).filter(kind=CardKind.STRATEGY)
        return super().get_context_data(
            title=_("Customer strategy"),
            current=next((one for one in versions if one.status == StrategyStatus.APPROVED), None),
            prepared=prepared,
            versions=versions,
            cards=cards.with_subjects().order_by("-year"),
            primary_action=self._new() if prepared is None and allowed(self.user, KEEP) else None,
            **kwargs,
        )

    def _new(self) -> dict[str, Any]:
        return {"label": _("New version"), "url": reverse("scorecards:strategy_add"), "icon": "plus", "dialog": True}


class StrategyMixin(VisibleObjectMixin):
    model = StrategyVersion
    permission_required = VIEW

    def get_queryset(self) -> QuerySet[Any]:
        rows = StrategyVersion.objects.visible_to(self.user)
        return rows.select_related("created_by", "sent_by", "approved_by")


class VersionView(StrategyMixin, TemplateView):
    """A version: what it says, its status and steps."""

    template_name = "scorecards/strategy_version.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.object
        may_edit = allowed(self.user, EDIT, version)
        return super().get_context_data(
            title=str(version),
            version=version,
            is_own=version.is_sent and self.user.pk in version.prepared_by,
            steps=steps_of(version, self.user),
            changes=version.status_changes.select_related("user"),
            primary_action=self._action("strategy_edit", _("Edit"), "pencil") if may_edit else None,
            secondary_actions=self._actions(may_edit=may_edit),
            **kwargs,
        )

    def _action(self, name: str, label: str, icon: str, *, dialog: bool = False) -> dict[str, Any]:
        url = reverse(f"scorecards:{name}", args=[self.object.pk])
        return {"label": label, "url": url, "icon": icon, "dialog": dialog}

    def _actions(self, *, may_edit: bool) -> list[dict[str, Any]]:
        actions = [
            self._action("strategy_compare", _("Compare"), "arrows-exchange"),
            self._action("strategy_pdf", _("PDF"), "file-type-pdf"),
            self._action("strategy_history", _("History"), "history"),
        ]
        delete = self._action("strategy_delete", _("Delete the draft"), "trash", dialog=True)
        return [*actions, *([delete] if may_edit else [])]


#: The steps by the status: the rule, the page, its label and how the button looks.
STEPS: dict[str, list[tuple[str, str, Any, str]]] = {
    "draft": [(EDIT, "strategy_send", gettext_lazy("Send to management"), "btn-primary")],
    "sent": [
        ("scorecards.decide_strategy", "strategy_approve", gettext_lazy("Approve"), "btn-primary"),
        ("scorecards.return_strategy", "strategy_return", gettext_lazy("Back to draft"), ""),
    ],
}


def steps_of(version: StrategyVersion, user: Any) -> list[dict[str, Any]]:
    """Return the steps that the user may take with a version now."""
    return [
        {"label": label, "url": reverse(f"scorecards:{name}", args=[version.pk]), "css": css}
        for rule, name, label, css in STEPS.get(version.status, [])
        if allowed(user, rule, version)
    ]


class StrategyAddView(ServiceFormView):
    removed_by = "scorecards:strategy_delete"
    permission_required = KEEP
    form_class = DraftForm
    title = gettext_lazy("New version of the customer strategy")
    submit_label = gettext_lazy("Make a draft")
    success_message = gettext_lazy("The draft was made. Change what you like, then send it to management.")

    def get_cancel_url(self) -> str:
        return reverse("scorecards:strategy")

    def perform(self, form: Any) -> StrategyVersion:
        return strategy_draft(user=self.user, justification=form.cleaned_data["justification"])


class StrategyEditView(StrategyMixin, ObjectFormView):
    undoable = True
    permission_required = EDIT
    form_class = StrategyForm
    title = gettext_lazy("Change the customer strategy")

    def perform(self, form: Any) -> StrategyVersion:
        changes = {name: form.cleaned_data[name] for name in form._meta.fields}
        return strategy_change(version=self.object, changes=changes, user=self.user)


class StrategyDeleteView(StrategyMixin, ActionView):
    permission_required = EDIT
    question = gettext_lazy("Delete the draft?")
    danger = True
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The draft was deleted.")

    def perform(self) -> None:
        strategy_delete(version=self.object)

    def get_success_url(self) -> str:
        return reverse("scorecards:strategy")


class StrategyHistoryView(StrategyMixin, TemplateView):
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=status_history_of(self.object, (), viewer=self.user),
            back=self.object.get_absolute_url(),
            **kwargs,
        )


class StrategyCompareView(StrategyMixin, TemplateView):
    """Two versions side by side, part by part."""

    template_name = "scorecards/strategy_compare.html"
    parameters = {"other": visible(StrategyVersion)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.object
        other = self._other(version)
        return super().get_context_data(
            title=_("Compare: %(version)s") % {"version": version},
            version=version,
            other=other,
            form=CompareForm(initial={"other": other}, version=version),
            parts=[_part(name, other, version) for name in CONTENT] if other else [],
            **kwargs,
        )

    def _other(self, version: StrategyVersion) -> StrategyVersion | None:
        """Return the version that the address names, else the one before this, else any other."""
        others = StrategyVersion.objects.exclude(pk=version.pk)
        asked = self.request.GET.get("other", "")
        if asked:
            found = others.filter(pk=int(asked)).first() if asked.isdecimal() else None
            if found is None:
                raise Http404
            return found
        return others.filter(number__lt=version.number).first() or others.first()


def _part(name: str, left: StrategyVersion, right: StrategyVersion) -> tuple[str, str, str, bool]:
    """Return the name of a part, its text in both versions, and whether they differ."""
    field: Any = StrategyVersion._meta.get_field(name)
    texts = [getattr(one, name) for one in (left, right)]
    return str(field.verbose_name).capitalize(), texts[0], texts[1], texts[0] != texts[1]


class StrategyPdfView(StrategyMixin, TemplateView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return strategy_pdf(str(self.object), version=self.object)


# Steps


class StrategySendView(StepMixin, StrategyMixin, ObjectFormView):
    permission_required = EDIT
    form_class = CommentForm
    title = gettext_lazy("Send to management")
    submit_label = gettext_lazy("Send")
    success_message = gettext_lazy("The version was sent to management.")

    def perform(self, form: Any) -> Any:
        return strategy_send(version=self.object, **self.said(form))


class StrategyReturnView(StepMixin, StrategyMixin, ObjectFormView):
    permission_required = "scorecards.return_strategy"
    form_class = ReasonForm
    title = gettext_lazy("Send back for changes")
    submit_label = gettext_lazy("Back to draft")
    success_message = gettext_lazy("The version is a draft again.")

    def perform(self, form: Any) -> Any:
        return strategy_return(version=self.object, **self.said(form))


class StrategyApproveView(StepMixin, StrategyMixin, ObjectFormView):
    permission_required = "scorecards.decide_strategy"
    form_class = CommentForm
    title = gettext_lazy("Approve the version")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The version was approved and is in force from today.")

    def perform(self, form: Any) -> Any:
        return strategy_approve(version=self.object, **self.said(form))
