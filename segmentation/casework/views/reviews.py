"""Yearly reviews: the list of them, starting one, its progress and frozen list, answers, decision, minutes."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.generic import View

from core.actions import Action
from core.exceptions import BusinessRuleError, refusal_of
from core.history import history_of
from core.list_views import FilteredListView
from core.permissions import allowed
from core.views import ObjectFormView, ServiceFormView, VisibleObjectMixin
from customers.models import Customer
from segmentation.casework.filters import ReviewFilter, ReviewLineFilter
from segmentation.casework.forms import AnswerForm, CancelForm, DecisionForm, ReviewStartForm
from segmentation.casework.minutes import minutes_pdf
from segmentation.casework.models import Review, ReviewLine
from segmentation.casework.reviewing import progress_of, sums_of
from segmentation.casework.services.reviews import (
    line_answer,
    review_cancel,
    review_check,
    review_decide,
    review_start,
)
from segmentation.casework.tables import REVIEW_LINES, REVIEWS

VIEW = "casework.view_review"


class ReviewListView(FilteredListView):
    model = Review
    filterset_class = ReviewFilter
    table = REVIEWS
    title = gettext_lazy("Segment reviews")
    permission_required = VIEW
    main_filters = ("open", "scheme")
    primary_action = Action(
        gettext_lazy("Start a review"), "casework:review_start", icon="plus", dialog=True, rule="casework.start_review"
    )
    secondary_actions = (Action(gettext_lazy("Segmentation work"), "casework:work", icon="list-check"),)
    empty = {
        "title": gettext_lazy("No reviews yet."),
        "text": gettext_lazy(
            "A review freezes the list of the customers of segments that need approval and of decisions against the "
            "suggestion; owners answer, and management decides once."
        ),
        "icon": "checklist",
    }

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("scheme", "decided_by")


class ReviewStartView(ServiceFormView):
    """Start a review: the list is frozen now."""

    form_class = ReviewStartForm
    permission_required = "casework.start_review"
    title = gettext_lazy("Start a review")
    submit_label = gettext_lazy("Start and freeze the list")
    success_message = gettext_lazy("The review was started; the owners have been notified.")

    def get_cancel_url(self) -> str:
        return reverse("casework:reviews")

    def perform(self, form: Any) -> Review:
        data = {name: value for name, value in form.cleaned_data.items() if name != "submission_key"}
        return review_start(user=self.user, **data)


class ReviewView(FilteredListView):
    """A review: how far each owner has got, and the frozen list with its answers."""

    model = ReviewLine
    filterset_class = ReviewLineFilter
    table = REVIEW_LINES
    permission_required = VIEW
    template_name = "casework/review.html"
    main_filters = ("mine", "owner", "answer", "origin")
    bulk_place = "review_lines"
    empty = {"title": gettext_lazy("No customers here."), "icon": "checklist"}

    @property
    def review(self) -> Review:
        if not hasattr(self, "_review"):
            rows = Review.objects.visible_to(self.user).select_related("scheme", "started_by", "decided_by")
            self._review = get_object_or_404(rows, pk=self.kwargs["pk"])
        found: Review = self._review
        return found

    @property
    def title(self) -> str:
        return self.review.title

    def get_queryset(self) -> QuerySet[Any]:
        rows = ReviewLine.objects.visible_to(self.user).filter(review=self.review)
        return rows.select_related("customer", "answered_by")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        own = set()
        if self.review.is_open:
            ids = [line.customer_id for line in rows if line.customer_id]
            own = set(Customer.objects.editable_by(self.user).filter(pk__in=ids).values_list("pk", flat=True))
        for line in rows:
            line.may_answer = line.customer_id in own
        return rows

    def get_bulk_operations(self) -> list[Any]:
        return super().get_bulk_operations() if self.review.is_open else []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        review, progress = self.review, progress_of(self.review)
        return super().get_context_data(
            review=review,
            progress=progress,
            sums=sums_of(progress),
            may_decide=allowed(self.user, "casework.decide_review", review),
            may_cancel=allowed(self.user, "casework.cancel_review", review),
            is_own=review.started_by_id == self.user.pk,
            history=history_of(review, (), viewer=self.user, limit=20) if not self.htmx else [],
            **kwargs,
        )


class LineAnswerView(ObjectFormView):
    """Answer about one customer of a review."""

    undoable = True
    model = ReviewLine
    pk_kwarg = "review_line"
    form_class = AnswerForm
    permission_required = "casework.answer_line"
    success_message = gettext_lazy("The answer was saved.")

    @property
    def title(self) -> str:
        return str(self.object.customer_name)

    def get_queryset(self) -> QuerySet[Any]:
        rows = ReviewLine.objects.visible_to(self.user).filter(review=self.kwargs["pk"])
        return rows.select_related("review", "customer", "segment")

    def get_denial(self) -> str:
        return refusal_of(lambda: review_check(self.object.review))

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs.pop("instance", None)
        return {**kwargs, "line": self.object}

    def get_success_url(self) -> str:
        return str(self.object.review.get_absolute_url())

    get_cancel_url = get_success_url

    def perform(self, form: Any) -> ReviewLine:
        return line_answer(line=self.object, user=self.user, **form.cleaned_data)


class DecideView(ObjectFormView):
    """Decide about the whole list at once."""

    model = Review
    form_class = DecisionForm
    permission_required = "casework.decide_review"
    title = gettext_lazy("Approve the whole list")
    submit_label = pgettext_lazy("review", "Approve")
    success_message = gettext_lazy("The review was decided; the changes have been made.")

    def get_denial(self) -> str:
        return refusal_of(lambda: review_check(self.object))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=self._waits_for(), **kwargs)

    def _waits_for(self) -> str:
        """Return how many answers are missing: the list can be approved when all have been given."""
        count = self.object.lines.unanswered().count()
        text = ngettext(
            "%(count)d customer has no answer yet. The list can be approved when every customer has one.",
            "%(count)d customers have no answer yet. The list can be approved when every customer has one.",
            count,
        )
        return text % {"count": count} if count else ""

    def perform(self, form: Any) -> Review:
        return review_decide(review=self.object, user=self.user, text=form.cleaned_data["text"])


class CancelView(ObjectFormView):
    model = Review
    form_class = CancelForm
    permission_required = "casework.cancel_review"
    title = gettext_lazy("Cancel the review")
    submit_label = gettext_lazy("Cancel the review")
    success_message = gettext_lazy("The review was cancelled; no segment has changed.")

    def get_denial(self) -> str:
        return refusal_of(lambda: review_check(self.object))

    def perform(self, form: Any) -> Review:
        return review_cancel(review=self.object, user=self.user, text=form.cleaned_data["text"])


class MinutesView(VisibleObjectMixin, View):
    """The minutes as a PDF."""

    model = Review
    permission_required = VIEW

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("scheme", "started_by", "decided_by")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        review = self.object
        try:
            pdf = minutes_pdf(review)
        except BusinessRuleError as error:
            return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
        name = f"{slugify(_('Minutes'))}-{slugify(review.title)}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(pdf, content_type="application/pdf", headers=headers)
