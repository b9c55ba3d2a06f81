"""Bulk operations on activities: close with an explanation, give to another person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.bulk import NotifyingOperation
from activities.log.enums import UNFINISHED
from activities.log.models import Activity, ActivityType, Participation, StatusChange
from activities.log.plugs import detail_codes, kinds_going_on
from activities.log.services.effects import contact_dates_refresh
from activities.log.services.status import write_closed
from core import clock
from core.bulk.export import ExportOperation
from core.bulk.models import BulkRun
from core.bulk.operations import FORBIDDEN, Applied, BulkForm, Finding, outside
from core.status import SHORTEST_REASON
from core.undo.parts import Part, Undoing
from core.undo.plan import Plan
from customers.contact_search import exists_for_each
from customers.enums import CustomerState
from customers.forms.fields import AnyPersonChoiceField, PersonChoiceField


class ActivityOperation(NotifyingOperation):
    """An operation on activities that the user may change."""

    place = "activities"
    model = Activity
    list_url_name = "activities:list"
    notify_url_name = "activities:mine"
    text = "title"
    permission = "activities.log_activity"
    common: ClassVar[dict[str, Any]] = {"inactive": gettext_lazy("The customer is inactive")}

    def not_permitted(self, user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding(FORBIDDEN, outside(rows, Activity.objects.closable_by(user)))

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        """Yield the activities of customers that have become inactive since: they are read-only."""
        yield Finding("inactive", rows.filter(customer__state=CustomerState.PASSIVE))


def participants_of(ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the participants of these activities."""
    found: dict[int, list[int]] = {}
    for pk, user in Participation.objects.filter(activity__in=ids).values_list("activity", "user"):
        found.setdefault(pk, []).append(user)
    return found


class CloseForm(BulkForm):
    reason = forms.CharField(
        label=gettext_lazy("Explanation"),
        min_length=SHORTEST_REASON,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Why these are closed, for example “no longer needed”. The explanation is saved with each activity."
        ),
    )


class CloseOperation(ActivityOperation):
    name, icon, order = "activities.close", "checklist", 10
    label = pgettext_lazy("bulk operation", "Close")
    form_class = CloseForm
    undoing = Undoing(Activity, by_column=True)
    changes = ((Activity, "id"),)
    reasons = {
        **ActivityOperation.common,
        "done": gettext_lazy("Is done already"),
        "unresolved": gettext_lazy("Negative feedback stays open until it is resolved"),
        "own_steps": gettext_lazy("Is closed by its own actions only"),
        "not_begun": gettext_lazy("Has not begun"),
    }

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Close activities: %(reason)s") % {"reason": content["reason"]}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("done", rows.exclude(status__in=UNFINISHED), is_unchanged=True)
        yield from self.not_permitted(user, rows)
        yield Finding("unresolved", rows.unresolved())
        for kind in kinds_going_on():
            yield Finding("own_steps", rows.filter(kind.condition))
        yield Finding("not_begun", rows.filter(start__gt=clock.now()))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        statuses = dict(Activity.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "status"))
        write_closed(statuses, run.user, content["reason"].strip(), clock.now())
        return Applied(changed=ids, people=participants_of(ids))

    def take_back(self, plan: Plan) -> None:
        super().take_back(plan)
        statuses_take_back(plan)


def statuses_take_back(plan: Plan) -> None:
    """Add to the history of activities the statuses that an undo has put back, and refresh their customers."""
    moved = [item for item in plan.done if item.model is Activity and item.before]
    at = clock.now()
    StatusChange.objects.bulk_create(
        StatusChange(
            activity_id=item.pk,
            from_status=item.last.content["status"],
            to_status=item.before.content["status"],
            reason=_("Undone"),
            user_id=plan.user_id,
            at=at,
        )
        for item in moved
        if item.before and item.last.content["status"] != item.before.content["status"]
    )
    contact_dates_refresh({item.last.content.get("customer_id") for item in moved})


class ReassignForm(BulkForm):
    person = PersonChoiceField(label=gettext_lazy("Give to"))
    instead_of = AnyPersonChoiceField(  # what a colleague who has left has too
        label=gettext_lazy("Instead of"),
        required=False,
        help_text=gettext_lazy("Only this participant is replaced. Empty: all present participants are."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("person") and data.get("person") == data.get("instead_of"):
            self.add_error("instead_of", _("Choose another person."))
        return data


class ReassignOperation(ActivityOperation):
    name, icon, order = "activities.reassign", "user-check", 20
    label = gettext_lazy("Give to another person")
    form_class = ReassignForm
    undoing = Undoing(Activity, [Part(Participation, Activity, "activity_id")], by_column=True)
    reasons = {
        **ActivityOperation.common,
        "done": gettext_lazy("Is done already"),
        "has": gettext_lazy("Belongs to this person already"),
        "has_not": gettext_lazy("The person to be replaced does not take part"),
        "own_steps": gettext_lazy("Is given to others by its own actions only"),
    }

    def describe(self, content: Mapping[str, Any]) -> str:
        if content["instead_of"]:
            values = {"person": content["person"], "old": content["instead_of"]}
            return _("Activities from %(old)s to %(person)s") % values
        return _("Activities to %(person)s") % {"person": content["person"]}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        person, old = content["person"], content["instead_of"]
        yield Finding("done", rows.exclude(status__in=UNFINISHED))
        yield from self.not_permitted(user, rows)
        own = ActivityType.objects.filter(details__in=detail_codes(lambda details: details.has_own_status))
        yield Finding("own_steps", rows.filter(type__in=own))
        if old:
            yield Finding("has_not", rows.exclude(_takes_part(user=old)), is_unchanged=True)
        else:
            alone = rows.filter(_takes_part(user=person)).exclude(_takes_part_not(person))
            yield Finding("has", alone, is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        person, old, before = content["person"], content["instead_of"], participants_of(ids)
        leaving = Participation.objects.filter(activity__in=ids).exclude(user=person)
        (leaving.filter(user=old) if old else leaving).delete()
        Participation.objects.bulk_create(
            Participation(activity_id=pk, user=person) for pk in ids if person.pk not in before.get(pk, ())
        )
        left = [old.pk] if old else []
        return Applied(changed=ids, people={pk: [person.pk, *(left or before.get(pk, []))] for pk in ids})


class ExportActivities(ExportOperation):
    name, place, model, text = "activities.export", "activities", Activity, "title"
    list_url_name, permission = "activities:list", "activities.view_activity"


def _takes_part(**of: Any) -> Q:
    return exists_for_each(Participation.objects.filter(activity=OuterRef("pk"), **of))


def _takes_part_not(person: Any) -> Q:
    return exists_for_each(Participation.objects.filter(activity=OuterRef("pk")).exclude(user=person))
