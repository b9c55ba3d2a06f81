"""What a form adds is taken off again from its message, once, and until something has changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.db.models import Model

from core.notices import notice_of
from core.views import ServiceFormView
from tests.security.test_create_forms import CREATES, Data, filled, form_of
from tests.security.world import World, routes

VIEWS = {route: getattr(view, "view_class", None) for route, view in routes()}
#: The forms whose message removes what they have added, and those whose message retires it.
REMOVED, RETIRED = (
    [route for route in CREATES if (view := VIEWS[route.partition("?")[0]]) and getattr(view, page, "")]
    for page in ("removed_by", "opposite")
)
RETIRED.remove("activities/keywords/new/")  # keywords stay in use
#: What says that there is something to compute, and what undoes.
WORK = ("Submission", "Job", "CareTouch", "ModelTouch")
LISTS = ("core", "accounts", "customers", "activities", "mail", "calendar", "products", "offers", "orders", "careplans",
         "caremodels", "carework", "carecontent", "careclock", "scorecards")  # fmt: skip


def counts() -> dict[str, int]:
    """Return the number of rows of each kind that people know, without what keeps the undo itself."""
    kinds = [model for model in apps.get_models() if model._meta.app_label in LISTS]
    kept: list[type[Model]] = [
        model for model in kinds if not hasattr(model, "pgh_tracked_model") and model.__name__ not in WORK
    ]
    return {model._meta.label: model._default_manager.count() for model in kept}


def told(response: Any) -> tuple[str, str, str]:
    """Return the level and the text of the message, and its undo."""
    assert response.status_code == 302, response.context and response.context["form"].errors
    said = list(get_messages(response.wsgi_request))[-1]
    return said.level_tag, str(said), notice_of(said).undo


def added(world: World, route: str) -> tuple[Any, str]:
    """Add something with the form; return who did it, and the undo."""
    sender, _model, about = CREATES[route]
    path, _mark, query = route.partition("?")
    client, url = world.client(sender), world.address(path) + (f"?{query}" if query else "")
    data: Data = about(world) | {"leader": ""}  # a team with members stays
    return client, told(client.post(url, filled(form_of(client, url), data)))[2]


@pytest.mark.parametrize("route", REMOVED)
def test_what_was_added_is_removed_again(world, route):
    before = counts()
    client, undo = added(world, route)
    assert undo, "no undo is offered"
    assert counts() != before
    level, text, _undo = told(client.post(undo))
    assert level == "success", text
    assert {name: count - before[name] for name, count in counts().items() if count != before[name]} == {}
    assert told(client.post(undo))[:2] == ("danger", "It has been changed since. Nothing was undone.")


@pytest.mark.parametrize("route", RETIRED)
def test_what_was_added_to_a_list_is_retired(world, route):
    client, undo = added(world, route)
    level, _text, redo = told(client.post(undo))
    assert level == "success"
    assert told(client.post(undo))[0] == "danger"
    row = CREATES[route][1]._default_manager.order_by("-pk").first()
    assert row.is_retired
    if redo:
        assert told(client.post(redo))[0] == "success"


def test_the_lists_above_are_of_forms():
    assert REMOVED
    assert RETIRED
    assert all(issubclass(VIEWS[route.partition("?")[0]], ServiceFormView) for route in REMOVED + RETIRED)
