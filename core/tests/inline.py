"""A browser that edits in place, for the tests of every app."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

PAGE = "http://testserver/start/"


class Editor:
    """The editor of one value: ``open()`` reads what it shows, ``save(value=…)`` sends it as the browser would."""

    def __init__(self, client: Client, url: str, page: str = PAGE) -> None:
        self.client, self.url = client, url
        self.headers = {"HX-Request": "true", "HX-Target": "inline-editor", "HX-Current-URL": page}
        self.seen: dict[str, Any] = {}

    def open(self) -> Any:
        response = self.client.get(self.url, headers=self.headers)
        self.seen = {f"seen-{name}": values for name, values in (response.context or {}).get("seen", {}).items()}
        return response

    def save(self, **content: Any) -> Any:
        if not self.seen:
            self.open()
        return self.client.post(self.url, {"seen-fields": "1", **self.seen, **content}, headers=self.headers)

    def undo(self, response: Any) -> Any:
        """Press Undo in the toast of an answer; the toast sends a plain form."""
        return self.client.post(events(response)["toast"]["action"]["url"])


def events(response: Any) -> dict[str, Any]:
    """Return what the answer asks the page to do."""
    found: dict[str, Any] = json.loads(response.headers.get("HX-Trigger", "{}"))
    return found
