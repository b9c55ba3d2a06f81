"""Paging by key for the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from core.paging import asked_key, keyset_page


class KeysetPagination(BasePagination):
    """Pages by key. ``?limit=`` rows (1–200), ``?after=`` / ``?before=`` the token that the answer's links carry."""

    default_limit = 50
    max_limit = 200
    page: Any = None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        query = request.query_params
        order, size = self._order(query.get("ordering", ""), view), self._limit(query.get("limit"))
        self.page = keyset_page(queryset, order, size=size, **asked_key(query))
        return list(self.page.rows)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._link("after", self.page.next),
                "previous": self._link("before", self.page.previous),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        results = {"type": "array", "items": schema.get("items", schema)}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": results},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        texts = {
            "limit": ("Rows a page, 1–200.", {"type": "integer", "minimum": 1, "maximum": self.max_limit}),
            "after": ("Token of the page's start, from `next`.", {"type": "string"}),
            "before": ("Token of the page's end, from `previous`.", {"type": "string"}),
            "ordering": ("What the rows are ordered by; `-` before it turns it.", self._ordering_schema(view)),
        }
        return [
            {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
            for name, (text, schema) in texts.items()
        ]

    def _ordering_schema(self, view: Any) -> dict[str, Any]:
        names = [sign + name for name in self._orders(view) for sign in ("", "-")]
        return {"type": "string", "enum": names} if names else {"type": "string"}

    def _orders(self, view: Any) -> dict[str, str]:
        table = getattr(view, "table", None)
        return dict(table.sort_paths) if table else {}

    def _order(self, asked: str, view: Any) -> str:
        table = getattr(view, "table", None)
        if table is None:
            if asked:
                raise ValidationError({"ordering": [_("This list has one order only.")]})
            return "pk"
        if asked and asked.lstrip("-") not in table.sort_paths:
            raise ValidationError({"ordering": [_("Choose one of: %s") % ", ".join(table.sort_paths)]})
        return str(table.order(asked))

    def _limit(self, text: str | None) -> int:
        if not text:
            return self.default_limit
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= self.max_limit:
            raise ValidationError({"limit": [_("Enter a whole number from 1 to %d.") % self.max_limit]})
        return int(text)

    def _link(self, name: str, token: str) -> str | None:
        if not token:
            return None
        other = "before" if name == "after" else "after"
        url = replace_query_param(self.request.build_absolute_uri(), name, token)
        return str(remove_query_param(url, other))
