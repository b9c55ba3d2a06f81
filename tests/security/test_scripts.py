"""A world of its own, in which everything that people write is a script."""

from __future__ import annotations

from tests.security.test_bad_input import SCRIPT
from tests.security.test_passive import content
from tests.security.test_permissions import PAGES, QUERY
from tests.security.world import make_world


def test_what_people_have_written_is_shown_and_never_run(db):
    """A world whose every text is a script: no page lets it out of its text."""
    world = make_world(text=SCRIPT)
    client, loose, shown = world.client("admin"), [], 0
    for route, (readers, _writers) in PAGES.items():
        if "admin" in readers.split():
            for headers in (
                {},
                {"HX-Request": "true", "HX-Target": "tab"},
                {"HX-Request": "true", "HX-Target": "dialog"},
            ):
                answer = client.get(world.address(route) + QUERY.get(route, ""), headers=headers)
                text = content(answer)
                if "text/html" in answer.headers["Content-Type"]:
                    loose += [world.address(route)] if "<script>alert" in text else []
                    shown += "&lt;script&gt;alert(1)" in text
    assert not loose
    assert shown > 100
