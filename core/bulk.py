"""What is done with many rows of a list at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict

from core.numbers import parse_id
from core.views import ServiceFormView


def ticked(request: HttpRequest, most: int) -> list[int]:
    """Return the ids of the ticked rows, each once, ``most`` at the most; what is no id is left out."""
    asked: Iterable[int | None] = map(parse_id, request.POST.getlist("ids")[:most])
    return list(dict.fromkeys(pk for pk in asked if pk))


class BulkFormView(ServiceFormView):
    """What is asked before something is done with ticked rows, or with all that the list's filters let through.

    The first POST, from the list, asks; the second, which has the field ``asks``, does it.
    """

    asks = ""
    most = 10_000
    template_name = "generic/confirm.html"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.asks in request.POST:
            return super().post(request, *args, **kwargs)
        return self.render_to_response(self.get_context_data(form=self.get_form_class()()))

    @property
    def is_all(self) -> bool:
        return "all" in self.request.POST or "all" in self.request.GET

    @property
    def query(self) -> QueryDict:
        """The list's filters, where all are asked for."""
        return QueryDict(str(self.request.POST.get("query") or self.request.GET.get("query", "")))

    @cached_property
    def ids(self) -> list[int]:
        return ticked(self.request, self.most)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        action = self.request.path
        if self.is_all:
            action += "?" + urlencode({"all": 1, "query": self.query.urlencode()})
        return super().get_context_data(ids=[] if self.is_all else self.ids, form_action=action, **kwargs)
