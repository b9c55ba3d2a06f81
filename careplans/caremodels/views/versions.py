"""A version of a care model: its page, which edits a draft, its steps, comparing, history."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.forms import VersionForm
from careplans.caremodels.models import ModelVersion
from careplans.caremodels.selectors import actions_of, asked_about
from careplans.caremodels.services.models import answer_target, care_settings
from careplans.caremodels.services.versions import (
    faults_of,
    version_approve,
    version_change,
    version_delete,
    version_give_opinion,
    version_return,
    version_review,
    version_send,
)
from careplans.caremodels.step_forms import (
    ApproveForm,
    CommentForm,
    CompareForm,
    OpinionForm,
    ReasonForm,
    ReviewForm,
)
from careplans.caremodels.views.body import version_context
from careplans.caremodels.views.models import PARTS, VIEW
from careplans.caremodels.words import compare, version_facts
from core.history import history_of
from core.opinions import opinions_of, stored_opinion
from core.parameters import visible
from core.permissions import allowed
from core.registry import placed_panels
from core.views import ActionView, ObjectFormView, VisibleObjectMixin

EDIT, SEND, DECIDE = "caremodels.edit_version", "caremodels.send_version", "caremodels.decide_version"
GIVE = "caremodels.give_opinion"
REVIEW, RETURN, PREVIEW = "caremodels.review_version", "caremodels.return_version", "caremodels.preview_version"


class VersionMixin(VisibleObjectMixin):
    model = ModelVersion
    permission_required = VIEW

    def get_queryset(self) -> QuerySet[Any]:
        rows = ModelVersion.objects.visible_to(self.user)
        return rows.select_related(
            "model__segment", "model__node", "model__team", "created_by", "based_on__model", "proposed_by",
            "reviewed_by", "approved_by",
        )  # fmt: skip


class VersionView(VersionMixin, TemplateView):
    """One version: what it says, its status and what may be done with it; of a draft each part can be changed."""

    template_name = "caremodels/version.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = self.object
        may_edit = allowed(self.user, EDIT, version)
        return super().get_context_data(
            title=str(version),
            version=version,
            body=version_context(version, justified=False),
            may_edit=may_edit,
            faults=faults_of(actions_of(version)) if version.is_prepared else [],
            is_own=version.status == VersionStatus.WAITING and self.user.pk in version.prepared_by,
            steps=steps_of(version, self.user),
            changes=version.status_changes.select_related("user"),
            opinions=opinions_of(version.opinions, self._asked()),
            secondary_actions=self._actions(may_edit),
            **placed_panels("care_version", self.user, version),
            **kwargs,
        )

    def _asked(self) -> Any:
        """Return who is asked for an opinion, while the version is with the account team or waits for management."""
        is_asked = self.object.status in {VersionStatus.TEAM, VersionStatus.WAITING}
        return asked_about(self.object.model).order_by("sort_key", "pk") if is_asked else ()

    def _actions(self, may_edit: bool) -> list[dict[str, Any]]:
        may_preview = self.object.is_prepared and allowed(self.user, PREVIEW)
        entries = [
            (may_preview, "workload", _("Workload"), "chart-bar", False),
            (True, "compare", _("Compare"), "arrows-exchange", False),
            (True, "version_history", _("History"), "history", False),
            (may_edit, "version_delete", _("Delete the draft"), "trash", True),
        ]
        return [
            {"label": label, "url": reverse(f"caremodels:{name}", args=[self.object.pk]), "icon": icon, "dialog": box}
            for shown, name, label, icon, box in entries
            if shown
        ]


#: The steps by the status: the rule, the page, its label and how the button looks.
STEPS: dict[str, list[tuple[str, str, Any, str]]] = {
    VersionStatus.DRAFT: [(SEND, "send", gettext_lazy("Send to the account team"), "btn-primary")],
    VersionStatus.TEAM: [
        (GIVE, "opinion", gettext_lazy("Give your opinion"), "btn-primary"),
        (REVIEW, "review", gettext_lazy("Gone through: send to management"), ""),
        (RETURN, "return", gettext_lazy("Back to draft"), ""),
    ],
    VersionStatus.WAITING: [
        (DECIDE, "approve", gettext_lazy("Approve"), "btn-primary"),
        (RETURN, "return", gettext_lazy("Back to draft"), ""),
    ],
}


def steps_of(version: ModelVersion, user: Any) -> list[dict[str, Any]]:
    """Return the steps that the user may take with a version now."""
    return [
        {"label": label, "url": reverse(f"caremodels:{name}", args=[version.pk]), "css": css}
        for rule, name, label, css in STEPS.get(version.status, [])
        if allowed(user, rule, version)
    ]


class EditView(VersionMixin, ObjectFormView):
    """Change the goals, channels, promise and justification of a draft."""

    undoable = True
    permission_required = EDIT
    form_class = VersionForm
    title = gettext_lazy("Goals and promise")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"equal": care_settings()}

    def perform(self, form: Any) -> Any:
        changes = {name: form.cleaned_data[name] for name in form._meta.fields}
        return version_change(version=self.object, changes=changes, user=self.user)


class DeleteView(VersionMixin, ActionView):
    permission_required = EDIT
    question = gettext_lazy("Delete the draft?")
    danger = True
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The draft was deleted.")

    def perform(self) -> None:
        version_delete(version=self.object)

    def get_success_url(self) -> str:
        return str(self.object.model.get_absolute_url())


class HistoryView(VersionMixin, TemplateView):
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=history_of(self.object, PARTS),
            back=self.object.get_absolute_url(),
            **kwargs,
        )


class CompareView(VersionMixin, TemplateView):
    """Two versions of a model side by side, action by action."""

    template_name = "caremodels/compare.html"
    parameters = {"other": visible(ModelVersion)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        right = self.object
        left = self._other(right)
        form = CompareForm(initial={"other": left}, version=right)
        return super().get_context_data(
            title=_("Compare: %(version)s") % {"version": right},
            version=right,
            other=left,
            form=form,
            facts=self._facts(left, right) if left else [],
            rows=compare(actions_of(left), actions_of(right)) if left else [],
            **kwargs,
        )

    def _facts(self, left: ModelVersion, right: ModelVersion) -> list[tuple[str, str, str, bool]]:
        sides = [version_facts(one, answer_target(one)) for one in (left, right)]
        return [(a.label, a.text, b.text, a != b) for a, b in zip(*sides, strict=True)]

    def _other(self, version: ModelVersion) -> ModelVersion | None:
        """Return the version that the address names, else the one this is based on, else the one before it."""
        others = ModelVersion.objects.filter(model=version.model_id).exclude(pk=version.pk).select_related("model")
        asked = self.request.GET.get("other", "")
        if asked:
            found = others.filter(pk=int(asked)).first() if asked.isdecimal() else None
            if found is None:
                raise Http404
            return found
        by_number = others.order_by("-number")
        return others.filter(pk=version.based_on_id or 0).first() or by_number.filter(number__lt=version.number).first()


# Steps


class StepMixin(VersionMixin):
    """A step of a version as the user saw it: one that has changed since is refused."""

    def get_initial(self) -> dict[str, Any]:
        return {"seen": self.object.version}

    def about(self, form: Any) -> dict[str, Any]:
        return {"version": self.object, "user": self.user, "seen": form.cleaned_data["seen"]}


class SendView(StepMixin, ObjectFormView):
    permission_required = SEND
    form_class = CommentForm
    title = gettext_lazy("Send to the account team")
    submit_label = gettext_lazy("Send")
    success_message = gettext_lazy("The version was sent to the account team.")

    def perform(self, form: Any) -> Any:
        return version_send(**self.about(form), comment=form.cleaned_data["comment"])


class OpinionView(VersionMixin, ObjectFormView):
    """A member of the account team says what he or she thinks of a version; until it is sent on, again and again."""

    undoable = True
    permission_required = GIVE
    form_class = OpinionForm
    title = gettext_lazy("Give your opinion")
    success_message = gettext_lazy("Your opinion was saved.")

    def get_initial(self) -> dict[str, Any]:
        return stored_opinion(self.object.opinions, self.user)

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return version_give_opinion(version=self.object, user=self.user, stance=data["stance"], comment=data["comment"])


class ReviewView(StepMixin, ObjectFormView):
    permission_required = REVIEW
    form_class = ReviewForm
    title = gettext_lazy("Gone through by the account team: send to management")
    submit_label = gettext_lazy("Send")
    success_message = gettext_lazy("The version was sent to management.")

    def perform(self, form: Any) -> Any:
        return version_review(**self.about(form), comment=form.cleaned_data["comment"])


class ReturnView(StepMixin, ObjectFormView):
    permission_required = RETURN
    form_class = ReasonForm
    title = gettext_lazy("Send back for changes")
    submit_label = gettext_lazy("Back to draft")
    success_message = gettext_lazy("The version is a draft again.")

    def perform(self, form: Any) -> Any:
        return version_return(**self.about(form), reason=form.cleaned_data["reason"])


class ApproveView(StepMixin, ObjectFormView):
    permission_required = DECIDE
    form_class = ApproveForm
    title = gettext_lazy("Approve the version")
    submit_label = gettext_lazy("Approve")
    success_message = gettext_lazy("The version was approved.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        opinions = opinions_of(self.object.opinions, asked_about(self.object.model).order_by("sort_key", "pk"))
        return super().get_context_data(
            note_template="caremodels/approve_note.html", opinions=opinions, version=self.object, **kwargs
        )

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return version_approve(**self.about(form), valid_from=data["valid_from"], comment=data["comment"])
