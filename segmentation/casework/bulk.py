"""Bulk operations: accept what is suggested, ask a former owner, keep the segments of a review's list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.bulk.models import BulkRun
from core.bulk.operations import FORBIDDEN, Applied, BulkForm, Finding, Operation
from core.dates import DayField
from core.segments import PROPOSED, REFUSED, SET
from core.undo.parts import Undoing
from customers.bulk.base import INACTIVE, CustomerOperation
from customers.contact_search import exists_for_each
from customers.forms.fields import PersonChoiceField
from customers.models import Customer, Responsibility
from segmentation.casework.enums import Answer
from segmentation.casework.models import ReviewLine
from segmentation.casework.selectors import heard_answers, open_suggestions_of
from segmentation.casework.services.inquiries import inquiry_make
from segmentation.casework.services.reviews import lines_keep
from segmentation.casework.services.suggestions import answers_accept, suggestions_accept
from segmentation.membership.bulk import SegmentOperation
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services.moves import settable
from segmentation.schemes.models import Scheme

CRITERIA, FORMER = "criteria", "former"


def _schemes() -> QuerySet[Scheme]:
    return Scheme.objects.in_use().filter(is_exclusive=True, is_automatic=False)


class SchemeForm(BulkForm):
    """Asks for the scheme; where there is one only, it is that."""

    scheme = forms.ModelChoiceField(Scheme.objects.none(), label=gettext_lazy("Scheme"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["scheme"]
        field.queryset, field.empty_label = _schemes(), None
        field.initial = primary = _schemes().filter(is_primary=True).first()
        if primary and _schemes().count() == 1:
            field.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["scheme"] = data.get("scheme") or self.fields["scheme"].initial
        if data["scheme"] is None:
            self.add_error("scheme", _("No scheme has suggestions."))
        return data


class AcceptForm(SchemeForm):
    """Asks for the scheme, or for none: then each customer gets what is suggested in every scheme."""

    whose = forms.ChoiceField(
        label=gettext_lazy("Suggestions of"),
        choices=[(CRITERIA, gettext_lazy("the criteria")), (FORMER, gettext_lazy("former owners"))],
        initial=CRITERIA,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["scheme"]
        if _schemes().count() > 1:
            field.empty_label = _("every scheme, each its own suggestion")

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("scheme")
        return {**super().clean(), "scheme": chosen}


def _schemes_of(content: Mapping[str, Any]) -> list[Scheme]:
    """Return the scheme of which suggestions are accepted; without a choice, all."""
    return [content["scheme"]] if content["scheme"] else list(_schemes())


class AcceptOperation(SegmentOperation):
    name, icon, order = "customers.accept_suggestion", "checks", 40
    label = gettext_lazy("Accept suggestions")
    form_class: ClassVar[Any] = AcceptForm
    reasons = {**SegmentOperation.reasons, "no_suggestion": gettext_lazy("Nothing is suggested, or it was decided")}

    def describe(self, content: Mapping[str, Any]) -> str:
        about = {"scheme": ", ".join(map(str, _schemes_of(content)))}
        if content["whose"] == FORMER:
            return _("Accept the answers of former owners: %(scheme)s") % about
        return _("Accept the suggestions: %(scheme)s") % about

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        said = [_("Moves to and from segments that need approval become proposals. The limits hold.")]
        if len(_schemes_of(content)) > 1:
            said.append(_("A customer with suggestions in several schemes gets each of them."))
        return said

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        """Yield what is left out: where there are several schemes, only who can follow no suggestion of any."""
        yield from self.not_permitted(user, rows)
        hindrances: list[Finding] = []
        suggested = possible = Q(pk__in=[])
        schemes = _schemes_of(content)
        for scheme in schemes:
            given = Q(pk__in=self._suggestions(content, scheme).order_by().values("customer"))
            free, found = rows.filter(given), list(self._hindrances(content, scheme, user, rows))
            for one in found:
                free = free.exclude(pk__in=one.rows.order_by().values("pk"))
            suggested, possible = suggested | given, possible | Q(pk__in=free.order_by().values("pk"))
            hindrances += found
        yield Finding("no_suggestion", rows.exclude(suggested), is_unchanged=True)
        is_one = len(schemes) == 1
        yield from (one if is_one else replace(one, rows=one.rows.exclude(possible)) for one in hindrances)

    def _hindrances(self, content: Mapping[str, Any], scheme: Scheme, user: Any, rows: Any) -> Iterator[Finding]:
        """Yield what keeps customers from what is suggested in a scheme."""
        given = self._suggestions(content, scheme)
        segments = list(scheme.segments.all())
        free = settable(segments, user)
        left = Membership.objects.present().filter(segment__needs_approval=True, scheme=scheme)
        for segment in segments:
            to_it = rows.filter(pk__in=given.filter(segment=segment).order_by().values("customer"))
            if segment.is_retired:
                yield Finding("retired", to_it)
                continue
            if segment.pk not in free and not segment.needs_approval:
                yield Finding("not_setter", to_it.exclude(pk__in=left.order_by().values("customer")))
            if segment.limit is not None:
                movable = to_it.filter(pk__in=self.editable(user)).order_by("pk")
                full = list(movable.values_list("pk", flat=True)[self._room(segment) :])
                yield Finding("full", rows.filter(pk__any_of=full))
        if content["whose"] == FORMER:
            opened = Proposal.objects.open().filter(scheme=scheme)
            yield Finding("proposal_open", rows.filter(pk__in=opened.order_by().values("customer")))

    @staticmethod
    def _suggestions(content: Mapping[str, Any], scheme: Scheme) -> Any:
        return heard_answers(scheme) if content["whose"] == FORMER else open_suggestions_of(scheme)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        accept = answers_accept if content["whose"] == FORMER else suggestions_accept
        changed: set[int] = set()
        refused: dict[int, str] = {}
        for scheme in _schemes_of(content):
            moves = accept(scheme=scheme, customer_ids=ids, user=run.user)
            changed |= {pk for pk, move in moves.items() if move.status in (SET, PROPOSED)}
            refused |= {pk: move.code for pk, move in moves.items() if move.status == REFUSED}
        return Applied(changed=changed, refused={pk: code for pk, code in refused.items() if pk not in changed})


class AskForm(SchemeForm):
    person = PersonChoiceField(label=gettext_lazy("Former owner"))
    text = forms.CharField(
        label=gettext_lazy("Question"), max_length=1_000, required=False, widget=forms.Textarea({"rows": 2})
    )
    due = DayField(label=gettext_lazy("Answers by"), required=False)


class AskOperation(CustomerOperation):
    """Asks one former owner about customers: one task with the list."""

    name, icon, order = "customers.ask_former_owner", "message", 41
    label = gettext_lazy("Ask a former owner")
    permission = "customers.change_owners"
    form_class = AskForm
    max_rows = batch = 500
    reasons = {
        **CustomerOperation.common,
        "never_responsible": gettext_lazy("The person has never been responsible for it"),
    }

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Ask %(person)s about segments") % {"person": content["person"]}

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        return [_("One task with the list; the answers are suggestions in segmentation work.")]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield from self.not_permitted(user, rows)
        were = Responsibility.objects.filter(customer=OuterRef("pk"), user=content["person"])
        yield Finding("never_responsible", rows.exclude(exists_for_each(were)))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        about = {"asked": content["person"], "text": content["text"], "due": content["due"]}
        inquiry_make(scheme=content["scheme"], customer_ids=ids, user=run.user, **about)
        return Applied(changed=ids)


class KeepOperation(Operation):
    """Answers about many customers of a review that they keep their segments."""

    name, icon, order = "casework.keep", "checks", 10
    place, model = "review_lines", ReviewLine
    label = pgettext_lazy("review", "Keep")
    permission = "casework.view_review"
    list_url_name = "casework:reviews"
    text = "customer_name"
    undoing = Undoing(ReviewLine, by_column=True)
    changes = ((ReviewLine, "id"),)
    reasons = {
        INACTIVE: gettext_lazy("The customer is inactive"),
        "has": gettext_lazy("Is kept already"),
        "closed": gettext_lazy("The review is not under way any more"),
    }

    def allowed(self, user: Any) -> bool:
        return any(user.has_perm(f"customers.change_{whose}_customer") for whose in ("any", "own"))

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Keep the segments of the review")

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        text = ngettext("%(count)d customer keeps its segment.", "%(count)d customers keep their segments.", count)
        return [text % {"count": count}]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("closed", rows.exclude(review__status="open"))
        yield Finding(INACTIVE, rows.exclude(customer__state="active"))
        yield Finding(FORBIDDEN, rows.exclude(customer__in=Customer.objects.editable_by(user)))
        yield Finding("has", rows.filter(answer=Answer.KEEP), is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        kept = lines_keep(ids=ids, user=run.user)
        return Applied(changed=kept, refused=dict.fromkeys(set(ids) - set(kept), "closed"))

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        yield Finding("closed", rows.exclude(review__status="open"))


def segments_of_run(run: BulkRun) -> bool:
    """Return whether a run moves customers between segments."""
    return run.operation in (SegmentOperation.name, AcceptOperation.name)
