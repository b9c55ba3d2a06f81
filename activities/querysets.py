from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from activities.enums import UNFINISHED
from crm.fields import Fold
from customers.models import CustomerSummary
from customers.search import read, stems

if TYPE_CHECKING:
    from activities.models import Activity  # noqa: F401 - named in a base class


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, user: Any) -> ActivityQuerySet:
        """Everyone who has signed in sees the work of every active customer and work that concerns no customer."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("customers.manage_passive"):
            return self
        return self.filter(models.Q(customer__isnull=True) | models.Q(customer__state="active"))

    def unfinished(self) -> ActivityQuerySet:
        return self.filter(status__in=UNFINISHED)

    def of_participant(self, user: Any) -> ActivityQuerySet:
        """Activities in which the user takes part: each participant's own (rule 16)."""
        return self.filter(participations__user=user)

    def overdue(self) -> ActivityQuerySet:
        return self.unfinished().filter(start__lt=timezone.now())

    def with_names(self) -> ActivityQuerySet:
        """Read type, customer, participants and keywords along, in a constant number of queries."""
        return self.select_related("type", "customer").prefetch_related("users", "keywords")

    def search(self, text: str) -> ActivityQuerySet:
        """Those whose title, or customer's search text, has every word of ``text`` in some inflection."""
        found = self
        for word in read(text).words:
            found = found.filter(pk__in=self._with_word(word))
        return found

    def _with_word(self, word: str) -> models.QuerySet[Any, Any]:
        """The two ways to meet a word are two walks in two indexes, so they are two queries put together."""
        every = self.model._default_manager
        in_title, in_customer = models.Q(), models.Q()
        for stem in stems(word):
            in_title |= _contains("folded", stem)
            in_customer |= _contains("search_text", stem)
        titled = every.alias(folded=Fold("title")).filter(in_title)
        customers = CustomerSummary.objects.filter(in_customer).values("customer")
        return titled.values("pk").union(every.filter(customer__in=customers).values("pk"))


def _contains(field: str, stem: str) -> models.Q:
    """A trigram index knows three letters or more: a shorter stem is looked for where words begin."""
    if len(stem) > 2:
        return models.Q(**{f"{field}__contains": stem})
    return models.Q(**{f"{field}__contains": f" {stem}"}) | models.Q(**{f"{field}__startswith": stem})
