"""Pages of criteria: the builder without JavaScript, steps by rights, comparison, counts, preview, suggestions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import clock
from core.bulk.models import BulkRun
from core.bulk.services import run_preview, run_start
from core.conditions.tree import Group, Rule
from core.tests.bulk import chosen_from, finished
from customers.tests.factories import NodeFactory
from segmentation.criteria.models import CriteriaVersion, Evaluation, SegmentRule
from segmentation.criteria.services import rule_set
from segmentation.criteria.store import rules_of_version
from segmentation.criteria.tests.conftest import at_least, score, tree
from segmentation.criteria.tests.factories import draft_of, in_force, scheme_with, sent_to_management
from segmentation.criteria.tests.test_nightly import customer, run

pytestmark = pytest.mark.django_db
ALL = Group(1)


@pytest.fixture
def author() -> Any:
    return UserFactory(grants=["criteria.edit_criteria"], language="en")


@pytest.fixture
def page(client: Any, author: Any) -> Any:
    client.force_login(author)
    return client


@pytest.fixture
def draft(author: Any) -> Any:
    scheme, segments = scheme_with("B", "C")
    criteria = draft_of(scheme, {segments["B"]: tree([at_least("personnel", 500)]), segments["C"]: ALL}, author)
    criteria.segments = segments
    return criteria


def rule_url(criteria: Any, code: str = "B") -> str:
    return f"/criteria/{criteria.pk}/rules/{criteria.segments[code].pk}/"


def fields_of(response: Any) -> dict[str, str]:
    """Return what the browser would send of the builder's form."""
    html = response.content.decode()
    form = html[html.index('<form id="builder"') :]
    found = re.search(r'name="tree" value="([^"]*)"', form)
    version = re.search(r'name="version" value="([^"]*)"', form)
    assert found
    assert version
    return {"tree": found[1].replace("&quot;", '"'), "version": version[1]}


def test_a_rule_is_changed_without_javascript(page: Any, draft: Any) -> None:
    url = rule_url(draft)
    number = json.loads(fields_of(page.get(url))["tree"])["parts"][0]["id"]
    sent = {
        **fields_of(page.get(url)),
        f"r{number}-metric": "personnel",
        f"r{number}-op": "at_least",
        f"r{number}-enter": "250",
    }
    added = page.post(url, {**sent, "add": "criteria.metric:framework_agreement"})
    assert added.status_code == 200
    new = json.loads(fields_of(added)["tree"])["parts"][1]
    assert new["values"] == {"metric": "framework_agreement", "op": "yes"}
    data = {**sent, **fields_of(added), f"r{new['id']}-metric": "framework_agreement", f"r{new['id']}-op": "yes"}
    saved = page.post(url, {**data, "save": "1"})
    assert saved.url == f"/criteria/{draft.pk}/"
    kept = rules_of_version(draft)[0].tree
    assert [part.values.get("enter") for part in kept.parts] == ["250", None]


def test_a_score_comes_with_its_threshold(page: Any, draft: Any) -> None:
    url = rule_url(draft, "C")
    added = page.post(url, {**fields_of(page.get(url)), "add": "criteria.score"})
    score_group = json.loads(fields_of(added)["tree"])["parts"][0]
    assert score_group["relation"] == "score"
    assert [part["field"] for part in score_group["parts"]] == ["criteria.threshold"]
    within = page.post(url, {**fields_of(added), "into": score_group["id"], "add": "criteria.metric:personnel"})
    assert len(json.loads(fields_of(within)["tree"])["parts"][0]["parts"]) == 2


def test_the_number_of_customers_who_meet_a_rule_is_shown_while_it_is_edited(page: Any, draft: Any) -> None:
    customer(personnel=600), customer(personnel=10), customer()
    url = rule_url(draft)
    sent = fields_of(page.get(url))
    number = json.loads(sent["tree"])["parts"][0]["id"]
    sent |= {f"r{number}-metric": "personnel", f"r{number}-op": "at_least", f"r{number}-enter": "500", "preview": "1"}
    count = page.post(url, sent).context["count"]
    assert (count.yes, count.unknown >= 1) == (1, True)


