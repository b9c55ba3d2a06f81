"""Pages of schemes and segments: everyone reads them, administrators and key account managers change them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import TemplateView

from core import clock
from core.choice_lists import ChoiceAddView, ChoiceChangeView, ChoiceHistoryView, ChoiceList, ChoiceRetireView
from core.permissions import PermissionMixin, allowed
from core.views import ActionView, ObjectFormView, RetireRowView, ServiceFormView, VisibleObjectMixin
from segmentation.schemes.forms import (
    GoalForm,
    ReasonForm,
    SchemeAddForm,
    SchemeForm,
    SchemeSetForm,
    SegmentAddForm,
    SegmentForm,
)
from segmentation.schemes.models import RuleChange, Scheme, Segment, SegmentGoal, SegmentReason
from segmentation.schemes.permissions import visible_goals
from segmentation.schemes.selectors import scheme_history
from segmentation.schemes.services.rules import (
    groups_text,
    rule_effects,
)
from segmentation.schemes.services.schemes import (
    goal_delete,
    goal_save,
    scheme_add,
    scheme_change,
    scheme_delete,
    scheme_make_primary,
    scheme_set_retired,
    segment_add,
    segment_change,
    segment_delete,
    segment_set_retired,
    segment_shift,
)
from segmentation.schemes.services.sets import SCHEME_SETS, scheme_set_add, set_codes

VIEW, EDIT = "schemes.view_scheme", "schemes.edit_scheme"
REASONS = ChoiceList("segment-reasons", SegmentReason, ReasonForm)


class SchemeListView(PermissionMixin, TemplateView):
    """All schemes with their segments, and the reasons of moves."""

    permission_required = VIEW
    template_name = "schemes/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        schemes = list(Scheme.objects.prefetch_related("segments"))
        codes = {scheme.code for scheme in schemes}
        return super().get_context_data(
            title=_("Segmentation schemes"),
            schemes=schemes,
            reasons=SegmentReason.objects.all(),
            has_sets=any(not set_codes(name) & codes for name in SCHEME_SETS),
            may_edit=allowed(self.user, EDIT),
            **kwargs,
        )


class SchemeMixin(VisibleObjectMixin):
    model = Scheme
    permission_required = EDIT


class SchemeView(SchemeMixin, TemplateView):
    """A scheme: its rules, its segments with their rules and goals."""

    permission_required = VIEW
    template_name = "schemes/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        goals = Prefetch("goals", visible_goals(self.user).filter(year__gte=clock.today().year - 1))
        segments = self.object.segments.select_related("responsible", "team")
        return super().get_context_data(
            title=str(self.object),
            scheme=self.object,
            segments=list(segments.prefetch_related("setters__role", "approvers__role", goals)),
            changes=self._changes(),
            may_edit=allowed(self.user, EDIT),
            **kwargs,
        )

    def _changes(self) -> list[dict[str, Any]]:
        """Return the changes of segments' rules that wait, with what they do and what the user may do."""
        rows = RuleChange.objects.visible_to(self.user).open().filter(segment__scheme=self.object)
        return [
            {
                "row": row,
                "effects": rule_effects(row.segment, row.before, row.after),
                "may_approve": allowed(self.user, "schemes.approve_rules", row),
                "may_reject": allowed(self.user, "schemes.reject_rules", row),
            }
            for row in rows.select_related("segment", "asked_by")
        ]


class SchemeHistoryView(SchemeMixin, TemplateView):
    permission_required = VIEW
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            back=self.object.get_absolute_url(),
            entries=scheme_history(self.object, self.user),
            **kwargs,
        )


class SchemeAddView(ServiceFormView):
    removed_by = "schemes:delete"
    permission_required = EDIT
    form_class = SchemeAddForm
    title = gettext_lazy("New scheme")
    success_message = gettext_lazy("The scheme was added.")

    def get_cancel_url(self) -> str:
        return reverse("schemes:list")

    def perform(self, form: Any) -> Scheme:
        return scheme_add(scheme=form.instance)


class SchemeSetView(ServiceFormView):
    """Add one of the sets that the program ships."""

    permission_required = EDIT
    form_class = SchemeSetForm
    title = gettext_lazy("Add a scheme set")
    submit_label = pgettext_lazy("button", "Add")
    success_message = gettext_lazy("The schemes were added.")

    def get_cancel_url(self) -> str:
        return reverse("schemes:list")

    def get_success_url(self) -> str:
        return reverse("schemes:list")

    def perform(self, form: Any) -> None:
        scheme_set_add(name=form.cleaned_data["name"])


class SchemeEditView(SchemeMixin, ObjectFormView):
    undoable = True
    form_class = SchemeForm
    title = gettext_lazy("Edit scheme")
    success_message = gettext_lazy("The scheme was changed.")

    def perform(self, form: Any) -> Scheme:
        return scheme_change(scheme=form.instance)


class SchemePrimaryView(SchemeMixin, ActionView):
    opposite = "schemes:primary"
    question = gettext_lazy("Make this the primary scheme?")
    success_message = gettext_lazy("The scheme is the primary one. Lists follow in a moment.")

    def get_effects(self) -> list[Any]:
        return [_("“Segment” means this scheme everywhere: in lists, filters, imports and the API.")]

    def may_undo(self) -> bool:
        return self.former not in (None, self.object)

    def get_undo_args(self, row: Any) -> list[Any]:
        """Return the former one; it is this one that another choice since would change."""
        former: Any = self.former
        return [former.pk]

    def perform(self) -> None:
        self.former = Scheme.objects.primary().first()
        scheme_make_primary(scheme=self.object)


