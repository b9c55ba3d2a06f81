"""The start page: panels of the user's groups, one's own arrangement, the page that opens first, each panel."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Role, StartChoice, User
from accounts.start import arrangement_of, roles_of, start_panels_set
from accounts.tests.factories import UserFactory, role
from core import registry
from core.defaults import read

pytestmark = pytest.mark.django_db
ARRANGE = "/start/arrange/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def panels_shown(user: User) -> list[str]:
    """Return the names of the panels besides the checklist of new users, which all groups have."""
    return [name for name in arrangement_of(user).names() if name != "start_first_steps"]


def standard(code: str) -> list[str]:
    return [name for name in role(code).start_panels if name != "start_first_steps"]


@pytest.mark.parametrize("code", [row["code"] for row in read("accounts", "roles")])
def test_every_panel_and_page_of_the_default_groups_is_there(code: str) -> None:
    group, names = role(code), {panel.name for panel in registry.panels.of("start")}
    assert group.start_panels
    assert set(group.start_panels) <= names
    assert registry.nav.get("main", group.start_page)


@pytest.mark.parametrize(
    ("code", "first"),
    [("account_manager", "/customers/"), ("management", "/start/"), ("read_only", "/start/")],
)
def test_the_page_that_opens_first_is_that_of_the_group(code: str, first: str) -> None:
    assert client_of(UserFactory(role=code)).get("/")["Location"] == first


def test_a_user_chooses_the_page_that_opens_first() -> None:
    user = UserFactory(role="account_manager")
    client = client_of(user)
    client.post(ARRANGE, {"page": "activities"})
    assert client.get("/")["Location"] == "/activities/"
    client.post(ARRANGE, {"page": "users"})  # of the administration: refused
    assert client.get("/")["Location"] == "/activities/"


def test_a_first_page_that_the_user_may_not_open_any_more_gives_way() -> None:
    user = UserFactory(role="sales_assistant")
    StartChoice.objects.create(user=user, page="offer_approvals")
    assert client_of(user).get("/")["Location"] == "/start/"


def test_a_user_without_groups_has_the_usual_panels() -> None:
    usual = [panel.name for panel in registry.panels.of("start") if panel.usual][1:]
    assert usual
    assert panels_shown(UserFactory()) == usual


def test_two_groups_give_each_panel_once() -> None:
    names = panels_shown(UserFactory(role=["account_manager", "sales_assistant"]))
    assert "start_to_invoice" in names
    assert "start_contact_overdue" in names
    assert len(names) == len(set(names))


def test_a_panel_that_the_rights_do_not_allow_is_not_shown() -> None:
    assert "start_jobs" not in panels_shown(UserFactory(role="read_only"))
    user = UserFactory(role="read_only")
    client_of(user).post(ARRANGE, {"move": "show:start_jobs"})
    assert "start_jobs" not in panels_shown(user)
    assert client_of(user).get("/start/jobs/").status_code == 403


@pytest.mark.parametrize(
    ("move", "after"),
    [
        ("down:start_open", ["start_contact_overdue", "start_open", "start_feedback"]),
        ("up:start_contact_overdue", ["start_contact_overdue", "start_open", "start_feedback"]),
        ("up:start_open", ["start_open", "start_contact_overdue", "start_feedback"]),
        ("hide:start_open", ["start_contact_overdue", "start_feedback", "start_offers"]),
        ("show:start_queue", ["start_open", "start_contact_overdue", "start_feedback"]),
        ("up:nothing", ["start_open", "start_contact_overdue", "start_feedback"]),
        ("away:start_open", ["start_open", "start_contact_overdue", "start_feedback"]),
    ],
)
def test_a_step_of_arranging(move: str, after: list[str]) -> None:
    user = UserFactory(role="account_manager")
    assert client_of(user).post(ARRANGE, {"move": move})["Location"] == ARRANGE
    assert panels_shown(user)[:3] == after
    assert ("start_queue" in panels_shown(user)) == (move == "show:start_queue")


def test_a_panel_moves_past_its_neighbour_in_the_same_column() -> None:
    user = UserFactory(role="account_manager")
    start_panels_set(user=user, shown=["start_week", "start_open", "own_targets"])
    client_of(user).post(ARRANGE, {"move": "down:start_week"})
    assert panels_shown(user)[:3] == ["own_targets", "start_open", "start_week"]


def test_htmx_gets_the_lists_and_the_new_order() -> None:
    answer = client_of(UserFactory(role="account_manager")).post(
        ARRANGE, {"move": "hide:start_open"}, headers={"HX-Request": "true"}
    )
    text = answer.content.decode()
    assert text.lstrip().startswith("<form")
    assert 'value="show:start_open"' in text


def test_the_standard_comes_back_by_reset() -> None:
    user = UserFactory(role="account_manager")
    client = client_of(user)
    client.post(ARRANGE, {"move": "hide:start_open"})
    client.post(ARRANGE, {"reset": "1"})
    assert panels_shown(user) == standard("account_manager")
    assert not StartChoice.objects.exists()


def test_a_panel_that_the_group_gets_later_comes_to_those_who_have_arranged_theirs() -> None:
    user = UserFactory(role="sales_assistant")
    client_of(user).post(ARRANGE, {"move": "hide:start_open"})
    Role.objects.filter(name="sales_assistant").update(start_panels=["start_open", "start_to_invoice", "start_search"])
    assert panels_shown(user) == ["start_to_invoice", "start_week", "start_search"]


def test_the_start_page_loads_each_panel_by_its_own_address() -> None:
    page = client_of(UserFactory(role="sales_assistant")).get("/start/").content.decode()
    for name in ("start_to_invoice", "start_open", "start_week"):
        url = reverse(registry.panels.get("start", name).url_name)  # type: ignore[union-attr]
        assert f'hx-get="{url}"' in page


def test_a_start_page_without_panels_says_where_they_are() -> None:
    user = UserFactory(role="sales_assistant")
    start_panels_set(user=user, shown=[])
    assert "All panels are hidden." in client_of(user).get("/start/").content.decode()


def test_an_administrator_changes_the_standard_of_a_group_with_its_history() -> None:
    admin, group = UserFactory(role="administrator"), role("sales_assistant")
    client, url = client_of(admin), f"/users/groups/{group.pk}/start/"
    client.post(url, {"move": "hide:start_open"})
    client.post(url, {"page": "invoicing"})
    assert roles_of(UserFactory(role="sales_assistant"))[0].start_panels[1:] == ["start_to_invoice", "start_week"]
    assert client_of(UserFactory(role="sales_assistant")).get("/")["Location"] == "/invoicing/"
    assert "page that opens first" in client.get(group.get_absolute_url()).content.decode().lower()
    assert client_of(UserFactory(role="management")).post(url, {"page": ""}).status_code == 403


def test_the_api_arranges_ones_own_start_page() -> None:
    client = client_of(UserFactory(role="account_manager"))
    url = "/api/v1/users/me/start/"
    answer = client.patch(url, {"page": "calendar", "shown": ["start_week"]}, content_type="application/json").json()
    assert answer["page"] == "calendar"
    assert answer["shown"] == ["start_week"]
    assert "start_open" in answer["hidden"]
    refused = client.patch(url, {"shown": ["start_jobs"]}, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "unknown_panel")
    assert client.delete(url).status_code == 204
    assert client.get(url).json()["shown"] == role("account_manager").start_panels


def all_panels() -> list[Any]:
    return [pytest.param(panel.name, id=panel.name) for panel in registry.panels.of("start")]


@pytest.mark.parametrize("name", all_panels())
def test_each_panel_answers_an_empty_database_as_page_and_fragment(name: str) -> None:
    url = reverse(registry.panels.get("start", name).url_name)  # type: ignore[union-attr]
    client = client_of(UserFactory(role="administrator", grants=["offers.approve_price", "mail.file_email"]))
    assert client.get(url).status_code == 200
    fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert fragment.lstrip().startswith("<section")
    assert escape(str(registry.panels.get("start", name).label)) in fragment
