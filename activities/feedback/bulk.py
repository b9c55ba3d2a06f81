"""Bulk operations on feedback: assign the answers to a person, export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.bulk import NotifyingOperation
from activities.feedback.models import Feedback
from activities.feedback.selectors import feedback_for
from activities.log.bulk.work import participants_of
from activities.log.models import Activity, Participation
from core import clock
from core.bulk.export import ExportOperation
from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Finding
from core.undo.parts import Part, Undoing
from customers.enums import CustomerState
from customers.forms.fields import OwnerChoiceField


class AssignForm(BulkForm):
    responsible = OwnerChoiceField(label=gettext_lazy("Responsible for the answer"))


class FeedbackAssignOperation(NotifyingOperation):
    """Assign the answers of many: :func:`activities.feedback.services.feedback.feedback_assign`."""

    name, icon, order = "feedback.assign", "user-check", 10
    place, model, list_url_name = "feedback", Activity, "feedback:list"
    notify_query: ClassVar[dict[str, str]] = {"tab": "mine"}
    text = "title"
    label = pgettext_lazy("feedback", "Assign")
    permission = "activities.log_activity"
    form_class = AssignForm
    undoing = Undoing(
        Activity,
        [Part(Feedback, Activity, "activity_id"), Part(Participation, Activity, "activity_id")],
        by_column=True,
    )
    changes = ((Activity, "id"), (Feedback, "activity_id"))
    reasons: ClassVar[dict[str, Any]] = {
        "inactive": gettext_lazy("The customer is inactive"),
        "answered": gettext_lazy("Has been answered already"),
        "no_answer": gettext_lazy("Waits for no answer"),
        "has": gettext_lazy("Belongs to this person already"),
    }

    def may_choose(self, user: Any) -> Any:
        return feedback_for(user)

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Feedback to %(person)s") % {"person": content["responsible"]}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("inactive", rows.filter(customer__state=CustomerState.PASSIVE))
        yield Finding("answered", rows.filter(feedback__answered_at__isnull=False))
        yield Finding("no_answer", rows.filter(feedback__answer_due__isnull=True))
        yield Finding("has", rows.filter(feedback__responsible=content["responsible"]), is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        responsible, before = content["responsible"], participants_of(ids)
        feedback = Feedback.objects.filter(pk__in=ids)
        former = dict(feedback.values_list("pk", "responsible"))
        feedback.update(responsible=responsible)
        Activity.objects.filter(pk__in=ids).update(version=F("version") + 1, updated_at=clock.now())
        Participation.objects.bulk_create(
            Participation(activity_id=pk, user=responsible) for pk in ids if responsible.pk not in before.get(pk, ())
        )
        people = {pk: {responsible.pk, *([former[pk]] if former[pk] else [])} for pk in ids}
        return Applied(changed=ids, people=people)

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        """Yield the feedback that has been answered since, and that of customers who have become inactive."""
        yield Finding("answered", rows.filter(feedback__answered_at__isnull=False))
        yield Finding("inactive", rows.filter(customer__state=CustomerState.PASSIVE))


class ExportFeedback(ExportOperation):
    name, place, model, text = "feedback.export", "feedback", Activity, "title"
    list_url_name, permission = "feedback:list", "activities.view_activity"

    def may_choose(self, user: Any) -> Any:
        return feedback_for(user)
