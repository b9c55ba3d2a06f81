"""``/api/v1/criteria/`` and ``/api/v1/suggestions/``: the same rules and services as the pages."""

from __future__ import annotations

import pytest
from django.utils import translation
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core import clock
from core.conditions.tree import Group, rules_of
from segmentation.criteria.models import CriteriaVersion
from segmentation.criteria.reasons import Wording
from segmentation.criteria.store import rules_of_version
from segmentation.criteria.tests.conftest import at_least, tree
from segmentation.criteria.tests.factories import draft_of, in_force, scheme_with
from segmentation.criteria.tests.test_nightly import customer, run

pytestmark = pytest.mark.django_db
URL = "/api/v1/criteria/"


def client_of(*grants: str) -> APIClient:
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.force_authenticate(UserFactory(grants=list(grants)))
    return client


@pytest.fixture
def api() -> APIClient:
    return client_of("criteria.edit_criteria")


def test_a_version_is_added_given_rules_and_led_to_in_force(api: APIClient) -> None:
    scheme, segments = scheme_with("B", "C")
    made = api.post(URL, {"scheme": scheme.pk, "justification": "The first ones."}, format="json")
    assert made.status_code == 201, made.json()
    url = f"{URL}{made.json()['id']}/"
    condition = {"join": "all", "parts": [at_least("personnel", 500, 400)]}
    for code, rule in (("B", condition), ("C", {"join": "all", "parts": []})):
        answer = api.post(f"{url}rule/", {"segment": segments[code].pk, "condition": rule}, format="json")
        assert answer.status_code == 200, answer.json()
    assert [rule["code"] for rule in api.get(url).json()["rules"]] == ["B", "C"]
    assert api.post(f"{url}send/", {}, format="json").json()["status"] == "team"
    assert api.post(f"{url}review/", {}, format="json").json()["status"] == "reviewed"
    assert api.post(f"{url}approve/", {}, format="json").status_code == 403
    assert client_of("criteria.approve_criteria").post(f"{url}approve/", {}, format="json").status_code == 200
    done = api.post(f"{url}put_in_force/", {"day": clock.today().isoformat()}, format="json")
    assert done.json()["status"] == "in_force"


def test_a_version_without_justification_is_refused(api: APIClient) -> None:
    """Rule 8."""
    scheme, _segments = scheme_with("B")
    answer = api.post(URL, {"scheme": scheme.pk, "justification": "-"}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "justification_required")
    assert api.post(URL, {"scheme": scheme.pk}, format="json").status_code == 400
    assert not CriteriaVersion.objects.filter(scheme=scheme).exists()


def test_a_rule_that_cannot_be_read_is_refused(api: APIClient) -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {})
    for condition in ({"join": "all", "parts": [{"field": "customer.name", "values": {}}]}, {"field": "x"}, [1]):
        body = {"segment": segments["B"].pk, "condition": condition}
        assert api.post(f"{URL}{draft.pk}/rule/", body, format="json").status_code == 400, condition


def test_a_stale_version_is_refused(api: APIClient) -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {})
    body = {"segment": segments["B"].pk, "condition": None, "version": draft.version + 1}
    assert api.post(f"{URL}{draft.pk}/rule/", body, format="json").status_code == 409


def test_readers_read_and_change_nothing() -> None:
    scheme, segments = scheme_with("B")
    draft = draft_of(scheme, {segments["B"]: Group(1)})
    reader = client_of()
    assert reader.get(URL).status_code == 200
    assert reader.get(f"{URL}{draft.pk}/").json()["findings"] == []
    assert reader.post(URL, {"scheme": scheme.pk, "justification": "Mine."}, format="json").status_code == 403
    assert reader.delete(f"{URL}{draft.pk}/").status_code == 403


def test_suggestions_have_reasons_as_a_structure_and_in_words(api: APIClient) -> None:
    scheme, segments = scheme_with("B", "C")
    in_force(scheme, {segments["B"]: tree([at_least("personnel", 500)]), segments["C"]: Group(1)})
    row = customer(personnel=600)
    run(scheme)
    found = api.get(f"/api/v1/suggestions/?scheme={scheme.pk}&customer={row.pk}").json()["results"]
    assert [(one["segment"], one["words"]) for one in found] == [(segments["B"].pk, "Personnel: 600")]
    assert found[0]["reasons"]["why"]


def test_reasons_do_not_tell_what_a_customer_is_worth() -> None:
    """Everyone reads reasons, but only some people see figures of value."""
    scheme, segments = scheme_with("B", "C")
    in_force(scheme, {segments["B"]: tree([at_least("profit_12", 5_000)]), segments["C"]: Group(1)})
    row = customer(profit_12=76_543)
    run(scheme)
    answer = client_of().get(f"/api/v1/suggestions/?scheme={scheme.pk}&customer={row.pk}")
    found = answer.json()["results"][0]
    assert (found["segment"], found["words"]) == (
        segments["B"].pk, "Profitability in 12 months: as the criteria ask",
    )  # fmt: skip
    assert "76543" not in answer.content.decode()


def test_numbers_of_value_in_older_reasons_are_not_worded() -> None:
    scheme, segments = scheme_with("B")
    version = in_force(scheme, {segments["B"]: tree([at_least("profit_12", 5_000)])})
    (part,) = [rule.id for rule in rules_of(rules_of_version(version)[0].tree)]
    with translation.override("en"):
        said = Wording([version.pk]).of(version.pk, segments["B"].pk, {"why": {str(part): 76_543}}, "yes", 100)
    assert said.sentence == "Profitability in 12 months: as the criteria ask"


def test_suggestions_of_what_is_no_customer_are_refused() -> None:
    assert client_of().get("/api/v1/suggestions/?customer=1.5").status_code == 400
