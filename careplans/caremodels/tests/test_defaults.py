"""The default models are those of the table of default actions, with TKU's annual clock beside them."""

from __future__ import annotations

from typing import Any

import pytest

from careplans.adherence.periods import Every, Months, NamedMonths, Once, OnEvent, Terms, Weeks
from careplans.caremodels.defaults import models_add
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.frequencies import engine_action, frequency_of
from careplans.caremodels.models import CareModel, ModelVersion, SkipReason, Term
from careplans.caremodels.selectors import actions_of, statutory_tasks, versions_in_force
from careplans.caremodels.services.versions import faults_of
from core import clock
from segmentation.schemes.services.sets import scheme_set_add

pytestmark = pytest.mark.django_db

OWNER, KEEPER, MARKETING = "role:owner", "group:key_account_manager", "group:sales_and_marketing"
COMMUNICATIONS, MANAGEMENT, PRODUCTS = "group:communications", "group:management", "group:product_manager"
COORDINATOR, ADMINISTRATION = "group:regional_coordinator", "group:services"
FIELD, PROJECTS = "group:pedagogical_manager", "group:projects"
WEEK, QUARTER, HALF, YEAR, TWO_YEARS = Weeks(1), Months(3), Months(6), Months(12), Months(24)
TERM, BULLETIN, APRIL = "term", NamedMonths((3, 9)), NamedMonths((4,))


def event(kind: str, days: int = 0) -> OnEvent:
    return OnEvent(frozenset({kind}), days)


#: Model, code, frequency, who, counts as contact, completed by.
TABLE: list[tuple[str, str, Any, tuple[str, ...], bool, tuple[str, ...]]] = [
    ("a", "contact", WEEK, (OWNER, KEEPER), True, ("activity",)),
    ("b", "contact", Every(60), (OWNER,), True, ("activity",)),
    ("work_based_learning_places", "contact", TERM, (COORDINATOR, OWNER), True, ("activity",)),
    ("a", "decision_maker_meeting", QUARTER, (OWNER, KEEPER), True, ("activity",)),
    ("a", "joint_planning", HALF, (OWNER, PRODUCTS), True, ("activity", "offer")),
    ("buying_organisations", "joint_planning", YEAR, (OWNER,), True, ("activity", "offer")),
    ("b", "needs_talk", HALF, (OWNER,), True, ("activity",)),
    ("a", "invitation", HALF, (MARKETING,), False, ("campaign",)),
    ("b", "invitation", YEAR, (MARKETING,), False, ("campaign",)),
    ("suppliers", "invitation", YEAR, (MARKETING,), False, ("campaign",)),
    ("buying_organisations", "invitation", YEAR, (MARKETING,), False, ("campaign",)),
    ("a", "bulletin", BULLETIN, (COMMUNICATIONS,), False, ("campaign",)),
    ("suppliers", "bulletin", BULLETIN, (COMMUNICATIONS,), False, ("campaign",)),
    ("buying_organisations", "bulletin", BULLETIN, (COMMUNICATIONS,), False, ("campaign",)),
    ("a", "annual_report", APRIL, (COMMUNICATIONS,), False, ("campaign",)),
    ("suppliers", "annual_report", APRIL, (COMMUNICATIONS,), False, ("campaign",)),
    ("buying_organisations", "annual_report", APRIL, (COMMUNICATIONS,), False, ("campaign",)),
    ("buying_organisations", "brochures", HALF, (MARKETING,), False, ("campaign",)),
    ("b", "christmas_card", NamedMonths((12,)), (MARKETING,), False, ("campaign",)),
    ("c", "direct_marketing", YEAR, (MARKETING,), False, ("campaign",)),
    ("work_based_learning_places", "instructor_training_marketing", TERM, (COORDINATOR,), False, ("campaign",)),
    ("a", "seminar", YEAR, (OWNER,), True, ("event",)),
    ("authorities", "seminar", YEAR, (MANAGEMENT,), True, ("event",)),
    ("a", "management_review", QUARTER, (MANAGEMENT,), False, ("minutes",)),
    ("a", "scorecard", NamedMonths((1, 12)), (OWNER,), False, ("plan",)),
    ("a", "plan_update", YEAR, (OWNER,), False, ("plan",)),
    ("b", "feedback_use", YEAR, (PRODUCTS,), False, ("activity",)),
    ("b", "competitor_review", YEAR, (OWNER,), False, ("activity",)),
    ("c", "potential_check", YEAR, (OWNER,), False, ("plan",)),
    ("c", "loss_decision", YEAR, (KEEPER,), False, ("plan",)),
    ("p", "first_contact", Once(14), (MARKETING,), False, ("activity",)),
    ("p", "mutual_contact", Once(30), (OWNER,), True, ("activity",)),
    ("p", "segment_decision", Once(180), (KEEPER,), False, ("plan",)),
    ("p", "first_experience", event("order_delivered", 14), (OWNER,), False, ("survey",)),
    ("suppliers", "cooperation_meeting", YEAR, (ADMINISTRATION,), True, ("activity",)),
    ("education_organisations", "cooperation_meeting", YEAR, (FIELD,), True, ("activity",)),
    ("suppliers", "quality_review", YEAR, (ADMINISTRATION,), True, ("activity",)),
    ("suppliers", "image_survey", TWO_YEARS, (COMMUNICATIONS,), False, ("survey",)),
    ("buying_organisations", "image_survey", TWO_YEARS, (COMMUNICATIONS,), False, ("survey",)),
    ("authorities", "funder_report", event("funder_date"), (MANAGEMENT,), True, ("activity",)),
    ("partner_institutions", "peer_review_visit", YEAR, (FIELD,), True, ("activity",)),
    ("partner_institutions", "benchmarking_visit", YEAR, (FIELD,), True, ("activity",)),
    ("partner_institutions", "project_contact", event("project_planned"), (PROJECTS,), True, ("activity",)),
    ("work_based_learning_places", "framework_talk", YEAR, (COORDINATOR,), True, ("activity",)),
]