def test_a_threshold_that_does_not_fit_is_refused_at_its_field(page: Any, draft: Any) -> None:
    url = rule_url(draft)
    sent = fields_of(page.get(url))
    number = json.loads(sent["tree"])["parts"][0]["id"]
    values = {
        f"r{number}-metric": "personnel",
        f"r{number}-op": "at_least",
        f"r{number}-enter": "5",
        f"r{number}-leave": "9",
    }
    answer = page.post(url, {**sent, **values, "save": "1"})
    assert answer.status_code == 422
    assert "at most that to enter" in answer.content.decode()
    assert rules_of_version(draft)[0].tree.parts[0].values["enter"] == "500"


def test_a_conflict_of_two_editors_is_shown_and_what_was_made_stays(page: Any, draft: Any) -> None:
    url = rule_url(draft)
    sent = fields_of(page.get(url))
    number = json.loads(sent["tree"])["parts"][0]["id"]
    rule_set(criteria=draft, segment=draft.segments["C"], tree=tree([at_least("personnel", 1)]))
    values = {f"r{number}-metric": "personnel", f"r{number}-op": "at_least", f"r{number}-enter": "77"}
    answer = page.post(url, {**sent, **values, "save": "1"})
    assert answer.status_code == 422
    assert "Someone else changed this version" in answer.content.decode()
    again = page.post(url, {**values, **fields_of(answer), "save": "1"})
    assert again.status_code == 302
    assert rules_of_version(draft)[0].tree.parts[0].values["enter"] == "77"


def test_who_may_change_and_approve(client: Any, draft: Any) -> None:
    reader, director = UserFactory(), UserFactory(grants=["criteria.approve_criteria"])
    client.force_login(reader)
    assert client.get(f"/criteria/{draft.pk}/").status_code == 200
    for path in (
        "edit/",
        "send/",
        "opinion/",
        "review/",
        "approve/",
        "reject/",
        "force/",
        "preview/",
        "back-test/",
        "delete/",
    ):
        assert client.get(f"/criteria/{draft.pk}/{path}").status_code == 403, path
    assert client.get(rule_url(draft)).status_code == 403
    client.force_login(director)
    assert client.get(f"/criteria/{draft.pk}/approve/").status_code == 200
    assert client.get(rule_url(draft)).status_code == 403


def test_a_key_account_manager_sends_and_management_approves(client: Any, page: Any, draft: Any) -> None:
    for step in ("send", "review"):
        assert page.post(f"/criteria/{draft.pk}/{step}/", {"comment": "We agreed."}).status_code == 302
    assert page.post(f"/criteria/{draft.pk}/approve/", {}).status_code == 403
    client.force_login(UserFactory(grants=["criteria.approve_criteria"]))
    assert client.post(f"/criteria/{draft.pk}/approve/", {"comment": ""}).status_code == 302
    assert CriteriaVersion.objects.get(pk=draft.pk).status == "approved"


def test_a_new_draft_needs_a_justification(page: Any, draft: Any) -> None:
    data = {"scheme": draft.scheme_id, "based_on": draft.pk, "justification": " "}
    answer = page.post("/criteria/new/", data)
    assert answer.status_code == 422
    made = page.post("/criteria/new/", {**data, "justification": "A smaller threshold."})
    new = CriteriaVersion.objects.exclude(pk=draft.pk).get(scheme=draft.scheme_id)
    assert made.url == f"/criteria/{new.pk}/"
    assert new.rules.count() == 2


def test_two_versions_are_shown_side_by_side(page: Any, draft: Any, author: Any) -> None:
    other = draft_of(
        draft.scheme, {draft.segments["B"]: tree([score(3, at_least("personnel", 100, weight=3))])}, author
    )
    rows = page.get(f"/criteria/{other.pk}/compare/?other={draft.pk}").context["rows"]
    assert [(row.segment.code, row.is_same) for row in rows] == [("B", False), ("C", False)]
    assert "at least 500" in rows[0].left.head
    assert rows[0].right.head.startswith("score at least 3")


def test_the_page_of_a_version_takes_a_constant_number_of_queries(
    page: Any, draft: Any, django_assert_max_num_queries: Any
) -> None:
    rule_set(criteria=draft, segment=draft.segments["C"], tree=tree([at_least("personnel", n) for n in range(1, 20)]))
    with django_assert_max_num_queries(30):
        assert page.get(f"/criteria/{draft.pk}/").status_code == 200


