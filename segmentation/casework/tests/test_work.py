"""The list of segmentation work: each kind, its counters, who may decide, the start page, the number of queries."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import clock
from customers.tests.factories import CustomerFactory
from segmentation.casework.enums import WorkTab
from segmentation.casework.models import Override
from segmentation.casework.selectors import own_suggestions, own_work
from segmentation.casework.services.suggestions import suggestion_override
from segmentation.casework.tests.conftest import held
from segmentation.criteria.models import Evaluation
from segmentation.membership.models import Proposal
from segmentation.membership.services.moves import segment_set
from segmentation.membership.services.proposals import proposal_make
from segmentation.membership.tests.factories import MembershipFactory, segment
from segmentation.schemes.models import Scheme, Segment

pytestmark = pytest.mark.django_db
URL = "/segmentation-work/"


def rows_of(client: Any, **query: str) -> list[str]:
    response = client.get(URL, query)
    assert response.status_code == 200
    return sorted(row.object.name for row in response.context["table"].rows)


def counts_of(client: Any, **query: str) -> dict[str, str]:
    return {tab["name"]: tab["count"] for tab in client.get(URL, query).context["list_tabs"]}


@pytest.fixture
def work(suggest: Any, owner: Any, scheme: Any) -> dict[str, Any]:
    """One customer of each kind of work, and one that is none."""
    half_a_year = clock.now() - dt.timedelta(days=200)
    long_ago = clock.now() - dt.timedelta(days=400)
    made = {
        "differs": suggest("B", name="Differs"),
        "without": CustomerFactory(owner=owner, name="Without"),
        "long": CustomerFactory(owner=owner, name="Long"),
        "proposed": suggest("A", name="Proposed"),
        "missing": suggest("B", name="Missing"),
    }
    MembershipFactory(customer=made["long"], segment=segment("P"), start=long_ago)
    made["long"].summary.__class__.objects.filter(pk=made["long"].pk).update(segment=segment("P"))
    proposal_make(customer=made["proposed"], segment=segment("A"), user=owner, text="A framework agreement.")
    Evaluation.objects.filter(customer=made["missing"]).update(outcome="share", is_suggestion=False)
    fine = CustomerFactory(owner=owner, name="Fine")
    MembershipFactory(customer=fine, segment=segment("P"), start=half_a_year)
    fine.summary.__class__.objects.filter(pk=fine.pk).update(segment=segment("P"))
    return made


@pytest.mark.parametrize("kind", ["differs", "without", "long", "proposed", "missing"])
def test_each_tab_has_its_customers_and_their_number(client: Any, owner: Any, work: Any, kind: str) -> None:
    client.force_login(owner)
    assert rows_of(client, tab=kind) == [work[kind].name]
    assert counts_of(client)[kind] == "1"


@pytest.mark.parametrize("kind", ["differs", "without", "long", "proposed", "missing"])
def test_a_tab_with_many_customers_asks_each_and_has_the_same(
    client: Any, owner: Any, work: Any, kind: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("segmentation.casework.selectors.COUNT_LIMIT", -1)
    client.force_login(owner)
    assert rows_of(client, tab=kind) == [work[kind].name]


def test_customers_without_a_segment_of_another_scheme(client: Any, owner: Any, monkeypatch: Any) -> None:
    scheme = Scheme.objects.create(code="other", name_fi="Toinen", name_en="Other", is_exclusive=True)
    one = Segment.objects.create(scheme=scheme, code="X", name_fi="X", name_en="X")
    held = CustomerFactory(owner=owner, name="Held")
    MembershipFactory(customer=held, segment=one)
    CustomerFactory(owner=owner, name="Without")
    client.force_login(owner)
    assert rows_of(client, tab="without", scheme=str(scheme.pk)) == ["Without"]
    monkeypatch.setattr("segmentation.casework.selectors.COUNT_LIMIT", -1)
    assert rows_of(client, tab="without", scheme=str(scheme.pk)) == ["Without"]


def test_the_counters_follow_the_filters_as_the_rows_do(client: Any, keeper: Any, suggest: Any, owner: Any) -> None:
    other = UserFactory(role="account_manager")
    for _number in range(3):
        suggest("B")
    suggest("B", by=other, name="Of another")
    client.force_login(keeper)
    assert counts_of(client)["differs"] == "4"
    assert counts_of(client, owner=str(other.pk))["differs"] == "1"
    assert rows_of(client, owner=str(other.pk)) == ["Of another"]
    assert counts_of(client, mine="true")["differs"] == "0"


def test_the_number_in_the_menu_is_that_of_the_rows_it_opens(owner: Any, work: Any) -> None:
    assert list(own_suggestions(owner)) == list(own_work(owner, WorkTab.DIFFERS)) == [work["differs"]]


def test_the_longest_stay_is_data_of_the_segment(owner: Any, work: Any) -> None:
    potential = segment("P")
    potential.longest_days = 100
    potential.save()
    assert own_work(owner, WorkTab.LONG).count() == 2
    potential.longest_days = None
    potential.save()
    assert not own_work(owner, WorkTab.LONG).exists()


def test_the_page_costs_the_same_for_any_number_of_rows(
    client: Any, owner: Any, suggest: Any, django_assert_max_num_queries: Any
) -> None:
    client.force_login(owner)
    suggest("B")
    client.get(URL)
    with django_assert_max_num_queries(40) as few:
        client.get(URL)
    for _number in range(8):
        suggest("B")
    with django_assert_max_num_queries(len(few)):
        client.get(URL)


def test_a_row_is_accepted_and_another_one_decided_otherwise(client: Any, owner: Any, suggest: Any) -> None:
    first, second = suggest("B"), suggest("B")
    client.force_login(owner)
    assert client.post(f"/customers/{first.pk}/suggestion/accept/").status_code == 302
    assert held(first) == "B"
    url = f"/customers/{second.pk}/suggestion/override/"
    assert client.post(url, {"segment": segment("C").pk}).status_code == 422
    assert client.post(url, {"segment": segment("C").pk, "text": "Too early."}).status_code == 302
    assert Override.objects.in_force().get(customer=second).text == "Too early."
    page = client.get(f"/customers/{second.pk}/segment-work/")
    assert "Too early." in page.content.decode()


def test_a_decision_against_a_suggestion_goes_back_to_the_list(client: Any, owner: Any, suggest: Any) -> None:
    customer = suggest("B")
    client.force_login(owner)
    headers = {"HX-Request": "true", "HX-Target": "dialog", "HX-Current-URL": f"http://testserver{URL}?mine=true"}
    url = f"/customers/{customer.pk}/suggestion/override/"
    answer = client.post(url, {"segment": segment("C").pk, "text": "Too early."}, headers=headers)
    assert answer["HX-Redirect"] == f"{URL}?mine=true"
    end = reverse("casework:override_end", args=[Override.objects.get().pk])
    assert client.post(end, headers=headers)["HX-Redirect"] == f"{URL}?mine=true"


def first_buttons(client: Any, url: str) -> list[str]:
    return [operation.name for operation in client.get(url).context["bulk_actions"][:4]]


def test_the_bar_has_first_what_the_list_is_for(client: Any, keeper: Any, suggest: Any) -> None:
    suggest("B")
    client.force_login(keeper)
    decided = ["customers.accept_suggestion", "customers.ask_former_owner"]
    assert first_buttons(client, URL)[:2] == decided
    assert first_buttons(client, "/customers/")[0] == "customers.segment"
    assert not set(decided) & set(first_buttons(client, "/customers/"))


def test_another_account_manager_decides_nothing(client: Any, suggest: Any) -> None:
    customer = suggest("B")
    client.force_login(UserFactory(role="account_manager"))
    assert client.post(f"/customers/{customer.pk}/suggestion/accept/").status_code == 403
    assert "suggestion/accept" not in client.get(URL).content.decode()
    kept = suggestion_override(
        customer=customer, scheme=segment("C").scheme, segment=segment("C"), user=None, text="Too early."
    )
    assert client.post(f"/segmentation-work/overrides/{kept.pk}/end/").status_code == 403


def test_the_figures_of_the_start_page_open_exactly_their_rows(client: Any, owner: Any, work: Any) -> None:
    client.force_login(owner)
    content = client.get(reverse("casework:start_work")).context
    for figure in content["figures"]:
        found = re.search(r"tab=(\w+)", figure.url)
        assert found
        assert figure.text == str(len(rows_of(client, mine="true", tab=found[1])))
    assert [figure.text for figure in content["figures"]] == ["1", "1", "1", "1", "0", "1"]


def test_the_panel_of_management_has_the_proposals_that_wait(client: Any, director: Any, owner: Any, work: Any) -> None:
    client.force_login(director)
    page = client.get(reverse("casework:start_proposals"))
    assert page.context["total"].text == "1"
    assert Proposal.objects.get().get_absolute_url() in page.content.decode()
    client.force_login(owner)
    assert client.get(reverse("casework:start_proposals")).context["total"].text == "0"


def test_the_work_of_another_scheme(client: Any, owner: Any, work: Any) -> None:
    from segmentation.membership.tests.factories import SchemeFactory, SegmentFactory

    other = SegmentFactory(scheme=SchemeFactory())
    segment_set(customer=work["without"], segment=other, user=None)
    client.force_login(owner)
    query = {"scheme": str(other.scheme_id), "tab": "without"}
    assert "Without" not in rows_of(client, **query)
    assert len(rows_of(client, **query)) == 5
