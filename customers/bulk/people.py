"""Bulk operation: the owner and other responsible persons of customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import OuterRef, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Finding
from core.dates import DayField
from core.exceptions import BusinessRuleError
from core.undo.parts import Part, Undoing
from customers.bulk.base import CustomerOperation
from customers.contact_search import exists_for_each
from customers.enums import ResponsibilityRole
from customers.forms.fields import AnyPersonChoiceField
from customers.models import Customer, Responsibility
from customers.services.responsibilities import (
    ONE_DAY,
    check_owner,
    check_person,
    owners_replace,
    owners_started_after,
)
from customers.services.summaries import summaries_refresh

OWNER, DEPUTY, OTHER, END = "owner", "deputy", "other", "end"
HOW = (
    (OWNER, gettext_lazy("Make the owner")),
    (DEPUTY, gettext_lazy("Add as a deputy")),
    (OTHER, gettext_lazy("Add with another responsibility")),
    (END, gettext_lazy("End as a deputy and in other responsibilities")),
)


class PeopleForm(BulkForm):
    user = AnyPersonChoiceField(label=gettext_lazy("Person"))  # who has left can be ended
    how = forms.ChoiceField(label=gettext_lazy("What to do"), choices=HOW, initial=OWNER, widget=forms.RadioSelect)
    day = DayField(label=gettext_lazy("From"), initial=clock.today)
    description = forms.CharField(
        label=gettext_lazy("Responsibility"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("For another responsibility, e.g. work-based learning coordinator."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        user, how = data.get("user"), data.get("how")
        if user and how != END:
            try:
                (check_owner if how == OWNER else check_person)(user)
            except BusinessRuleError as error:
                self.add_error("user", str(error))
        return data


class PeopleOperation(CustomerOperation):
    name, icon, order = "customers.people", "user-check", 20
    label = gettext_lazy("Change responsible person")
    permission = "customers.change_owners"
    form_class = PeopleForm
    undoing = Undoing(
        Customer, [Part(Responsibility, Customer, "customer_id")], refreshes=[summaries_refresh], by_column=True
    )
    changes = ((Responsibility, "customer_id"),)
    reasons = {
        **CustomerOperation.common,
        "has": gettext_lazy("Has this responsible person already"),
        "has_not": gettext_lazy("Does not have this responsible person"),
        "owner_later": gettext_lazy("Another owner has started after that day: choose a later one"),
        "planned": gettext_lazy("Another owner is to start on that day"),
    }

    def describe(self, content: Mapping[str, Any]) -> str:
        values = {"user": content["user"], "day": date_format(content["day"], "SHORT_DATE_FORMAT")}
        texts = {
            OWNER: _("%(user)s becomes the owner on %(day)s"),
            DEPUTY: _("%(user)s becomes a deputy on %(day)s"),
            OTHER: _("%(user)s becomes responsible on %(day)s"),
            END: _("%(user)s is no longer responsible from %(day)s on"),
        }
        return texts[content["how"]] % values

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        if content["how"] == OWNER:
            return [_("The present owner stays responsible until the day before. A planned hand-over stays.")]
        return []

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield from self.not_permitted(user, rows)
        person, day, how = content["user"], content["day"], content["how"]
        if how == OWNER:
            owners = Responsibility.objects.filter(role=ResponsibilityRole.OWNER)
            yield Finding("has", rows.filter(_exists(owners.current(day).filter(user=person, end=None))), True)
            yield Finding("owner_later", rows.filter(_exists(owners_started_after(day))))
            planned = owners.filter(start=day, start__gt=clock.today()).exclude(user=person)
            yield Finding("planned", rows.filter(_exists(planned)))
        elif how == END:
            yield Finding("has_not", rows.exclude(_exists(_ending(person, day))), True)
        else:
            yield Finding("has", rows.filter(_exists(_held(content))), True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        person, day, how = content["user"], content["day"], content["how"]
        if how == OWNER:
            return self._own(ids, person, day)
        if how == END:
            ending = _ending(person, day).filter(customer__in=ids)
            ending.filter(start__gte=day).delete()
            ending.update(end=day - ONE_DAY)
        else:
            role = ResponsibilityRole.DEPUTY if how == DEPUTY else ResponsibilityRole.OTHER
            Responsibility.objects.bulk_create(
                Responsibility(customer_id=pk, user=person, role=role, start=day, description=_description(content))
                for pk in ids
            )
        summaries_refresh(ids)
        return Applied(changed=ids, people={pk: [person.pk] for pk in ids})

    def _own(self, ids: Sequence[int], person: Any, day: Any) -> Applied:
        owners = Responsibility.objects.filter(role=ResponsibilityRole.OWNER, customer__in=ids)
        before = dict(owners.current(day).values_list("customer", "user"))
        done = owners_replace(set(ids), person, day)
        refused = set(ids) - set(done.changed) - done.unchanged
        return Applied(
            changed=done.changed,
            refused=dict.fromkeys(refused, "planned"),
            people={pk: {person.pk, before.get(pk, person.pk)} for pk in done.changed},
        )


def _exists(responsibilities: Any) -> Q:
    return exists_for_each(responsibilities.filter(customer=OuterRef("pk")))


def _description(content: Mapping[str, Any]) -> str:
    return content["description"].strip() if content["how"] == OTHER else ""


def _held(content: Mapping[str, Any]) -> Any:
    """Return the responsibilities that a new one would repeat."""
    role = ResponsibilityRole.DEPUTY if content["how"] == DEPUTY else ResponsibilityRole.OTHER
    held = Responsibility.objects.filter(user=content["user"], role=role, description=_description(content))
    return held.filter(Q(end__isnull=True) | Q(end__gte=content["day"]))


def _ending(person: Any, day: Any) -> Any:
    """Return the person's responsibilities, but for an owner's, that go on on that day or begin later."""
    held = Responsibility.objects.filter(user=person).exclude(role=ResponsibilityRole.OWNER)
    return held.filter(Q(end__isnull=True) | Q(end__gte=day))
