"""The guides in both languages, the guide of a page, and the checklist of the first use."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from accounts.start import start_panels_set
from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory
from crm.help import GUIDES, Guide, guide_of
from customers.models import Favourite
from customers.tests.factories import CustomerFactory
from tests.security.page_table import PAGES

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_each_guide_can_be_read_in_both_languages(guide: object) -> None:
    texts = [client_of(UserFactory(language=language)).get(guide.url).content.decode() for language in ("fi", "en")]  # type: ignore[attr-defined]
    articles = [text.partition("<article")[2].partition("</article>")[0] for text in texts]
    assert all(len(article) > 300 for article in articles)
    assert articles[0] != articles[1]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/customers/5/", "customers"),
        ("/activities/types/", "admin"),
        ("/activities/mine/", "activities"),
        ("/pipeline/table/", "offers"),
        ("/offers/settings/", "admin"),
        ("/criteria/3/", "segmentation"),
        ("/users/teams/2/", "segmentation"),
        ("/customers/5/segments/", "segmentation"),
        ("/customers/5/activities/", "activities"),
        ("/contacts/5/feedback/", "feedback"),
        ("/customers/5/care-plan/", "careplan"),
        ("/care-plans/", "careyear"),
        ("/care/planning/", "carework"),
        ("/care/occurrences/", "adherence"),
        ("/care/capacity/", "adherence"),
        ("/segment-reviews/3/", "segmentwork"),
        ("/portfolio/", "segmentwork"),
        ("/selections/3/edit/", "selections"),
        ("/views/", "selections"),
        ("/bulk/7/", "bulk"),
        ("/care-models/versions/2/", "careplans"),
        ("/users/2/", "admin"),
        ("/nothing/", None),
    ],
)
def test_a_page_has_the_guide_of_its_part(path: str, name: str | None) -> None:
    assert getattr(guide_of(path), "name", None) == name


#: What is no page of the program: the address that leads to the first page, how a date is understood, the API's own.
WITHOUT_GUIDE = {"", "dates/", "api/v1/docs/"}


def test_every_page_has_a_guide() -> None:
    paths = {route: re.sub(r"<[^>]+>", "1", f"/{route}") for route, (readers, _writers) in PAGES.items() if readers}
    assert {route for route, path in paths.items() if guide_of(path) is None} == WITHOUT_GUIDE


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
@pytest.mark.parametrize("language", ["fi", "en"])
def test_every_guide_has_a_picture(guide: Guide, language: str) -> None:
    text = (settings.BASE_DIR / f"templates/help/{language}/{guide.name}.html").read_text(encoding="utf-8")
    pictures = re.findall(r"{% static '([^']+)' %}", text)
    assert pictures
    assert [name for name in pictures if not (settings.BASE_DIR / "static" / name).is_file()] == []


def test_the_page_leads_to_its_guide_and_an_unknown_guide_is_not_found() -> None:
    client = client_of(UserFactory())
    assert 'data-guide="/help/customers/"' in client.get("/customers/").content.decode()
    assert client.get("/help/nothing/").status_code == 404


def steps(user: User) -> dict[str, bool]:
    context = client_of(user).get("/start/first-steps/").context
    return {str(step.label): is_done for step, is_done in context["steps"]}


def test_the_checklist_has_what_the_rights_allow() -> None:
    reader, seller, admin = (UserFactory(role=code) for code in ("read_only", "account_manager", "administrator"))
    assert "Make your first offer" in steps(seller)
    assert "Log your first call or visit" not in steps(reader)
    assert "Import customers from a file" not in steps(seller)
    assert {"Import customers from a file", "Invite your colleagues"} <= set(steps(admin))


def test_the_checklist_ticks_what_is_done_and_goes_when_all_is() -> None:
    user = UserFactory(role="read_only")
    assert not any(steps(user).values())
    Favourite.objects.create(user=user, customer=CustomerFactory())
    assert steps(user)["Mark a customer as a favourite with the star on its page"]
    start_panels_set(user=user, shown=["start_search"])
    User.objects.filter(pk=user.pk).update(version=2)
    fragment = client_of(user).get("/start/first-steps/", headers={"HX-Request": "true"}).content.decode()
    assert not fragment.strip()


def test_logging_an_activity_ticks_its_step() -> None:
    user = UserFactory(role="account_manager")
    ActivityFactory(created_by=user)
    assert steps(user)["Log your first call or visit"]


def test_a_page_names_its_guide_and_a_tab_that_is_loaded_asks_for_its_own() -> None:
    client = client_of(UserFactory(language="en"))
    assert 'data-guide-name="Start page, menu and search"' in client.get("/start/").content.decode()
    tab = client.get("/help/of/", {"page": "/customers/5/feedback/"}).json()
    assert tab == {"url": "/help/feedback/", "label": "Feedback and leads"}
    assert client.get("/help/of/", {"page": "/nothing/"}).json() == {"url": "/help/", "label": ""}