def test_live_counts_flag_rules_that_nobody_or_everyone_meets(page: Any, author: Any) -> None:
    scheme, segments = scheme_with("A", "B")
    customer(personnel=3)
    draft = draft_of(
        scheme,
        {segments["A"]: tree([at_least("personnel", 9_999)]), segments["B"]: tree([at_least("personnel", 0)])},
        author,
    )
    counts = page.get(f"/criteria/{draft.pk}/counts/").context["counts"]
    assert [row.finding.kind.value for row in counts] == ["nobody", "everyone"]


def test_the_preview_lists_and_exports_who_would_move(page: Any, draft: Any) -> None:
    row = customer(personnel=600)
    assert page.post(f"/criteria/{draft.pk}/preview/").status_code == 302
    shown = page.get(f"/criteria/{draft.pk}/preview/")
    assert shown.context["matrix"].moved >= 1
    listed = page.get(f"/criteria/{draft.pk}/preview/?to_segment={draft.segments['B'].pk}")
    assert row.name in listed.content.decode()
    file = page.get(f"/criteria/{draft.pk}/preview/?to_segment={draft.segments['B'].pk}&export=csv")
    text = b"".join(file.streaming_content if file.streaming else [file.content]).decode("utf-8-sig")
    assert row.name in text
    assert "Personnel: 600" in text


def test_a_back_test_of_a_coming_day_says_so(page: Any, draft: Any) -> None:
    answer = page.post(f"/criteria/{draft.pk}/back-test/", {"day": "2099-01-01"}, follow=True)
    assert "Choose a day that is over." in answer.content.decode()


def test_a_back_test_is_opened_by_its_day(page: Any, draft: Any) -> None:
    answer = page.get(f"/criteria/{draft.pk}/back-test/", {"day": "2026-06-30"})
    assert answer.status_code == 200
    assert page.get("/suggestions/", {"day": "2026-06-30"}).status_code == 400


def test_suggestions_are_listed_with_their_reasons_until_they_are_followed(page: Any) -> None:
    from core import clock
    from segmentation.criteria.tests.factories import member

    scheme, segments = scheme_with("B", "C")
    in_force(scheme, {segments["B"]: tree([at_least("personnel", 500)]), segments["C"]: ALL})
    row = customer(personnel=600)
    run(scheme)
    listed = page.get(f"/suggestions/?segment={segments['B'].pk}").content.decode()
    assert row.name in listed
    assert "Personnel: 600" in listed
    assert "Personnel: 600" in page.get(f"/customers/{row.pk}/suggestion/").content.decode()
    member(row, segments["B"], since=clock.now(), by=UserFactory())
    assert row.name not in page.get(f"/suggestions/?segment={segments['B'].pk}").content.decode()
    assert Evaluation.objects.filter(customer=row).exists()


def test_the_segment_tab_has_the_figures_that_the_criteria_in_force_ask_about(page: Any) -> None:
    scheme, segments = scheme_with("B", "C")
    in_force(scheme, {segments["B"]: tree([at_least("personnel", 500)]), segments["C"]: ALL})
    row = customer(personnel=600)
    run(scheme)
    tab = page.get(f"/customers/{row.pk}/segments/").content.decode()
    assert f"/customers/{row.pk}/suggestion/metrics/" in tab
    shown = page.get(f"/customers/{row.pk}/suggestion/metrics/").context["rows"]
    assert [(one.metric.code, one.value) for one in shown] == [("personnel", 600)]


def test_a_draft_is_deleted_and_a_rule_removed(page: Any, draft: Any) -> None:
    assert page.post(f"{rule_url(draft)}remove/").status_code == 302
    assert not SegmentRule.objects.filter(criteria=draft, segment=draft.segments["B"]).exists()
    assert page.post(f"/criteria/{draft.pk}/delete/").status_code == 302
    assert not CriteriaVersion.objects.filter(pk=draft.pk).exists()


def test_a_version_that_was_sent_on_has_no_buttons_to_change_it(page: Any, draft: Any, author: Any) -> None:
    sent_to_management(draft, author)
    assert page.get(rule_url(draft)).status_code == 403
    assert rule_url(draft) not in page.get(f"/criteria/{draft.pk}/").content.decode()


