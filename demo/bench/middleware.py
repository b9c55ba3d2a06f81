"""What the bench adds to the server: the number of queries of a request, on demand, and the bare view.

Both are in front of all other middleware and nowhere but in :mod:`crm.settings.bench`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core import clock
from customers.models import Customer

BARE = "/bench/bare/"
COUNT, COUNTED = "X-Bench-Count", "X-Bench-Queries"
ROWS = 50
NO_QUERIES = ("SAVEPOINT", "RELEASE", "BEGIN", "SET ")


class BenchMiddleware:
    """Answer the bare view at once; count the queries of a request that asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        today = getattr(settings, "BENCH_TODAY", "")
        if today:
            clock.frozen(dt.date.fromisoformat(today)).__enter__()  # for as long as the server runs

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == BARE:
            return bare(request)
        return self._counted(request) if COUNT in request.headers else self.get_response(request)

    def _counted(self, request: HttpRequest) -> HttpResponse:
        queries = 0

        def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal queries
            queries += not sql.startswith(NO_QUERIES)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response[COUNTED] = str(queries)
        return response


def bare(request: HttpRequest) -> HttpResponse:
    """Return the least that Django can do: 50 rows of the customer list's join in a plain table."""
    rows = Customer.objects.active().with_summary().order_by("sort_key", "pk")[:ROWS]
    return render(request, "demo/bare.html", {"rows": rows})