class SchemeRetireView(SchemeMixin, RetireRowView):
    """Retire a scheme, or restore a retired one."""

    def get_effects(self) -> list[Any]:
        return [] if self.object.is_retired else [_("Nobody is set to its segments any more."), _("Its history stays.")]

    def perform(self) -> None:
        scheme_set_retired(scheme=self.object, retired=not self.object.is_retired)


class SchemeDeleteView(SchemeMixin, ActionView):
    question = gettext_lazy("Delete this scheme with its segments?")
    success_message = gettext_lazy("The scheme was deleted.")
    danger = True

    def get_effects(self) -> list[Any]:
        return [_("Only a scheme that was never used can be deleted.")]

    def get_success_url(self) -> str:
        return reverse("schemes:list")

    def get_refused_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self) -> None:
        scheme_delete(scheme=self.object)


class SegmentAddView(SchemeMixin, ObjectFormView):
    removed_by = "schemes:segment_delete"
    form_class = SegmentAddForm
    success_message = gettext_lazy("The segment was added.")

    @property
    def title(self) -> str:
        return _("New segment: %s") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": Segment(scheme=self.object)}

    def perform(self, form: Any) -> Segment:
        return segment_add(segment=form.instance, **_groups(form))


def _groups(form: Any) -> dict[str, QuerySet[Group]]:
    chosen = {name: [role.pk for role in form.cleaned_data[name]] for name in ("setters", "approvers")}
    return {name: Group.objects.filter(pk__in=ids) for name, ids in chosen.items()}


class SegmentMixin(VisibleObjectMixin):
    model = Segment
    permission_required = EDIT

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("scheme")


class SegmentEditView(SegmentMixin, ObjectFormView):
    undoable = True
    form_class = SegmentForm
    success_message: Any = gettext_lazy("The segment was changed.")

    @property
    def title(self) -> str:
        return _("Edit segment: %s") % self.object

    def perform(self, form: Any) -> Segment:
        waits = segment_change(segment=form.instance, user=self.user, **_groups(form))
        if waits:
            groups = {"groups": groups_text(waits.before["approvers"])}
            self.success_message = _("The change of who decides or how many waits for approval: %(groups)s.") % groups
        return form.instance


class SegmentRetireView(SegmentMixin, RetireRowView):
    """Retire a segment, or restore a retired one."""

    def get_effects(self) -> list[Any]:
        if self.object.is_retired:
            return []
        return [_("It takes no more customers."), _("Those that are in it stay until they are moved.")]

    def perform(self) -> None:
        segment_set_retired(segment=self.object, retired=not self.object.is_retired)


class SegmentDeleteView(SegmentMixin, ActionView):
    question = gettext_lazy("Delete this segment?")
    success_message = gettext_lazy("The segment was deleted.")
    danger = True

    def get_effects(self) -> list[Any]:
        return [_("Only a segment that was never used can be deleted.")]

    def get_success_url(self) -> str:
        return reverse("schemes:detail", args=[self.object.scheme_id])

    def perform(self) -> None:
        segment_delete(segment=self.object)


class SegmentShiftView(SegmentMixin, ActionView):
    """Move a segment one step in the order, which is its precedence."""

    http_method_names = ["post"]
    success_message = gettext_lazy("The order of the segments was changed.")
    up = True

    @property
    def opposite(self) -> str:  # type: ignore[override]
        return "schemes:segment_down" if self.up else "schemes:segment_up"

    def may_undo(self) -> bool:
        return self.was_moved

    def perform(self) -> None:
        others = self.object.scheme.segments.exclude(pk=self.object.pk)
        self.was_moved = others.filter(**{f"order__{'lte' if self.up else 'gte'}": self.object.order}).exists()
        segment_shift(segment=self.object, up=self.up)


class GoalAddView(SegmentMixin, ObjectFormView):
    removed_by = "schemes:goal_delete"
    undo_below = True
    form_class = GoalForm
    success_message = gettext_lazy("The goal was saved.")

    @property
    def title(self) -> str:
        return _("New goal: %s") % self.object

    def get_form_kwargs(self) -> dict[str, Any]:
        initial = {"year": clock.today().year}
        return {**super().get_form_kwargs(), "instance": SegmentGoal(segment=self.object), "initial": initial}

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self, form: Any) -> SegmentGoal:
        return goal_save(goal=form.instance)


class GoalMixin(SegmentMixin):
    """A page about a goal of the segment of the address."""

    kwargs: dict[str, Any]

    @cached_property
    def goal(self) -> SegmentGoal:
        return get_object_or_404(self.object.goals, pk=self.kwargs["goal"])


class GoalEditView(GoalMixin, ObjectFormView):
    undoable = True
    form_class = GoalForm
    title = gettext_lazy("Edit goal")
    success_message = gettext_lazy("The goal was saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.goal}

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self, form: Any) -> SegmentGoal:
        return goal_save(goal=form.instance)


class GoalDeleteView(GoalMixin, ActionView):
    added_again = ("schemes:goal_add", "schemes:goal_edit")
    undo_below = True
    question = gettext_lazy("Delete this goal?")
    success_message = gettext_lazy("The goal was deleted.")

    def get_undo_row(self) -> SegmentGoal:
        return self.goal

    def perform(self) -> None:
        goal_delete(goal=self.goal)


class ReasonsMixin:
    permission_required = EDIT
    lists_url_name = "schemes:list"
    choice_list = REASONS

    def get_success_url(self) -> str:
        return reverse("schemes:list")


class ReasonAddView(ReasonsMixin, ChoiceAddView):
    pass


class ReasonChangeView(ReasonsMixin, ChoiceChangeView):
    pass


class ReasonRetireView(ReasonsMixin, ChoiceRetireView):
    pass


class ReasonHistoryView(ReasonsMixin, ChoiceHistoryView):
    pass