def loaded() -> dict[tuple[str, str], Any]:
    versions = versions_in_force(clock.today()).values()
    return {(version.model.code, action.code): action for version in versions for action in version.actions.all()}


def test_what_is_loaded_is_the_table_of_default_actions():
    actions = loaded()
    assert sorted(actions) == sorted((model, code) for model, code, *_rest in TABLE)


@pytest.mark.parametrize(("model", "code", "frequency", "who", "is_contact", "completed"), TABLE)
def test_each_default_action_is_as_the_table_says(model, code, frequency, who, is_contact, completed):
    action = loaded()[model, code]
    found = frequency_of(action)
    assert isinstance(found, Terms) if frequency == TERM else found == frequency
    assert engine_action(action).responsible == who
    assert (action.is_contact, tuple(action.completed_by)) == (is_contact, completed)


def test_the_default_models_are_approved_from_the_day_of_loading_and_without_faults():
    versions = list(ModelVersion.objects.all())
    assert len(versions) == 10
    assert {version.status for version in versions} == {VersionStatus.APPROVED}
    assert all(version.valid_from is not None and version.goals_fi and version.goals_en for version in versions)
    assert [faults_of(actions_of(version)) for version in versions] == [[]] * len(versions)


def test_default_models_have_names_in_both_languages():
    for action in loaded().values():
        assert action.name_fi != action.name_en
        assert action.description_fi
        assert action.description_en


def test_loading_again_adds_nothing():
    assert models_add("care") == []
    assert CareModel.objects.count() == 10


def test_the_annual_clock_of_the_service_centre_is_in_each_portfolio():
    assert models_add("tku") == []  # its scheme is not here
    scheme_set_add(name="tku")
    versions = models_add("tku")
    assert len(versions) == 5
    rows = {action.code: action for action in actions_of(versions[0])}
    assert {code: sorted(action.months) for code, action in rows.items()} == {
        "fair": [3], "budget_values": [4, 11], "budget_meeting": [5, 12], "satisfaction_survey": [8],
        "survey_analysis": [10],
    }  # fmt: skip
    assert str(rows["fair"].responsible.get()) == "Hallintopalvelut"
    assert str(rows["budget_values"].recipient_team) == "Kumppanuuksien johto"
    assert rows["satisfaction_survey"].place == "WWW"


def test_terms_and_reasons_for_skipping_are_loaded():
    assert Term.objects.filter(first__year=clock.today().year).count() == 2
    assert not SkipReason.objects.get(code="no_time").is_accepted
    assert SkipReason.objects.get(code="customer_asked").is_accepted
    assert statutory_tasks() == []
