"""A separate world in which every text is a script."""

from __future__ import annotations

import pytest

from tests.security.page_table import PAGES
from tests.security.test_bad_input import SCRIPT
from tests.security.test_passive import content
from tests.security.test_permissions import QUERY
from tests.security.world import make_world

pytestmark = pytest.mark.usefixtures("plain_frame")


def test_what_people_have_written_is_shown_and_never_run(db):
    """In a world where every text is a script, all pages escape it."""
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
