"""Questions to former owners: the list, and the page where one answers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from core.list_views import FilteredListView
from core.permissions import allowed
from core.views import ObjectFormView, VisibleObjectMixin
from segmentation.casework.answers_form import AnswersForm
from segmentation.casework.filters import InquiryFilter
from segmentation.casework.models import Inquiry
from segmentation.casework.selectors import with_members
from segmentation.casework.services.inquiries import inquiry_answer
from segmentation.casework.tables import INQUIRIES

#: How many customers are asked about at a time, and how many answers are shown.
PAGE, SHOWN = 25, 200


class InquiryListView(FilteredListView):
    model = Inquiry
    filterset_class = InquiryFilter
    table = INQUIRIES
    title = gettext_lazy("Questions to former owners")
    permission_required = "casework.view_inquiry"
    main_filters = ("open", "asked")
    empty = {
        "title": gettext_lazy("No questions yet."),
        "text": gettext_lazy("Select customers in a list and choose “Ask a former owner”."),
        "icon": "message",
    }

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("asked", "asked_by")


class InquiryMixin(VisibleObjectMixin):
    model = Inquiry
    object: Any

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("scheme", "asked", "asked_by", "activity")

    @cached_property
    def open_lines(self) -> list[Any]:
        """The next customers without an answer, with the segments that they are in."""
        waiting = self.object.lines.filter(answered_at__isnull=True, customer__state="active")
        return with_members(
            waiting.select_related("customer__summary__owner").order_by("pk")[:PAGE], self.object.scheme
        )


class InquiryView(InquiryMixin, TemplateView):
    """A question: what has been answered, and for who is asked, the form for the rest."""

    permission_required = "casework.view_inquiry"
    template_name = "casework/inquiry.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        inquiry = self.object
        may_answer = allowed(self.user, "casework.answer_inquiry", inquiry)
        answered = inquiry.lines.filter(answered_at__isnull=False).select_related("customer", "segment")
        counts = inquiry.lines.aggregate(total=Count("pk"), done=Count("pk", filter=Q(answered_at__isnull=False)))
        form = AnswersForm(lines=self.open_lines, scheme=inquiry.scheme) if may_answer and self.open_lines else None
        return super().get_context_data(
            title=str(inquiry),
            inquiry=inquiry,
            form=form,
            counts=counts,
            answered=with_members(answered.order_by("pk")[:SHOWN], inquiry.scheme),
            **kwargs,
        )


class InquiryAnswerView(InquiryMixin, ObjectFormView):
    """Save the answers of a page; the next customers follow."""

    form_class = AnswersForm
    template_name = "casework/answers.html"
    permission_required = "casework.answer_inquiry"
    title = gettext_lazy("Answers")
    submit_label = gettext_lazy("Save the answers")
    success_message = gettext_lazy("The answers were saved.")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(asked=self.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "lines": self.open_lines, "scheme": self.object.scheme}

    def perform(self, form: Any) -> Inquiry:
        return inquiry_answer(inquiry=self.object, answers=form.answers(), user=self.user)
