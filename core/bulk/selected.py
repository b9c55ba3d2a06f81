"""Actions on many rows of a list at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict

from core.numbers import parse_id
from core.parameters import LONGEST_QUERY, TextField
from core.people import rank_people
from core.views import ServiceFormView


def selected_ids(request: HttpRequest, max_rows: int) -> list[int]:
    """Return the ids of the selected rows, each once, at most ``max_rows``; invalid ids are left out."""
    ids: Iterable[int | None] = map(parse_id, request.POST.getlist("ids")[:max_rows])
    return list(dict.fromkeys(pk for pk in ids if pk))


class BulkFormView(ServiceFormView):
    """A form for an action on the selected rows, or on all rows that match the list's filters.

    The first POST, from the list, shows the form; the second, which has the field ``confirm_field``, performs it.
    """

    confirm_field = ""
    max_rows = 10_000
    template_name = "generic/confirm.html"
    http_method_names = ["post"]
    parameters = {"all": TextField(), "query": TextField(max_length=LONGEST_QUERY)}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.confirm_field in request.POST:
            return super().post(request, *args, **kwargs)
        kwargs = {name: value for name, value in self.get_form_kwargs().items() if name not in ("data", "files")}
        form = self.get_form_class()(**kwargs)
        rank_people(form, self.user)
        return self.render_to_response(self.get_context_data(form=form))

    @property
    def is_all(self) -> bool:
        return "all" in self.request.POST or "all" in self.request.GET

    @property
    def query(self) -> QueryDict:
        """The list's filters, when the action is for all matching rows."""
        return QueryDict(str(self.request.POST.get("query") or self.request.GET.get("query", "")))

    @cached_property
    def ids(self) -> list[int]:
        return selected_ids(self.request, self.max_rows)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        action = self.request.path
        if self.is_all:
            action += "?" + urlencode({"all": 1, "query": self.query.urlencode()})
        return super().get_context_data(ids=[] if self.is_all else self.ids, form_action=action, **kwargs)