def test_customers_are_ticked_on_the_list_of_suggestions_and_exported_from_either_tab(client: Any) -> None:
    scheme, segments = scheme_with("B", "C", minimum_known=60)
    in_force(scheme, {segments["B"]: tree([at_least("personnel", 500), at_least("turnover", 5)]), segments["C"]: ALL})
    suggested, unknown = customer(personnel=600, turnover=9), customer(personnel=600)
    run(scheme)
    client.force_login(UserFactory(role="administrator", language="en"))
    assert chosen_from(client, "/suggestions/?tab=open", "customers.class") == [{suggested.pk}] * 2
    assert chosen_from(client, "/suggestions/?tab=unknown", "customers.export") == [{unknown.pk}] * 2
    started = run_start(run=run_preview(run=BulkRun.objects.latest("pk"), params={"kind": "csv"}))
    with finished(started).job.result.open() as file:
        assert unknown.name in file.read().decode("utf-8-sig")


def _two_schemes() -> tuple[Any, Any]:
    """Return a customer with a suggestion of two schemes, and the segment that the second one suggests."""
    chosen = customer(personnel=600)
    for code in ("B", "X"):
        scheme, segments = scheme_with(code, "C")
        in_force(scheme, {segments[code]: tree([at_least("personnel", 500)]), segments["C"]: ALL})
        run(scheme)
    return chosen, segments["X"]


@pytest.mark.parametrize("how", ["ticked", "all"])
def test_the_file_has_the_suggestions_that_were_listed_not_others_of_the_customers(client: Any, how: str) -> None:
    chosen, segment = _two_schemes()
    client.force_login(UserFactory(role="administrator", language="en"))
    ways = {"ticked": {"ids": [chosen.pk]}, "all": {"all": "1"}}
    given = {**ways[how], "list": "/suggestions/", "query": f"segment={segment.pk}"}
    client.post(reverse("core:bulk_choose", args=["customers.export"]), given)
    started = run_start(run=run_preview(run=BulkRun.objects.latest("pk"), params={"kind": "csv"}))
    with finished(started).job.result.open() as file:
        _head, *rows = file.read().decode("utf-8-sig").splitlines()
    assert len(rows) == 1
    assert "Class X" in rows[0]


def test_suggestions_are_accepted_in_the_scheme_that_is_listed_or_in_every_one(client: Any) -> None:
    chosen, segment = _two_schemes()
    client.force_login(UserFactory(role="administrator", language="en"))
    url = reverse("core:bulk_choose", args=["customers.accept_suggestion"])
    for listed, scheme in ((f"segment={segment.pk}", segment.scheme.pk), ("", None)):
        assert url in client.get(f"/suggestions/?{listed}").content.decode()
        asked = client.post(url, {"ids": [chosen.pk], "list": "/suggestions/", "query": listed}, follow=True)
        assert asked.context["form"]["scheme"].value() == scheme
    assert url not in client.get("/suggestions/?tab=unknown").content.decode()


def test_a_version_of_ones_own_and_one_that_is_no_draft_say_why_they_are_not_ours_to_change(client: Any) -> None:
    both = UserFactory(grants=["criteria.edit_criteria", "criteria.approve_criteria"])
    scheme, segments = scheme_with("C")
    own = draft_of(scheme, {segments["C"]: ALL}, both)
    client.force_login(both)
    answer = client.get(f"/criteria/{own.pk}/approve/")
    assert (answer.status_code, "You have prepared this version" in answer.content.decode()) == (403, True)
    CriteriaVersion.objects.filter(pk=own.pk).update(status="rejected")
    answer = client.get(f"/criteria/{own.pk}/rules/{segments['C'].pk}/")
    assert (answer.status_code, "Only a draft can be changed." in answer.content.decode()) == (403, True)


def test_a_retired_class_in_a_version_in_force_is_corrected_in_a_new_version(page: Any) -> None:
    scheme, segments = scheme_with("C")
    node = NodeFactory(name_en="Gone")
    named = Rule(2, "criteria.classes", {"rows": [node.pk]})
    version = in_force(scheme, {segments["C"]: Group(1, parts=(named,))})
    node.retired_at = clock.now()
    node.save()
    text = page.get(f"/criteria/{version.pk}/").content.decode()
    assert "was retired" in text
    assert "correct it in a new version" in text
    assert "cannot be sent on" not in text
