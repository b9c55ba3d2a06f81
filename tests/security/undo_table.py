"""Who may undo a change from the message about it."""

from __future__ import annotations

from tests.security.cast import NONE, OWN, READ, WORK

PAGES: dict[str, tuple[str, str]] = {
    "undo/<uuid:change>/": (NONE, READ),  # the undone form asks its own rule
    "activities/<int:pk>/feedback/undo/": (NONE, WORK),
    "orders/<int:pk>/step/undo/": (NONE, OWN),
}
