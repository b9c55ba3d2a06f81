"""The least that Django can do: one view, one query, one table."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

query: tuple[str, Any] = ("SELECT 1", None)


def view(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(*query)
        return render(request, "demo/bare.html", {"rows": cursor.fetchall()})


urlpatterns = [path("", view)]
