"""The editor of a segment's rule. Nothing is stored before *Save*; every add and remove is a submit button."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.conditions.tree import without_empty
from core.conditions.words import names_in
from core.exceptions import BusinessRuleError, StaleVersionError
from core.numbers import parse_id
from core.views import ActionView, redirect
from segmentation.criteria.builder import CriteriaBuilder
from segmentation.criteria.checks import incomplete, live_finding
from segmentation.criteria.evaluation import hidden_from
from segmentation.criteria.models import CriteriaVersion, SegmentRule
from segmentation.criteria.selectors import live_count, sample_of
from segmentation.criteria.services import rule_set
from segmentation.criteria.store import StoredRule, stored_rules
from segmentation.criteria.views.versions import EDIT, CriteriaMixin
from segmentation.criteria.words import rule_words
from segmentation.schemes.models import Segment


class RuleMixin(CriteriaMixin):
    permission_required = EDIT
    kwargs: dict[str, Any]

    @property
    def segment(self) -> Segment:
        found: Segment = get_object_or_404(
            Segment.objects.select_related("scheme"), pk=self.kwargs["segment"], scheme=self.object.scheme_id
        )
        return found


class RuleView(RuleMixin, TemplateView):
    """Draws the form; a press of any button but *Save* draws it again with the change."""

    template_name = "criteria/builder.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = SegmentRule.objects.filter(criteria=self.object, segment=self.segment)
        stored = stored_rules(rows.select_related("segment__scheme"))
        self.faults = stored[0].faults if stored else ()
        return self.drawn(self.builder(stored[0].tree if stored else None), self.object.version)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        builder = self.builder(None, request.POST)
        seen = parse_id(request.POST.get("version"))
        if self.htmx.target == "preview":
            return self.answer(self.preview(builder), fragment="preview")
        if "save" in request.POST:
            return self.save(builder, seen)
        return self.drawn(builder, seen)

    def builder(self, tree: Any, data: Any = None) -> CriteriaBuilder:
        return CriteriaBuilder(self.user, tree, data, hidden=hidden_from(self.object.scheme))

    def drawn(self, builder: CriteriaBuilder, seen: int | None, errors: Any = (), status: int = 200) -> HttpResponse:
        context = {"builder": builder, "seen": seen, "errors": errors}
        if self.request.method == "POST" and not self.htmx:  # without JavaScript the count comes with the page
            context |= self.preview(builder)
        return self.answer(context, fragment="builder" if self.htmx.target == "builder" else "", status=status)

    def answer(self, context: dict[str, Any], fragment: str = "", **kwargs: Any) -> HttpResponse:
        segment, criteria = self.segment, self.object
        context = self.get_context_data(
            title=_("%(criteria)s: %(segment)s") % {"criteria": criteria, "segment": segment},
            criteria=criteria, segment=segment, faults=getattr(self, "faults", ()),
            is_new=not SegmentRule.objects.filter(criteria=criteria, segment=segment).exists(), **context,
        )  # fmt: skip
        names = [f"{self.template_name}#{fragment}" if fragment else self.template_name]
        response = self.response_class(self.request, names, context, using=self.template_engine, **kwargs)
        response["Vary"] = "HX-Request, HX-Target"
        return response

    def preview(self, builder: CriteriaBuilder) -> dict[str, Any]:
        """Return the rule in words, how many meet it now, and the first of them."""
        tree, segment = without_empty(builder.tree), self.segment
        rule = StoredRule(segment, tree, names_in(tree))
        shown = {"has_preview": True, "words": rule_words(rule)}
        if not tree.parts:
            return shown
        if incomplete(segment, tree):
            return {**shown, "is_incomplete": True}
        count = live_count(segment, tree)
        if count is None:
            return {**shown, "is_too_long": True}
        finding = live_finding(segment, count.yes, is_everybody=count.is_everybody)
        return {**shown, "count": count, "sample": sample_of(count), "finding": finding}

    def save(self, builder: CriteriaBuilder, seen: int | None) -> HttpResponse:
        if not builder.is_complete():
            errors = [_("Fill in the conditions that are marked, or remove them.")]
            return self.drawn(builder, seen, errors, status=422)
        try:
            rule_set(criteria=self.object, segment=self.segment, tree=without_empty(builder.tree), version=seen)
        except StaleVersionError:
            now = CriteriaVersion.objects.values_list("version", flat=True).get(pk=self.object.pk)
            return self.drawn(builder, now, [stale_text()], status=422)
        except BusinessRuleError as error:
            return self.drawn(builder, seen, [str(error)], status=422)
        messages.success(self.request, _("The rule of %(segment)s was saved.") % {"segment": self.segment})
        return redirect(self.request, self.object.get_absolute_url())


def stale_text() -> str:
    return _(
        "Someone else changed this version while you were editing. Your rule is kept here. Open the version in another "
        "tab to see the change, then save again to set this rule as it is here."
    )


class RuleRemoveView(RuleMixin, ActionView):
    """Remove a rule: then only people put customers into the segment."""

    submit_label = gettext_lazy("Remove")
    danger = True
    success_message = gettext_lazy("The rule was removed.")

    @property
    def question(self) -> str:
        return _("Remove the rule of %(segment)s?") % {"segment": self.segment}

    def get_effects(self) -> list[Any]:
        return [
            _("The criteria suggest the segment to nobody. Who is in it stays until an earlier segment's rule is met.")
        ]

    def perform(self) -> None:
        rule_set(criteria=self.object, segment=self.segment, tree=None)
