"""Versions of criteria: the list, one version, a new draft, its justification, comparing two, history."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from accounts.models import User
from core.exceptions import refusal_of
from core.history import history_of
from core.opinions import opinions_of
from core.parameters import visible
from core.permissions import PermissionMixin, allowed
from core.tabs import PanelMixin
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin
from segmentation.criteria.checks import findings
from segmentation.criteria.defaults import default_rules_write
from segmentation.criteria.enums import VersionStatus
from segmentation.criteria.foreseen import unforeseen_names
from segmentation.criteria.forms import CompareForm, CriteriaForm, JustificationForm
from segmentation.criteria.models import CriteriaOpinion, CriteriaVersion, SegmentRule
from segmentation.criteria.selectors import rule_counts
from segmentation.criteria.services import check_draft, criteria_change, criteria_create, criteria_delete
from segmentation.criteria.store import StoredRule, rules_of_version
from segmentation.criteria.words import compare, rule_words
from segmentation.schemes.models import Scheme

VIEW, ADD, EDIT = "criteria.view_criteria", "criteria.add_criteria", "criteria.edit_version"


class CriteriaMixin(VisibleObjectMixin):
    model = CriteriaVersion
    permission_required = VIEW

    def get_queryset(self) -> QuerySet[Any]:
        return CriteriaVersion.objects.visible_to(self.user).select_related("scheme", "created_by", "based_on__scheme")

    def get_denial(self) -> str:
        is_edit = self.permission_required == EDIT and allowed(self.user, ADD)
        return refusal_of(lambda: check_draft(self.object)) if is_edit else ""


class ListView(PermissionMixin, TemplateView):
    """All versions by scheme, the newest first."""

    permission_required = VIEW
    template_name = "criteria/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = CriteriaVersion.objects.visible_to(self.user).select_related("scheme", "created_by")
        by_scheme: dict[Scheme, list[CriteriaVersion]] = {
            scheme: [] for scheme in Scheme.objects.in_use().filter(is_exclusive=True)
        }
        for version in versions.order_by("scheme__order", "scheme", "-number"):
            by_scheme.setdefault(version.scheme, []).append(version)
        return super().get_context_data(
            title=_("Segmentation criteria"),
            schemes=list(by_scheme.items()),
            primary_action=self._new() if allowed(self.user, ADD) else None,
            **kwargs,
        )

    def _new(self) -> dict[str, Any]:
        return {"label": _("New version"), "url": reverse("criteria:create"), "icon": "plus"}


class CreateView(ServiceFormView):
    """A new draft, based on the version in force unless another one is chosen."""

    removed_by = "criteria:delete"
    permission_required = ADD
    form_class = CriteriaForm
    title = gettext_lazy("New version of the criteria")
    submit_label = gettext_lazy("Make a draft")
    success_message = gettext_lazy("The draft was made. Change the rules, then send it to the account team.")
    parameters = {"scheme": visible(Scheme), "based_on": visible(CriteriaVersion)}

    def get_initial(self) -> dict[str, Any]:
        asked = CriteriaVersion.objects.filter(pk=self._number("based_on") or 0).select_related("scheme").first()
        schemes = Scheme.objects.in_use().filter(is_exclusive=True)
        scheme = asked.scheme if asked else schemes.filter(pk=self._number("scheme") or 0).first()
        scheme = scheme or schemes.filter(is_primary=True).first() or schemes.first()
        based_on = asked or CriteriaVersion.objects.in_force().filter(scheme=scheme).first()
        return {"scheme": scheme, "based_on": based_on}

    def _number(self, name: str) -> int | None:
        text = self.request.GET.get(name, "")
        return int(text) if text.isdecimal() else None

    def get_cancel_url(self) -> str:
        return reverse("criteria:list")

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        is_first = not CriteriaVersion.objects.filter(scheme=data["scheme"]).exists()
        criteria = criteria_create(
            scheme=data["scheme"], user=self.user, justification=data["justification"], based_on=data["based_on"]
        )
        if is_first:
            default_rules_write(criteria)
        return criteria


class EditView(CriteriaMixin, ObjectFormView):
    """Change the justification of a draft."""

    undoable = True
    permission_required = EDIT
    form_class = JustificationForm
    title = gettext_lazy("Justification")

    def perform(self, form: Any) -> Any:
        return criteria_change(criteria=self.object, justification=form.cleaned_data["justification"], version=None)


class DeleteView(CriteriaMixin, ActionView):
    permission_required = EDIT
    question = gettext_lazy("Delete the draft?")
    danger = True
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The draft was deleted.")

    def perform(self) -> None:
        criteria_delete(criteria=self.object)

    def get_success_url(self) -> str:
        return reverse("criteria:list")


def rules_context(criteria: CriteriaVersion, rules: list[StoredRule]) -> list[dict[str, Any]]:
    """Return each segment of the scheme with its rule in words and what was found about it."""
    by_segment = {rule.segment.pk: rule for rule in rules}
    found = findings(rules)
    segments = [
        one for one in criteria.scheme.segments.order_by("order", "pk") if one.pk in by_segment or not one.is_retired
    ]
    return [
        {
            "segment": segment,
            "rule": by_segment.get(segment.pk),
            "words": rule_words(by_segment[segment.pk]) if segment.pk in by_segment else None,
            "findings": [one for one in found if one.segment.pk == segment.pk],
        }
        for segment in segments
    ]


class DetailView(CriteriaMixin, TemplateView):
    """One version: its status and justification, its rules in words, what is wrong with them, what may be done."""

    template_name = "criteria/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        criteria = self.object
        rules = rules_of_version(criteria)
        rows = rules_context(criteria, rules)
        may_edit = allowed(self.user, EDIT, criteria)
        return super().get_context_data(
            title=str(criteria),
            criteria=criteria,
            rows=rows,
            has_faults=any(one.is_fault for row in rows for one in row["findings"]),
            may_edit=may_edit,
            steps=steps_of(criteria, self.user),
            is_own=criteria.status == VersionStatus.REVIEWED and self.user.pk in criteria.prepared_by,
            changes=criteria.status_changes.select_related("user"),
            opinions=opinions_of(criteria.opinions, self._members()),
            secondary_actions=self._actions(may_edit),
            has_rules=bool(rules),
            unforeseen=", ".join(unforeseen_names(rule.tree for rule in rules)),
            **kwargs,
        )

    def _members(self) -> Any:
        """Return who is asked for an opinion, while the version is with the account team or waits for management."""
        is_asked = self.object.status in {VersionStatus.TEAM, VersionStatus.REVIEWED}
        return User.objects.of_account_team().order_by("sort_key", "pk") if is_asked else ()

    def _actions(self, may_edit: bool) -> list[dict[str, Any]]:
        entries: list[tuple[bool, str, str, str, bool]] = [
            (allowed(self.user, "criteria.preview_version"), "preview", _("Preview"), "eye", False),
            (allowed(self.user, "criteria.preview_version"), "back_test", _("Back-test"), "history", False),
            (True, "compare", _("Compare"), "arrows-exchange", False),
            (may_edit, "edit", _("Edit the justification"), "pencil", True),
            (True, "history", _("History"), "history", False),
            (may_edit, "delete", _("Delete the draft"), "trash", True),
        ]
        actions = [
            {"label": label, "url": reverse(f"criteria:{name}", args=[self.object.pk]), "icon": icon, "dialog": dialog}
            for may, name, label, icon, dialog in entries
            if may
        ]
        if allowed(self.user, ADD):
            url = f"{reverse('criteria:create')}?based_on={self.object.pk}"
            actions.append({"label": _("New version based on this"), "url": url, "icon": "copy", "dialog": False})
        return actions


def steps_of(criteria: CriteriaVersion, user: Any) -> list[dict[str, Any]]:
    """Return the steps that the user may take with a version now."""
    review, decide = "criteria.review_version", "criteria.decide_version"
    give = "criteria.give_opinion"
    steps: dict[str, list[tuple[str, str, Any, str]]] = {
        VersionStatus.DRAFT: [(review, "send", _("Send to the account team"), "btn-primary")],
        VersionStatus.TEAM: [
            (give, "opinion", _("Give your opinion"), "btn-primary"),
            (review, "review", _("Reviewed: send to management"), ""),
            (review, "return", _("Back to draft"), ""),
        ],
        VersionStatus.REVIEWED: [
            ("criteria.approve_version", "approve", _("Approve"), "btn-primary"),
            (decide, "reject", _("Reject"), ""),
            (review, "return", _("Back to draft"), ""),
        ],
        VersionStatus.APPROVED: [
            (review, "force", _("Put in force"), "btn-primary"),
            (decide, "reject", _("Reject"), ""),
        ],
    }
    return [
        {"label": label, "url": reverse(f"criteria:{name}", args=[criteria.pk]), "css": css}
        for rule, name, label, css in steps.get(criteria.status, [])
        if allowed(user, rule, criteria)
    ]


class CountsView(CriteriaMixin, PanelMixin, TemplateView):
    """How many customers meet each rule now, loaded by its own request."""

    template_name = "criteria/counts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = rule_counts(rules_of_version(self.object))
        return super().get_context_data(title=_("Customers now"), criteria=self.object, counts=counts, **kwargs)


class CompareView(CriteriaMixin, TemplateView):
    """Two versions of a scheme side by side."""

    template_name = "criteria/compare.html"
    parameters = {"other": visible(CriteriaVersion)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        right = self.object
        left = self._other(right)
        rows = compare(rules_of_version(left), rules_of_version(right)) if left else []
        form = CompareForm(initial={"other": left}, criteria=right)
        return super().get_context_data(
            title=_("Compare: %(criteria)s") % {"criteria": right}, criteria=right, other=left, rows=rows, form=form,
            has_others=form.fields["other"].queryset.exists(), **kwargs,  # type: ignore[attr-defined]
        )  # fmt: skip

    def _other(self, criteria: CriteriaVersion) -> CriteriaVersion | None:
        """Return the version that the address names, else the one this is based on, else the one before it."""
        others = CriteriaVersion.objects.filter(scheme=criteria.scheme_id).exclude(pk=criteria.pk)
        others = others.select_related("scheme", "created_by")
        asked = self.request.GET.get("other", "")
        if asked:
            found = others.filter(pk=int(asked)).first() if asked.isdecimal() else None
            if found is None:
                raise Http404
            return found
        return others.filter(pk=criteria.based_on_id or 0).first() or others.filter(number__lt=criteria.number).first()


class HistoryView(CriteriaMixin, TemplateView):
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            entries=history_of(self.object, (SegmentRule, CriteriaOpinion)),
            back=self.object.get_absolute_url(),
            **kwargs,
        )
